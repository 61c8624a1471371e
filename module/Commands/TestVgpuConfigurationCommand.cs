using System.Text;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.Configuration;

namespace VgpuPS.Commands;

/// <summary>Checks the hook's configuration: whether it can be read, and whether the VMs, entries, types and scripts
/// that it names are there.</summary>
/// <remarks>
/// A file of this machine is judged on each host that is asked; where none is connected, only whether it can be read.
/// </remarks>
/// <example>
/// <code>Test-VgpuConfiguration</code>
/// <para>Checks the host's own.</para>
/// </example>
/// <example>
/// <code>
/// Set-Content ./config.json '{ "reclaims": "never" }'
/// Test-VgpuConfiguration ./config.json | Where-Object -Not Passed
/// </code>
/// <para>Shows what is wrong with a file of this machine, with line, column and the nearest name.</para>
/// </example>
/// <seealso cref="GetVgpuConfigurationCommand"/>
/// <seealso cref="SetVgpuConfigurationCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "VgpuConfiguration", HelpUri = HelpPages.Configuration)]
[OutputType(typeof(VgpuConfigurationTestInfo), typeof(bool))]
public sealed class TestVgpuConfigurationCommand : SessionCommand
{
    /// <summary>A file of this machine; the host's own without it.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Writes one true or false alone, for all checks and hosts together: false too where one cannot be
    /// asked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) => result is VgpuConfigurationTestInfo { Passed: true };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var full = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path);
        Run(async (sink, token) =>
        {
            var content = full is null ? null : ConfigurationMembers.ReadFile(full);
            if (content is not null && Session is null && HostSessions.Connected.Count == 0)
            {
                sink.WriteObject(ConfigurationText.Judge(full!, Encoding.UTF8.GetBytes(content)));
                return;
            }

            foreach (var session in HostSessions.ForReading(Session))
            {
                await sink.TryAsync(async () =>
                {
                    var rows = await session.RunAsync(
                        HostUseCases.TestConfiguration,
                        new TestConfigurationRequest { Content = content, Path = full },
                        new SinkObserver(sink, session.Name), token).ConfigureAwait(false);
                    foreach (var row in rows)
                    {
                        sink.WriteObject(row);
                    }
                }).ConfigureAwait(false);
            }
        });
    }
}
