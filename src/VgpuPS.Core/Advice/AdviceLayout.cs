using VgpuPS.Core.Layout;

namespace VgpuPS.Core.Advice;

/// <summary>The layout that makes GPUs what they should be.</summary>
internal static class AdviceLayout
{
    /// <summary>An identity of a GPU; null for the empty one of a GPU that no host has.</summary>
    public static string? Known(string? identity) => string.IsNullOrEmpty(identity) ? null : identity;

    /// <summary>Makes it.</summary>
    /// <param name="gpus">The GPUs that are used.</param>
    /// <returns>Null where GPUs of one model are to differ, and none of them has an address yet.</returns>
    /// <remarks>What VMs have is part of it, so that applying it does not ask for their GPU instances; those that hooks
    /// will make for VMs that are stopped too, so that they have their places.</remarks>
    public static HostLayout? Of(IReadOnlyList<(AdviceGpu Gpu, Filling Filling)> gpus)
    {
        var entries = gpus.Select(g => Of(g.Gpu, g.Filling)).ToList();
        if (gpus.All(g => Known(g.Gpu.Address) is not null))
        {
            return new HostLayout([.. entries]);
        }

        var models = entries.GroupBy(e => e.Gpu).ToList();
        return models.TrueForAll(m => m.Select(e => e.Describe()).Distinct().Count() == 1)
            ? new HostLayout([.. models.Select(m => m.First())]) : null;
    }

    private static GpuLayout Of(AdviceGpu gpu, Filling filling) => new()
    {
        Gpu = Known(gpu.Address) ?? gpu.Model,
        Sriov = gpu.HasFunctions ? true : null,
        Mig = gpu.HasMig ? filling.IsMig : null,
        Instances = filling.IsMig
            ?
            [
                .. gpu.Instances.Select(i => new InstanceLayout(
                    i.Profile, i.IsThere ? i.Placement.ToString() : null, i.ComputeInstances)),
                .. filling.NewInstances.Select(p => new InstanceLayout(p.Name)),
            ]
            : null,
        MixedSizes = filling.HasMixedSizes ? true : gpu.MixedSizes && !filling.IsMig ? false : null,
        Scheduler = FindScheduler(gpu, filling),
    };

    private static SchedulerLayout? FindScheduler(AdviceGpu gpu, Filling filling) =>
        filling.IsMig || gpu.Occupants.Count > 0 ? null
        : filling.HasFixedShares ? new SchedulerLayout(SchedulerPolicy.FixedShare)
        : gpu.Scheduler is null or SchedulerPolicy.BestEffort ? null
        : new SchedulerLayout();
}
