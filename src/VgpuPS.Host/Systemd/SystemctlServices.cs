using VgpuPS.Core.Platform;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Systemd;

/// <summary>Services through <c>systemctl show</c>.</summary>
/// <param name="processes">Runs the program.</param>
/// <remarks>
/// Source: systemctl(1): <c>show</c> prints NAME=VALUE lines, one block a unit, blocks parted by an empty line, in an order
/// of its own; a queued job is a line <c>Job=N</c>, absent where there is none.
/// </remarks>
internal sealed class SystemctlServices(IProcessRunner processes) : IHostServices
{
    /// <summary>Where systemd puts the program.</summary>
    public const string Tool = "/usr/bin/systemctl";

    private const string Properties = "Id,LoadState,ActiveState,SubState,Result,Job,InactiveEnterTimestampMonotonic";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServiceState>> ReadAsync(
        IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(
            new ProcessRequest(Tool, ["show", "--no-pager", $"--property={Properties}", .. units], s_limit), cancellationToken)
            .ConfigureAwait(false);
        return result.ExitCode == 0 ? Parse(result.Output) : [];
    }

    private static List<ServiceState> Parse(string output)
    {
        var found = new List<ServiceState>();
        foreach (var block in output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var values = block.Split('\n')
                .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .GroupBy(pair => pair[0], StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Last()[1], StringComparer.Ordinal);
            if (values.TryGetValue("Id", out var id))
            {
                found.Add(new ServiceState(
                    id, Value("LoadState") is not ("not-found" or ""), Value("ActiveState"), Value("SubState"), Value("Result"),
                    Value("InactiveEnterTimestampMonotonic") is not ("" or "0"), Value("Job") is not ("" or "0")));
            }

            string Value(string name) => values.GetValueOrDefault(name, "");
        }

        return found;
    }
}

/// <summary>The host's services; reading changes nothing.</summary>
public interface IHostServices
{
    /// <summary>
    /// Reads services, in the order asked. A name without a unit gives one that is not installed, a pattern
    /// (<c>pve-nvidia-sriov@*.service</c>) what is loaded of it; where systemd cannot be asked, nothing.
    /// </summary>
    /// <param name="units">Names and patterns.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<IReadOnlyList<ServiceState>> ReadAsync(IReadOnlyList<string> units, CancellationToken cancellationToken);
}
