using System.Globalization;
using VgpuPS.Host.Operations.Licensing;

namespace VgpuPS.Commands;

/// <summary>Looks whether running vGPUs have their licence, and for long enough, by the host's driver and
/// clock.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Test-GridLicense -ExpiresWithin '02:00:00'</code>
/// <para>Reports all running vGPUs which have no licence, or one that ends within two hours.</para>
/// </example>
/// <example>
/// <code>Test-GridLicense 101,102 -Quiet</code>
/// <para>Says whether all vGPUs of two VMs are licensed.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "GridLicense", HelpUri = HelpPages.Licensing)]
[OutputType(typeof(GridLicenseTestInfo), typeof(bool))]
public sealed class TestGridLicenseCommand : SessionCommand
{
    /// <summary>VMs, by id or name, wildcards in either. All that have a running vGPU without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VmName", "Name", "VM", "Id")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VmId { get; set; }

    /// <summary>A licence that ends within this time does not pass.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public TimeSpan ExpiresWithin { get; set; }

    /// <summary>Writes one true or false alone, for all vGPUs and hosts together: false too where one cannot be
    /// asked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (ExpiresWithin < TimeSpan.Zero)
        {
            ThrowTerminatingError(ErrorRecords.From(new InvalidRequestException(
                ErrorIds.TimeOutOfRange, "a licence cannot end within a time in the past",
                "specify a time in the future: -ExpiresWithin '02:00:00'", ExpiresWithin.ToString("c",
                    CultureInfo.InvariantCulture))));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        var vms = await VmSessions.ExpandAsync(sink, Session, VmId, false, false, token).ConfigureAwait(false);
        foreach (var group in VmId is null ? [vms] : vms.Select(v => new[] { v }))
        {
            await sink.TryAsync(async () =>
            {
                var sessions = await VmSessions.FindAsync(sink, Session, group, token).ConfigureAwait(false);
                await ReadingRunner.ForEachAsync(
                    sink, sessions, (session, stop) => TestAsync(sink, session, group, stop),
                    token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    });

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) => result is GridLicenseTestInfo { Passed: true };

    private async Task<IEnumerable<object>> TestAsync(
        ICommandSink sink, IHostSession session, string[] vms, CancellationToken cancellationToken) =>
        await session.RunAsync(
            HostUseCases.TestGridLicenses, new TestGridLicensesRequest(vms, (long)ExpiresWithin.TotalSeconds),
            new SinkObserver(sink, session.Name), cancellationToken).ConfigureAwait(false);
}
