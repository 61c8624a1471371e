using System.Management.Automation;
using VgpuPS.Common;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.ShowHost;
using VgpuPS.Lab.Guests;

namespace VgpuPS.Commands;

/// <summary>Changes the inside of VMs of a simulated host, to rehearse what goes wrong: clock, driver, agent, licence server.</summary>
/// <example>
/// <code>Set-LabGuest 103 -ClockOffset '-03:00:00'; Set-LabGuest 104 -LicenseFault NoEntitlement</code>
/// <para>Sets the clock of one guest back, and takes the entitlement of another away.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "LabGuest", SupportsShouldProcess = true)]
[OutputType(typeof(GridLicenseInfo))]
public sealed class SetLabGuestCommand : SessionCommand
{
    /// <summary>VMs, by id or name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("VmName")]
    [ArgumentCompleter(typeof(Completers.VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] VmId { get; set; } = [];

    /// <summary>Guest's clock less the host's.</summary>
    [Parameter]
    public TimeSpan? ClockOffset { get; set; }

    /// <summary>What is wrong between the guest and its licence server.</summary>
    [Parameter]
    public LabLicenseFault? LicenseFault { get; set; }

    /// <summary>Version of the guest's driver; an empty text for none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Driver { get; set; }

    /// <summary>Whether the guest agent runs.</summary>
    [Parameter]
    public bool? AgentRuns { get; set; }

    /// <summary>Whether the guest's disk is full.</summary>
    [Parameter]
    public bool? DiskIsFull { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        foreach (var session in HostSessions.ForChanging(Session))
        {
            var lab = session as LabHostSession ?? throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"'{session.Name}' is no simulated host",
                "Connect one: Connect-VgpuHost -Lab A30,A30", session.Name);
            var inventory = await ReadingRunner.ReadAsync(sink, session, new ShowHostRequest(), token).ConfigureAwait(false);
            foreach (var name in VmId)
            {
                try
                {
                    var vm = Vms.Find(inventory.Report, name);
                    if (await sink.ConfirmAsync(new ChangePlan($"VM {vm}", ["Change the inside of the guest"], [])).ConfigureAwait(false))
                    {
                        lab.ChangeGuest(vm, Apply);
                    }
                }
                catch (VgpuException failure)
                {
                    sink.WriteFailure(failure);
                }
            }
        }
    });

    private void Apply(LabGuest guest)
    {
        guest.ClockOffsetSeconds = ClockOffset?.TotalSeconds ?? guest.ClockOffsetSeconds;
        guest.LicenseFault = LicenseFault ?? guest.LicenseFault;
        guest.Driver = Driver is null ? guest.Driver : Driver.Length == 0 ? null : Driver;
        guest.AgentRuns = AgentRuns ?? guest.AgentRuns;
        guest.DiskIsFull = DiskIsFull ?? guest.DiskIsFull;
    }
}
