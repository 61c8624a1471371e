using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Commands;

/// <summary>Releases what VMs left that neither run nor start: claims, devices, reservations, idle GPU
/// instances.</summary>
/// <remarks>
/// A timer of the host does it each minute, and each start of a VM before its own work; what a user or a layout made is
/// never touched.
/// </remarks>
/// <example>
/// <code>Invoke-VgpuSweep -WhatIf</code>
/// <para>Shows what would be released; nothing on a host whose VMs ended in order.</para>
/// </example>
/// <seealso cref="GetVgpuClaimCommand"/>
/// <seealso cref="GetVgpuEventCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "VgpuSweep", SupportsShouldProcess = true, HelpUri = HelpPages.Hook)]
[OutputType(typeof(HostInfo))]
public sealed class InvokeVgpuSweepCommand : ChangingCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Change(HostUseCases.SweepHost, () => [new SweepHostRequest()]);

    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true);

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        [report.ToHost(HostSessions.Find(report.VgpuHost).Kind)];
}
