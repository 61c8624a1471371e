
namespace VgpuPS.Core.Steps;

/// <summary>Lets time-sliced vGPUs of several sizes share a GPU, or not; before any vGPU is on it.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Enabled">Whether they may.</param>
/// <remarks>Source: facts/host-behaviour.md 3 and 5.</remarks>
public sealed record SetMixedSizesStep(PciAddress Gpu, bool Enabled) : GpuStep(Gpu)
{
    /// <inheritdoc/>
    protected override string What => $"{(Enabled ? "enable" : "disable")} mixed sizes of vGPUs";
}

/// <summary>Sets the scheduler of a GPU's time-sliced vGPUs until the driver is bound again; before any vGPU is on
/// it.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Scheduler">What it is set to.</param>
/// <remarks>Source: facts/host-behaviour.md 3 and 6.</remarks>
public sealed record SetSchedulerStep(PciAddress Gpu, SchedulerLayout Scheduler) : GpuStep(Gpu)
{
    /// <inheritdoc/>
    protected override string What => $"set the vGPU scheduler to {Scheduler.Describe()}";
}

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
        $"write the vGPU scheduler {Scheduler.Describe()} of GPU {Gpu} to {Path} (it takes effect after "
            + "update-initramfs -u and a reboot)";
}
