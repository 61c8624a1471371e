using VgpuPS.Core.Contracts;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Sets the scheduler of a GPU's time-sliced vGPUs until the driver is bound again; before any vGPU is on it.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Scheduler">What it is set to.</param>
/// <remarks>Source: facts/host-behaviour.md 3 and 6.</remarks>
public sealed record SetSchedulerStep(PciAddress Gpu, SchedulerLayout Scheduler) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text => $"set the vGPU scheduler to {Scheduler.Describe()}, GPU {Gpu}";
}
