using VgpuPS.Core.Migration;

namespace VgpuPS.Lab.Nvml;

public sealed partial class LabNvml
{
    // Assumed: one range for all branches.
    private const uint LowestVgpuVersion = 0x0B0001;
    private const uint HighestVgpuVersion = 0x120001;

    /// <inheritdoc/>
    /// <remarks>Assumed: all boards of the lab have ECC.</remarks>
    public NvmlStatus DeviceGetEccMode(NvmlDevice device, out uint current, out uint pending)
    {
        var status = Ask(
            "nvmlDeviceGetEccMode", device, out uint mode, 0u,
            gpu => (NvmlStatus.Success, gpu.HasEcc ? 1u : 0u));
        current = pending = mode;
        return status;
    }

    /// <inheritdoc/>
    /// <remarks>Source: facts/cluster.md D10: guest fields hold once its driver is up.</remarks>
    public NvmlStatus VgpuInstanceGetMetadata(uint vgpuInstance, out byte[] metadata) => AskVgpu(
        "nvmlVgpuInstanceGetMetadata", vgpuInstance, out metadata, [], (gpu, vgpu) =>
        {
            var guest = vgpu.GuestDriver ?? FindGuest(vgpu)?.Driver;
            return (NvmlStatus.Success, new VgpuMetadata(
                guest is not null, guest ?? "", _host.State.Setup.DriverVersion,
                LabVgpuMigration.FindObstacle(vgpu) is null, HighestVgpuVersion)
                .Write(LabVgpuMigration.Describe(gpu, vgpu)));
        });

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuMetadata(NvmlDevice device, out byte[] metadata) => Ask(
        "nvmlDeviceGetVgpuMetadata", device, out metadata, [], gpu => WithVgpus(
            () => new PgpuMetadata(
                _host.State.Setup.DriverVersion, true, LowestVgpuVersion, HighestVgpuVersion)
                .Write(LabVgpuMigration.Describe(gpu, null)),
            []));

    /// <inheritdoc/>
    public NvmlStatus GetVgpuCompatibility(byte[] vgpu, byte[] pgpu, out uint states, out uint limits)
    {
        var status = AskLibrary(
            "nvmlGetVgpuCompatibility", out VgpuCompatibility answer, new VgpuCompatibility(0, 0),
            () => VgpuMetadata.Read(vgpu) is { } one && PgpuMetadata.Read(pgpu) is { } other
                && LabVgpuMigration.Compare(
                    one, vgpu.AsSpan(VgpuMetadata.HeaderSize), other, pgpu.AsSpan(PgpuMetadata.HeaderSize)) is { } found
                ? (NvmlStatus.Success, found)
                : (NvmlStatus.InvalidArgument, new VgpuCompatibility(0, 0)));
        (states, limits) = (answer.States, answer.Limits);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GetVgpuVersion(out NvmlVersionRange supported, out NvmlVersionRange current)
    {
        var status = AskLibrary(
            "nvmlGetVgpuVersion", out NvmlVersionRange range, default,
            () => WithVgpus(() => new NvmlVersionRange(LowestVgpuVersion, HighestVgpuVersion), default));
        supported = current = range;
        return status;
    }
}
