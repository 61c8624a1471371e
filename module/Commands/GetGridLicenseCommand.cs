using System.Collections.Concurrent;
using System.Globalization;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Licensing;

namespace VgpuPS.Commands;

/// <summary>Shows the licences of running vGPUs, one row each, as the host's driver sees them; touches no
/// guest.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Get-GridLicense</code>
/// <para>Shows the licences of all running vGPUs of all connected hosts.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Get-GridLicense 101 -FromGuest | Format-List</code>
/// <para>Asks the guest of VM 101 as well: licence server, feature type, clock, and the last lines of its log.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "GridLicense", HelpUri = HelpPages.Licensing)]
[OutputType(typeof(GridLicenseInfo))]
public sealed class GetGridLicenseCommand : SessionCommand
{
    /// <summary>VMs, by id or name, wildcards in either. All without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VmName", "Name", "VM", "Id")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VmId { get; set; }

    /// <summary>Asks each guest as well, for what the host does not know: server, feature type, clock, log.</summary>
    [Parameter]
    public SwitchParameter FromGuest { get; set; }

    /// <summary>How guests are reached: Agent or Ssh. Without it the guest agent, or SSH where -GuestAddress is
    /// given.</summary>
    [Parameter]
    public GuestVia? Via { get; set; }

    /// <summary>Where SSH finds the guest, as ssh on the host takes it: root@10.0.0.5. The VM's name without
    /// it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? GuestAddress { get; set; }

    /// <summary>
    /// User of the guest and password, for SSH; a key of the host's root without it. It travels to the host in the
    /// session and is tried once.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [Credential]
    [ValidateNotNull]
    public PSCredential? GuestCredential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        var sessions = HostSessions.ForReading(Session);
        var missing = new ConcurrentBag<VgpuException>();
        await ReadingRunner.ForEachAsync(sink, sessions, async (session, stop) =>
        {
            var report = await ReadingRunner.ReadAsync(
                sink, session, new ReadHostRequest(), stop).ConfigureAwait(false);
            var rows = new List<object>();
            foreach (var vm in VmChoice.Find(report, VmId, missing.Add))
            {
                // A guest takes its time, so each is written as soon as it is known where no host waits for its turn.
                var found = await ReadAsync(sink, session, report, vm, stop).ConfigureAwait(false);
                if (sessions.Count == 1)
                {
                    found.ForEach(sink.WriteObject);
                }
                else
                {
                    rows.AddRange(found);
                }
            }

            return rows;
        }, token).ConfigureAwait(false);

        // A VM is missing where no host has it.
        foreach (var group in missing.GroupBy(m => m.Target).Where(g => g.Count() >= sessions.Count))
        {
            sink.WriteFailure(group.First());
        }
    });

    private async Task<List<object>> ReadAsync(
        ICommandSink sink, IHostSession session, HostReport report, VmReport vm, CancellationToken cancellationToken)
    {
        GridLicenseReport? guest = null;
        if (FromGuest && report.LicensesOf(vm).Any())
        {
            try
            {
                guest = await session.RunAsync(
                    HostUseCases.ReadGridLicense,
                    new ReadGridLicenseRequest
                    {
                        Vm = vm.Id.ToString(CultureInfo.InvariantCulture),
                        Via = Via,
                        GuestAddress = GuestAddress,
                        GuestLogin = Credentials.ToGuestLogin(GuestCredential),
                    },
                    new SinkObserver(sink, session.Name), cancellationToken).ConfigureAwait(false);
            }
            catch (VgpuException failure)
            {
                // What the host knows is written all the same.
                sink.WriteFailure(failure);
            }
        }

        return [.. report.LicensesOf(vm).Select(license => guest?.AddTo(license) ?? license)];
    }
}
