using System.Globalization;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Commands;

/// <summary>Shows what a start of VMs would do now, as the hook plans it, or why it would fail; changes
/// nothing.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Test-VmVgpu 101</code>
/// <para>Shows what the start of VM 101 would do.</para>
/// <output>
///    Host: lab
/// VM                 Passed vGPU  Hook  What a start would do
/// --                 ------ ----  ----  ---------------------
/// 101 (web)          True   True  True  create A30-6C (type 685) on function 0000:4b:00.4 for hostpci0
/// </output>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101,102 A30-6C; Test-VmVgpu</code>
/// <para>Shows it for all VMs that have a vGPU.</para>
/// </example>
/// <example>
/// <code>Test-VmVgpu 101,102 -Quiet</code>
/// <para>Says whether both VMs would get what they request.</para>
/// </example>
/// <seealso cref="GetVgpuEventCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "VmVgpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VmVgpuTestInfo), typeof(bool))]
public sealed class TestVmVgpuCommand : SessionCommand
{
    /// <summary>VMs, by id or name, wildcards in either. All that have a vGPU and are no templates without
    /// it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("VmName", "Name", "VM", "Id")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VmId { get; set; }

    /// <summary>Writes one true or false alone, for all VMs together: false too where one cannot be asked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) => result is VmVgpuTestInfo { Passed: true };

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        if (VmId is null)
        {
            foreach (var session in HostSessions.ForReading(Session))
            {
                await sink.TryAsync(() => TestAllAsync(sink, session, token)).ConfigureAwait(false);
            }

            return;
        }

        foreach (var name in await VmSessions.ExpandAsync(sink, Session, VmId, false, false, token)
            .ConfigureAwait(false))
        {
            await sink.TryAsync(async () =>
            {
                foreach (var session in await VmSessions.FindAsync(sink, Session, [name], token).ConfigureAwait(false))
                {
                    await TestAsync(sink, session, name, token).ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
        }
    });

    private async Task TestAllAsync(ICommandSink sink, IHostSession session, CancellationToken cancellationToken)
    {
        var report = await ReadingRunner.ReadAsync(
            sink, session, new ReadHostRequest(DriverMayBeMissing: true), cancellationToken).ConfigureAwait(false);
        foreach (var vm in report.Vms.Where(v => v.Vgpus.Count > 0 && !v.IsTemplate))
        {
            await sink.TryAsync(() => TestAsync(
                sink, session, vm.Id.ToString(CultureInfo.InvariantCulture), cancellationToken)).ConfigureAwait(false);
        }
    }

    private async Task TestAsync(
        ICommandSink sink, IHostSession session, string vm, CancellationToken cancellationToken)
    {
        var result = await session.RunAsync(
            HostUseCases.TestVmVgpu, new TestVmVgpuRequest { Vm = vm }, new SinkObserver(sink, session.Name),
            cancellationToken).ConfigureAwait(false);
        sink.WriteObject(result);
        if (result.Overcommitment is { } text && _said.Add(text))
        {
            sink.WriteWarning($"{session.Name}: {text}");
        }
    }
}
