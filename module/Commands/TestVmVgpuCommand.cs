using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Commands;

/// <summary>Shows what a start of VMs would do now, as the hook plans it, or why it would fail; changes
/// nothing.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Test-VmVgpu 101</code>
/// <para>Shows what the start of VM 101 would do.</para>
/// </example>
/// <example>
/// <code>Test-VmVgpu 101,102 -Quiet</code>
/// <para>Says whether both VMs would get what they request.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "VmVgpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VmVgpuTestInfo), typeof(bool))]
public sealed class TestVmVgpuCommand : VmCommand
{
    /// <summary>Writes one true or false alone, for all VMs together: false too where one cannot be asked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) => result is VmVgpuTestInfo { Passed: true };

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        foreach (var name in VmId)
        {
            await sink.TryAsync(async () =>
            {
                foreach (var session in await VmSessions.FindAsync(sink, Session, [name], token).ConfigureAwait(false))
                {
                    var result = await session.RunAsync(
                        HostUseCases.TestVmVgpu, new TestVmVgpuRequest { Vm = name.Trim() },
                        new SinkObserver(sink, session.Name), token).ConfigureAwait(false);
                    sink.WriteObject(result);
                }
            }).ConfigureAwait(false);
        }
    });
}
