using VgpuPS.Host.Operations.Mappings;

namespace VgpuPS.Commands;

/// <summary>
/// Checks cluster mappings on each connected node, which alone can judge its own entries: whether they match the
/// hardware, whether functions have no entry, whether its VMs name mappings that exist.
/// </summary>
/// <example>
/// <code>Enable-Sriov 0; New-VgpuMapping gpu -Gpu 0; Disable-Sriov 0
/// Test-VgpuMapping gpu | Where-Object -Not Passed</code>
/// <para>Shows that the functions of the mapping are gone.</para>
/// </example>
/// <seealso cref="SyncVgpuMappingCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "VgpuMapping", HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuMappingTestInfo), typeof(bool))]
public sealed class TestVgpuMappingCommand : SessionCommand
{
    /// <summary>Mappings by name, wildcards allowed; all that have a device of NVIDIA, and those that VMs name,
    /// without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Mapping")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MappingCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Writes one true or false alone, for all checks and hosts together: false too where one cannot be
    /// asked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) => result is VgpuMappingTestInfo { Passed: true };

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        // The nodes of a cluster have the same mappings: one that is missing is said once.
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var session in HostSessions.ForReading(Session))
        {
            foreach (var name in Name ?? ["*"])
            {
                await sink.TryAsync(async () =>
                {
                    try
                    {
                        await TestAsync(sink, session, name, token).ConfigureAwait(false);
                    }
                    catch (ObjectNotFoundException failure) when (!missing.Add(failure.Message))
                    {
                        // It was said of another node.
                    }
                }).ConfigureAwait(false);
            }
        }
    });

    private static async Task TestAsync(
        ICommandSink sink, IHostSession session, string name, CancellationToken cancellationToken)
    {
        string[] names = WildcardPattern.ContainsWildcardCharacters(name) ? [] : [name.Trim()];
        var pattern = WildcardPattern.Get(name.Trim(), WildcardOptions.IgnoreCase);
        foreach (var value in await session.RunAsync(
            HostUseCases.TestMappings, new TestMappingsRequest { Names = names },
            new SinkObserver(sink, session.Name), cancellationToken).ConfigureAwait(false))
        {
            if (names.Length > 0 || pattern.IsMatch(value.Mapping))
            {
                sink.WriteObject(value);
            }
        }
    }
}
