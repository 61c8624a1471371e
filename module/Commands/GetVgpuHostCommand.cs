using System.Management.Automation;
using VgpuPS.Common;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Commands;

/// <summary>Shows the connected hosts: kernel, driver, Proxmox VE, how vGPUs are handed out, IOMMU, GPUs.</summary>
/// <example>
/// <code>Get-VgpuHost</code>
/// <para>Shows all connected hosts, or this machine where none is connected.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "VgpuHost")]
[OutputType(typeof(HostInfo))]
public sealed class GetVgpuHostCommand : SessionCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Run((sink, token) => ReadingRunner.RunAsync(
        sink, HostSessions.ForReading(Session), new ShowHostRequest(DriverMayBeMissing: true),
        (inventory, session, _) => [inventory.ToHost(session.Kind).InLocalTime()], token));
}
