using VgpuPS.Host.Operations.Doctor;

namespace VgpuPS.Commands;

/// <summary>The doctor: looks on hosts for every fault that it knows, from the firmware to the VMs' licences.</summary>
/// <remarks>
/// It changes nothing and takes seconds. A check names the fault that it looks for. One that cannot look, for want of
/// root or because another fault is in its way, is Skipped and says why. Repair-VgpuHost executes what is Repairable.
/// </remarks>
/// <example>
/// <code>Test-VgpuHost | Where-Object -Not Passed</code>
/// <para>Shows what is wrong with the connected hosts.</para>
/// </example>
/// <example>
/// <code>Test-VgpuHost -Check Iommu*,Driver | Format-List Check,Verdict,Evidence,Cause,RecommendedAction</code>
/// <para>Looks at the IOMMU and at the driver alone, and shows all that was seen.</para>
/// </example>
/// <example>
/// <code>if (-not (Test-VgpuHost -Quiet)) { Repair-VgpuHost -WhatIf }</code>
/// <para>Shows what could be repaired, where something is wrong.</para>
/// </example>
/// <seealso cref="RepairVgpuHostCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "VgpuHost", HelpUri = HelpPages.Doctor)]
[OutputType(typeof(VgpuHostTestInfo), typeof(bool))]
public sealed class TestVgpuHostCommand : SessionCommand
{
    /// <summary>Checks or areas, wildcards allowed; all without it.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(HostCheckCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Check { get; set; }

    /// <summary>Writes one true or false alone, for all hosts together: false where a check failed or a host cannot be
    /// asked; a warning alone is true.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) =>
        result is VgpuHostTestInfo { Verdict: not nameof(CheckVerdict.Failed) };

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run((sink, token) => ReadingRunner.ForEachAsync(
        sink, HostSessions.ForReading(Session),
        async (session, stop) => (await session.RunAsync(
            HostUseCases.RunDoctor, new RunDoctorRequest { Checks = [.. Check ?? []] },
            new SinkObserver(sink, session.Name), stop)
            .ConfigureAwait(false)).Checks,
        token));
}
