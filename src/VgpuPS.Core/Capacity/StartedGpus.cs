using VgpuPS.Core.Steps;

namespace VgpuPS.Core.Capacity;

/// <summary>GPUs as a start leaves them, foretold from its plan.</summary>
internal static class StartedGpus
{
    // Behind all ids that a driver gives; it prefers the lowest.
    private const uint FirstPlannedId = 1u << 20;

    /// <summary>Plays the steps of a plan.</summary>
    /// <param name="gpus">GPUs before the start.</param>
    /// <param name="plan">What the start does.</param>
    public static IReadOnlyList<GpuState> After(IReadOnlyList<GpuState> gpus, StartPlan plan)
    {
        var after = gpus.ToArray();
        foreach (var step in plan.Steps)
        {
            var index = Array.FindIndex(after, g => g.Address == step.Gpu);
            after[index] = After(after[index], step);
        }

        return after;
    }

    private static GpuState After(GpuState gpu, PlanStep step) => step switch
    {
        EnableFunctionsStep enable => WithFunctions(gpu, enable.Count),
        DisableFunctionsStep => WithFunctions(gpu, 0),
        EnableMigModeStep => gpu with { Mig = new MigMode(true, true), Creatable = null },
        CreateInstanceStep create => gpu with
        {
            Creatable = null,
            Instances =
            [
                .. gpu.Instances,
                new GpuInstance(NextId(gpu), create.Profile.Id, create.Placement, []),
            ],
        },
        RemoveOrphanStep orphan => With(gpu, orphan.Function, f => f with
        {
            CurrentType = orphan.Uuid is null ? null : f.CurrentType,
            Devices = [.. f.Devices.Where(d => d.Uuid != orphan.Uuid)],
        }) with
        { Creatable = null },
        AttachDeviceStep attach => WithVgpu(gpu, attach),
        _ => gpu,
    };

    private static GpuInstanceId NextId(GpuState gpu) =>
        new(gpu.Instances.Select(i => i.Id.Value + 1).Append(FirstPlannedId).Max());

    /// <remarks>Assumed: functions come with the back end that takes its type from a file.</remarks>
    private static GpuState WithFunctions(GpuState gpu, int count) => gpu with
    {
        Gpu = gpu.Gpu with { EnabledFunctions = count },
        Creatable = null,
        Functions = [.. RemainingCapacity.Predicted(gpu).Take(count).Select((address, i) => new VirtualFunction(
            address, gpu.Address, i, "nvidia", null, VgpuBackend.VendorVfio, null, []))],
    };

    private static GpuState WithVgpu(GpuState gpu, AttachDeviceStep attach)
    {
        var uuid = attach.Request.Uuid;
        var instance = attach.IsThere ? null : GpuCapacity.From(gpu).FindInstance(attach.Type);
        var isThere = attach.IsThere && gpu.Active.Any(a => a.MdevUuid == uuid);
        return With(gpu, attach.Function, f => attach.IsThere ? f
            : f.Backend == VgpuBackend.VendorVfio ? f with { CurrentType = attach.Type.Id }
            : f with { Devices = [.. f.Devices, new MediatedDevice(uuid, attach.Type.Id, f.Address)] }) with
        {
            Active = isThere ? gpu.Active
                : [.. gpu.Active, new ActiveVgpu(0, attach.Type.Id, uuid.Value, uuid, instance)],
        };
    }

    private static GpuState With(
        GpuState gpu, PciAddress function, Func<VirtualFunction, VirtualFunction> change) => gpu with
        {
            Functions = [.. gpu.Functions.Select(f => f.Address == function ? change(f) : f)],
        };
}
