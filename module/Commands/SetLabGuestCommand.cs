using System.Globalization;
using System.Net;
using System.Security;
using VgpuPS.Lab.Guests;

namespace VgpuPS.Commands;

/// <summary>Changes the inside of VMs of a simulated host, to rehearse what goes wrong: clock, driver, agent, licence
/// server, CUDA.</summary>
/// <example>
/// <code>Set-LabGuest 103 -ClockOffset '-03:00:00'; Set-LabGuest 104 -LicenseFault NoEntitlement</code>
/// <para>Sets the clock of one guest back, and takes the entitlement of another away.</para>
/// </example>
/// <example>
/// <code>
/// Enable-Sriov 0
/// Add-VmVgpu 101 A30-6C
/// Start-LabVm 101
/// Set-LabGuest 101 -GpuLoad 40
/// Get-VgpuMetric vgpu_sm*
/// </code>
/// <para>Lets a guest use its vGPU, and measures it.</para>
/// </example>
/// <seealso cref="GetVgpuMetricCommand"/>
/// <seealso cref="NewLabTokenCommand"/>
/// <seealso cref="StartLabVmCommand"/>
[Cmdlet(VerbsCommon.Set, "LabGuest", SupportsShouldProcess = true, HelpUri = HelpPages.Lab)]
[OutputType(typeof(void))]
public sealed class SetLabGuestCommand : VmCommand
{
    /// <summary>Guest's clock less the host's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public TimeSpan? ClockOffset { get; set; }

    /// <summary>What is wrong between the guest and its licence server.</summary>
    [Parameter]
    public LabLicenseFault? LicenseFault { get; set; }

    /// <summary>Version of the guest's driver; an empty text for none.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [AllowEmptyString]
    public string? Driver { get; set; }

    /// <summary>Whether the guest agent runs.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BooleanCompleter))]
    public bool? AgentRuns { get; set; }

    /// <summary>Whether the guest's disk is full.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BooleanCompleter))]
    public bool? DiskIsFull { get; set; }

    /// <summary>Whether the CUDA library of the guest's driver is missing.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BooleanCompleter))]
    public bool? CudaIsMissing { get; set; }

    /// <summary>CUDA's own programs that the guest has, for <c>Measure-VgpuPerformance -Tool Cuda</c>; an empty list
    /// for none.</summary>
    [Parameter]
    [ValidateSet("bandwidthTest", "nvbandwidth", "cutlass_profiler")]
    [AllowEmptyCollection]
    public string[]? CudaTool { get; set; }

    /// <summary>Whether the guest has no compute instance, so that CUDA finds no device on a MIG-backed vGPU.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BooleanCompleter))]
    public bool? ComputeInstanceIsMissing { get; set; }

    /// <summary>Time after which the guest's kernel stops for ever; the VM runs on, and has to be started
    /// anew.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public TimeSpan? DiesAfter { get; set; }

    /// <summary>Time after which the guest's licence ends, as where its server does not renew it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public TimeSpan? LicenseEndsAfter { get; set; }

    /// <summary>Password that the guest's sshd wants; an empty one for the key of the host's root again.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNull]
    public SecureString? SshPassword { get; set; }

    /// <summary>What the running guest makes of each of its vGPUs, in percent of what the vGPU can use at
    /// most.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(0.0, 100.0)]
    public double? GpuLoad { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var changes = FindChanges();
        Run(async (sink, token) =>
        {
            if (changes.Count == 0)
            {
                throw new InvalidRequestException(
                    ErrorIds.NothingToChange, "nothing to change in the guest is specified",
                    "name it: Set-LabGuest 101 -Driver ''");
            }

            foreach (var session in HostSessions.ForChanging(Session))
            {
                await ChangeAsync(sink, session, changes, token).ConfigureAwait(false);
            }
        });
    }

    private async Task ChangeAsync(
        ICommandSink sink, IHostSession session, IReadOnlyList<(string Step, Action<LabGuest> Do)> changes,
        CancellationToken cancellationToken)
    {
        var lab = session as LabHostSession ?? throw new InvalidRequestException(
            ErrorIds.NotALab, $"'{session.Name}' is not a simulated host",
            "connect one: Connect-VgpuHost -Lab A30,A30", session.Name);
        var report = await ReadingRunner.ReadAsync(
            sink, session, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken)
            .ConfigureAwait(false);
        foreach (var name in await VmSessions.ExpandAsync(sink, [session.Name], VmId, false, true, cancellationToken)
            .ConfigureAwait(false))
        {
            await sink.TryAsync(async () =>
            {
                var vm = Vms.Find(report, name);
                lab.FindGuest(vm);
                if (await sink.ConfirmAsync(
                    new ChangePlan($"VM {vm}", [.. changes.Select(c => c.Step)], [])).ConfigureAwait(false))
                {
                    lab.ChangeGuest(vm, guest => changes.ToList().ForEach(c => c.Do(guest)));
                    if (GpuLoad is { } load)
                    {
                        lab.Host.SetLoad(vm.Value, load);
                    }

                    if (LicenseEndsAfter is { } left)
                    {
                        lab.Host.LetLicenseEnd(vm.Value, left);
                    }

                    if (DiesAfter is { } time)
                    {
                        lab.Host.LetGuestDie(vm.Value, time);
                    }
                }
            }).ConfigureAwait(false);
        }
    }

    private List<(string Step, Action<LabGuest> Do)> FindChanges() =>
        [.. FindLicenseChanges(), .. FindSystemChanges(), .. FindCudaChanges(), .. FindLoadAndLoginChanges()];

    private IEnumerable<(string Step, Action<LabGuest> Do)> FindLicenseChanges()
    {
        if (ClockOffset is { } offset)
        {
            yield return (
                offset == TimeSpan.Zero ? "correct the guest's clock" : string.Create(
                    CultureInfo.InvariantCulture,
                    $"set the guest's clock {offset.Duration():c} {(offset < TimeSpan.Zero ? "behind" : "ahead of")} "
                        + $"the host's"),
                g => g.ClockOffsetSeconds = offset.TotalSeconds);
        }

        if (LicenseFault is { } fault)
        {
            yield return (
                fault == LabLicenseFault.None ? "make licensing work" : $"make licensing fail: {fault}",
                g => g.LicenseFault = fault);
        }

        if (LicenseEndsAfter is { } left)
        {
            yield return (
                $"let the guest's licence end after {left.ToString("c", CultureInfo.InvariantCulture)}", _ => { }
            );
        }

        if (Driver is { } driver)
        {
            yield return (
                driver.Length == 0 ? "remove the guest's driver" : $"set the guest's driver to {driver}",
                g => g.Driver = driver.Length == 0 ? null : driver);
        }
    }

    private IEnumerable<(string Step, Action<LabGuest> Do)> FindSystemChanges()
    {
        if (AgentRuns is { } runs)
        {
            yield return ($"{(runs ? "start" : "stop")} the guest agent", g => g.AgentRuns = runs);
        }

        if (DiskIsFull is { } isFull)
        {
            yield return (isFull ? "fill the guest's disk" : "free space on the guest's disk",
                g => g.DiskIsFull = isFull);
        }
    }

    private IEnumerable<(string Step, Action<LabGuest> Do)> FindLoadAndLoginChanges()
    {
        if (GpuLoad is { } load)
        {
            yield return (
                string.Create(CultureInfo.InvariantCulture, $"let the guest use {load} % of its vGPUs"), _ => { }
            );
        }

        if (SshPassword is { } secret)
        {
            var password = new NetworkCredential("", secret).Password;
            yield return (
                password.Length == 0 ? "accept the host's key over SSH" : "accept only a password over SSH",
                g => g.SshPassword = password.Length == 0 ? null : password);
        }
    }

    private IEnumerable<(string Step, Action<LabGuest> Do)> FindCudaChanges()
    {
        if (CudaIsMissing is { } isMissing)
        {
            yield return (
                isMissing ? "remove the guest's libcuda.so.1" : "restore the guest's libcuda.so.1",
                g => g.CudaIsMissing = isMissing);
        }

        if (CudaTool is { } tools)
        {
            yield return (
                tools.Length == 0 ? "remove CUDA's programs from the guest"
                    : $"install {string.Join(", ", tools)} in the guest",
                g => g.CudaTools = [.. tools]);
        }

        if (ComputeInstanceIsMissing is { } hasNone)
        {
            yield return (
                hasNone ? "remove the guest's compute instance" : "restore the guest's compute instance",
                g => g.ComputeInstanceIsMissing = hasNone);
        }

        if (DiesAfter is { } time)
        {
            yield return (
                $"stop the guest's kernel after {time.ToString("c", CultureInfo.InvariantCulture)}", _ => { }
            );
        }
    }
}
