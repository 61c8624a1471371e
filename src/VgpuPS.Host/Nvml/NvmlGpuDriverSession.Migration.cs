using VgpuPS.Core.Migration;

namespace VgpuPS.Host.Nvml;

internal sealed partial class NvmlGpuDriverSession
{
    public bool? GetEccMode(PciAddress gpu) =>
        api.DeviceGetEccMode(Find(gpu), out var current, out _) == NvmlStatus.Success ? current != 0 : null;

    public byte[]? GetVgpuMetadata(ActiveVgpu vgpu)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        return api.VgpuInstanceGetMetadata(vgpu.Handle, out var raw) == NvmlStatus.Success
            && VgpuMetadata.Read(raw) is not null ? raw : null;
    }

    public byte[]? GetGpuMetadata(PciAddress gpu) =>
        api.DeviceGetVgpuMetadata(Find(gpu), out var raw) == NvmlStatus.Success
        && PgpuMetadata.Read(raw) is not null ? raw : null;

    public VgpuCompatibility? Compare(byte[] vgpu, byte[] gpu)
    {
        ObjectDisposedException.ThrowIf(_closed, this);

        // The driver trusts the sizes that the structs say.
        return VgpuMetadata.Read(vgpu) is not null && PgpuMetadata.Read(gpu) is not null
            && api.GetVgpuCompatibility(vgpu, gpu, out var states, out var limits) == NvmlStatus.Success
            ? new VgpuCompatibility(states, limits) : null;
    }

    public (uint Min, uint Max)? GetVgpuVersions()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        return api.GetVgpuVersion(out _, out var current) == NvmlStatus.Success ? (current.Min, current.Max) : null;
    }
}
