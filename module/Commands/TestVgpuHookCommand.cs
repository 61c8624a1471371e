using VgpuPS.Host.Operations.Hook;

namespace VgpuPS.Commands;

/// <summary>Checks that the hook of VMs is registered, is the right file, may be run, and lies in a storage for
/// snippets.</summary>
/// <example>
/// <code>Register-VgpuHook 101; Test-VgpuHook 101 | Where-Object -Not Passed</code>
/// <para>Shows what is wrong with the hook of VM 101.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "VgpuHook", HelpUri = HelpPages.Hook)]
[OutputType(typeof(VgpuHookTestInfo), typeof(bool))]
public sealed class TestVgpuHookCommand : SessionCommand
{
    /// <summary>VMs, by id or name, wildcards in either; all that have a vGPU or the hook without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VmName", "Name", "VM", "Id")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VmId { get; set; }

    /// <summary>Writes one true or false alone, for all checks, VMs and hosts together: false too where one cannot be
    /// asked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) => result is VgpuHookTestInfo { Passed: true };

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        var vms = await VmSessions.ExpandAsync(sink, Session, VmId, true, true, token).ConfigureAwait(false);
        if (VmId is { Length: > 0 } && vms.Length == 0)
        {
            return;
        }

        foreach (var (session, own) in await VmSessions.GroupAsync(sink, Session, vms, token).ConfigureAwait(false))
        {
            await sink.TryAsync(async () =>
            {
                var result = await session.RunAsync(
                    HostUseCases.TestVgpuHook,
                    new TestVgpuHookRequest { Vms = own },
                    new SinkObserver(sink, session.Name), token).ConfigureAwait(false);
                foreach (var value in result)
                {
                    sink.WriteObject(value);
                }
            }).ConfigureAwait(false);
        }
    });
}
