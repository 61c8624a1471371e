using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;

namespace VgpuPS.Commands;

/// <summary>Sets how time-sliced vGPUs share GPUs, before any vGPU is there.</summary>
/// <remarks>
/// Lost at a reboot, when the driver is reloaded and when functions are enabled or disabled. -Persist keeps it; a
/// layout sets it at
/// each boot.
/// </remarks>
/// <example>
/// <code>Enable-Sriov 0; Set-VgpuScheduler 0 -Policy EqualShare -TimesliceMilliseconds 2</code>
/// <para>Gives the running vGPUs of GPU 0 equal parts, in slices of 2 ms.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0,1; Get-Gpu | Set-VgpuScheduler -Policy FixedShare -Persist</code>
/// <para>Sets all GPUs, and keeps it over reboots in the driver's module options.</para>
/// </example>
/// <seealso cref="EnableVgpuMixedSizeCommand"/>
[Cmdlet(VerbsCommon.Set, "VgpuScheduler", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VgpuSchedulerInfo))]
public sealed class SetVgpuSchedulerCommand : GpuChangingCommand
{
    /// <summary>Best effort, equal parts among the running vGPUs, or equal parts among those that fit.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public SchedulerPolicy Policy { get; set; }

    /// <summary>Length of a slice in milliseconds; the driver's own without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TimesliceCompleter))]
    public int? TimesliceMilliseconds { get; set; }

    /// <summary>
    /// Writes the setting into the driver's module options as well; it takes effect after update-initramfs -u and a
    /// reboot.
    /// </summary>
    [Parameter]
    public SwitchParameter Persist { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ApplyToGpus(
        gpu => new GpuLayout { Gpu = gpu, Scheduler = new SchedulerLayout(Policy, TimesliceMilliseconds) },
        persist: Persist);

    private protected override IEnumerable<HostObject> Pick(
        HostReport report, ChangedObject changed) => report.Gpus
        .Where(g => g.GpuAddress == changed.GpuAddress).Select(report.SchedulerOf).OfType<HostObject>();
}
