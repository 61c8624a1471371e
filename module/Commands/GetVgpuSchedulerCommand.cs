namespace VgpuPS.Commands;

/// <summary>Shows how time-sliced vGPUs share GPUs; nothing for a GPU in MIG mode, which has no such
/// scheduler.</summary>
/// <example>
/// <code>Get-VgpuScheduler</code>
/// <para>Shows the scheduler of each GPU.</para>
/// </example>
/// <seealso cref="EnableVgpuMixedSizeCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuScheduler", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VgpuSchedulerInfo))]
public sealed class GetVgpuSchedulerCommand : GpuReadingCommand
{
    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) =>
        report.SchedulerOf(gpu) is { } scheduler ? [scheduler] : [];
}
