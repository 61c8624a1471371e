using VgpuPS.Host.Operations.Doctor;

namespace VgpuPS.Commands;

/// <summary>
/// Executes the safe fixes of what Test-VgpuHost finds: services, the hook's file, snippets, sweep, layout.
/// </summary>
/// <remarks>
/// It repairs what is marked Repairable, through the same plans as the commands for it, and lets the doctor look again.
/// All else is reported by Test-VgpuHost with its command, and left to the admin.
/// </remarks>
/// <example>
/// <code>
/// Export-VgpuLayout -Save; Enable-Sriov 0
/// Test-VgpuHost | Where-Object Repairable
/// Repair-VgpuHost -WhatIf
/// </code>
/// <para>Shows what can be repaired, and how.</para>
/// </example>
/// <example>
/// <code>Export-VgpuLayout -Save; Repair-VgpuHost -Check LayoutDiffers</code>
/// <para>Applies the layout to GPUs that differ from it.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Repair, "VgpuHost", SupportsShouldProcess = true, HelpUri = HelpPages.Doctor)]
[OutputType(typeof(HostInfo))]
public sealed class RepairVgpuHostCommand : ChangingCommand
{
    /// <summary>Checks or areas, wildcards allowed; all that can be repaired without it.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(HostCheckCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Check { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        Change(HostUseCases.RepairHost, () => [new RepairHostRequest { Checks = [.. Check ?? []] }]);

    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true);

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        [report.ToHost(HostSessions.Find(report.VgpuHost).Kind)];
}
