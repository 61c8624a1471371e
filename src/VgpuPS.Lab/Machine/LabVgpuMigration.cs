using VgpuPS.Core.Migration;

namespace VgpuPS.Lab.Machine;

/// <summary>What NVIDIA's driver allows of a vGPU that is migrated live, whether it is asked before or meets it on the
/// way.</summary>
/// <remarks>
/// Source: facts/cluster.md D9, D10: host drivers of one version, the same ECC mode, no unified memory, debugger or
/// profiler. Assumed: the same model; what a driver keeps in the opaque data.
/// </remarks>
internal static class LabVgpuMigration
{
    private const uint HostDriver = 1;
    private const uint Gpu = 4;
    private const uint Other = 0x80000000;
    private const uint Cold = 1;
    private const uint All = 15;
    private const int DescribedParts = 3;

    private static readonly string[] s_pinning = ["enable_uvm=1", "enable_profiling=1", "enable_debugging=1"];

    /// <summary>The opaque data of a vGPU, or of a GPU.</summary>
    public static byte[] Describe(LabGpu gpu, LabVgpu? vgpu) => Encoding.ASCII.GetBytes(
        $"{gpu.Model.Name};{(gpu.HasEcc ? "ecc" : "no ecc")};{(vgpu is null ? null : FindObstacle(vgpu))}");

    /// <summary>The parameter that keeps a vGPU where it is; null for none.</summary>
    public static string? FindObstacle(LabVgpu vgpu) =>
        s_pinning.FirstOrDefault(vgpu.ActiveParameters.Split(',').Contains);

    /// <summary>What a vGPU can do on a GPU; null where the opaque data are not those of a vGPU and of a GPU.</summary>
    public static VgpuCompatibility? Compare(
        VgpuMetadata vgpu, ReadOnlySpan<byte> ownVgpu, PgpuMetadata gpu, ReadOnlySpan<byte> ownGpu)
    {
        var (one, other) = (Encoding.ASCII.GetString(ownVgpu).Split(';'), Encoding.ASCII.GetString(ownGpu).Split(';'));
        if (one.Length != DescribedParts || other.Length != DescribedParts)
        {
            return null;
        }

        var limits = (vgpu.HostDriver == gpu.HostDriver ? 0 : HostDriver)
            | (one.Take(2).SequenceEqual(other.Take(2)) ? 0 : Gpu) | (vgpu.CanMigrate ? 0 : Other);
        return new VgpuCompatibility(limits == 0 ? All : (limits & Gpu) != 0 ? 0 : Cold, limits);
    }

    /// <summary>Why the state of a VM's vGPUs does not arrive on another node; null where it does.</summary>
    public static string? FindClash(LabHost source, LabHost target, VmId vm)
    {
        var (here, there) = (Find(source, vm), Find(target, vm));
        foreach (var ((gpu, vgpu), (gpuThere, _)) in here.Zip(there))
        {
            if (FindObstacle(vgpu) is { } parameter)
            {
                return $"{parameter} of its vGPU";
            }

            if (source.State.Setup.DriverVersion != target.State.Setup.DriverVersion)
            {
                return $"host driver {source.State.Setup.DriverVersion}, there {target.State.Setup.DriverVersion}";
            }

            if (!Describe(gpu, null).SequenceEqual(Describe(gpuThere, null)))
            {
                return "another GPU or ECC mode";
            }
        }

        return null;
    }

    private static List<(LabGpu Gpu, LabVgpu Vgpu)> Find(LabHost host, VmId vm) => host.With(state =>
        state.Processes.Find(p => p.Vm == vm.Value) is not { } qemu ? []
            : state.Gpus.SelectMany(g => g.Vgpus.Where(v => v.Holder == qemu.Pid).Select(v => (g, v))).ToList());
}
