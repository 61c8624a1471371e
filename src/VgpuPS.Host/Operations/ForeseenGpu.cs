using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations;

/// <summary>A GPU as it will be once what was planned before is done.</summary>
internal static class ForeseenGpu
{
    // The driver numbers GPU instances with a byte's worth of ids.
    private const uint FirstId = 1 << 16;

    /// <summary>Whether an instance is not there yet, so that the driver cannot be asked about it.</summary>
    public static bool IsForeseen(GpuInstance instance) => instance.Id.Value >= FirstId;

    /// <summary>The GPU with instances and vGPUs that will be created.</summary>
    public static GpuState On(IReadOnlyList<ForeseenChange> foreseen, GpuState gpu)
    {
        if (foreseen.Count == 0)
        {
            return gpu;
        }

        var address = gpu.Address.ToString();
        var instances = foreseen.SelectMany(f => f.Instances).Where(i => i.GpuAddress == address)
            .Select((i, number) => new GpuInstance(
                new GpuInstanceId(FirstId + (uint)number), new ProfileId(i.ProfileId), new Placement(i.Start, i.Size),
                i.HasComputeInstance ? [new ComputeInstance(default, default)] : []));
        var vgpus = foreseen.SelectMany(f => f.Vgpus).ToLookup(v => v.FunctionAddress);
        return gpu with
        {
            Instances = [.. gpu.Instances, .. instances],
            Functions =
            [
                .. gpu.Functions.Select(f => vgpus[f.Address.ToString()].Aggregate(f, (function, vgpu) =>
                    f.Backend == VgpuBackend.Mdev && MdevUuid.TryParse(vgpu.MdevUuid, out var uuid)
                        ? function with
                        {
                            Devices =
                            [
                                .. function.Devices,
                                new MediatedDevice(uuid, new VgpuTypeId(vgpu.VgpuTypeId), f.Address),
                            ],
                        }
                        : function with { CurrentType = new VgpuTypeId(vgpu.VgpuTypeId) })),
            ],
        };
    }
}
