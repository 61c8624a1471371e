using VgpuPS.Core.Contracts;
using VgpuPS.Core.Pci;

namespace VgpuPS.Core.Mig.Plans;

/// <summary>Writes the scheduler into the driver's module options, from where the next boot takes it.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Scheduler">What it is set to.</param>
/// <param name="Path">The file of module options.</param>
/// <param name="Before">Its text now; null when there is none.</param>
/// <param name="After">Its text then.</param>
/// <remarks>Source: facts/host-behaviour.md 6.</remarks>
public sealed record PersistSchedulerStep(
    PciAddress Gpu, SchedulerLayout Scheduler, string Path, string? Before, string After) : PlanStep(Gpu)
{
    /// <inheritdoc/>
    public override string Text =>
        $"write the vGPU scheduler {Scheduler.Describe()} of GPU {Gpu} to {Path} (it counts after update-initramfs -u and a reboot)";
}
