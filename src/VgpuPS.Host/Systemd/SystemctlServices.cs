using VgpuPS.Core.Platform;
using VgpuPS.Host.Linux;

namespace VgpuPS.Host.Systemd;

/// <summary>Services through <c>systemctl</c>.</summary>
/// <param name="files">The host's files: which units there are, and which are enabled.</param>
/// <param name="processes">Runs the program.</param>
/// <remarks>
/// Source: systemctl(1): <c>show</c> prints NAME=VALUE lines, one block a unit, blocks parted by an empty line, in an
/// order of its own; a queued job is a line <c>Job=N</c>, absent where there is none.
/// </remarks>
internal sealed class SystemctlServices(IHostFiles files, IProcessRunner processes) : IHostServices
{
    /// <summary>Where systemd puts the program.</summary>
    public const string Tool = "/usr/bin/systemctl";

    private const string Properties = "Id,LoadState,ActiveState,SubState,Result,Job,InactiveEnterTimestampMonotonic";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_changeLimit = TimeSpan.FromMinutes(1);

    private static readonly string[] s_folders =
        ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    private static readonly string[] s_wants = ["multi-user.target.wants", "timers.target.wants",
        "pve-guests.service.wants"];

    public async Task<IReadOnlyList<ServiceState>> ReadAsync(
        IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(
            new ProcessRequest(Tool, ["show", "--no-pager", $"--property={Properties}", .. units], s_limit),
            cancellationToken)
            .ConfigureAwait(false);
        return result.ExitCode == 0 ? Parse(result.Output) : [];
    }

    public bool? IsEnabled(string unit)
    {
        var found = new CheckedFiles(files, "the unit");
        return s_folders.All(f => found.Info($"{f}/{unit}") is null) ? null
            : s_wants.Any(w => files.ReadLink($"/etc/systemd/system/{w}/{unit}") is not null);
    }

    public async Task EnableAsync(string unit, bool isEnabled, bool now, CancellationToken cancellationToken)
    {
        string[] arguments = [isEnabled ? "enable" : "disable", .. now ? (string[])["--now"] : [], unit];
        var result = await processes.RequireAsync(
            Tool, arguments, s_changeLimit, cancellationToken).ConfigureAwait(false);
        if (IsEnabled(unit) != isEnabled)
        {
            throw HostPrograms.Untrue(Tool, arguments, result,
                $"systemd did not {arguments[0]} {unit}, and reported no error");
        }
    }

    /// <inheritdoc/>
    /// <remarks>nvidia-vgpud does its work and ends; the manager stays.</remarks>
    public async Task StartAsync(IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        await processes.RequireAsync(Tool, ["start", .. units], s_changeLimit, cancellationToken).ConfigureAwait(false);
        if ((await ReadAsync(units, cancellationToken).ConfigureAwait(false)).FirstOrDefault(s => s.HasFailed
            || (s.Unit == HostUnits.VgpuManager && s is { IsActive: false, IsStarting: false })) is { } failed)
        {
            throw new HostNotReadyException(
                ErrorIds.ServiceFailed, $"{failed.Unit} was started and is {failed.Text}",
                $"see why: journalctl -b -u {failed.Unit}", failed.Unit);
        }
    }

    public Task StopAsync(IReadOnlyList<string> units, CancellationToken cancellationToken) =>
        processes.RequireAsync(Tool, ["stop", .. units], s_changeLimit, cancellationToken);

    public Task ReloadAsync(CancellationToken cancellationToken) =>
        processes.RequireAsync(Tool, ["daemon-reload"], s_changeLimit, cancellationToken);

    public Task RestartHostAsync(CancellationToken cancellationToken) =>
        processes.RequireAsync(Tool, ["reboot"], s_changeLimit, cancellationToken);

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
                    id, Value("LoadState") is not ("not-found" or ""), Value("ActiveState"), Value("SubState"),
                    Value("Result"),
                    Value("InactiveEnterTimestampMonotonic") is not ("" or "0"), Value("Job") is not ("" or "0")));
            }

            string Value(string name) => values.GetValueOrDefault(name, "");
        }

        return found;
    }
}

/// <summary>The host's services.</summary>
public interface IHostServices
{
    /// <summary>
    /// Reads services, in the order asked. A name without a unit gives one that is not installed, a pattern
    /// (<c>pve-nvidia-sriov@*.service</c>) what is loaded of it; where systemd cannot be asked, nothing.
    /// </summary>
    /// <param name="units">Names and patterns.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<IReadOnlyList<ServiceState>> ReadAsync(IReadOnlyList<string> units, CancellationToken cancellationToken);

    /// <summary>Whether systemd starts a unit by itself; null when it has no such unit.</summary>
    bool? IsEnabled(string unit);

    /// <summary>Lets systemd start a unit by itself from now on, or no more, and reads it back.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="isEnabled">Whether it is started by itself.</param>
    /// <param name="now">Whether it is started, or stopped, at once as well.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HostCommandException">It failed.</exception>
    Task EnableAsync(string unit, bool isEnabled, bool now, CancellationToken cancellationToken);

    /// <summary>Starts services, and reads whether they have failed.</summary>
    /// <exception cref="HostNotReadyException">One has.</exception>
    Task StartAsync(IReadOnlyList<string> units, CancellationToken cancellationToken);

    /// <summary>Stops services.</summary>
    /// <exception cref="HostCommandException">It failed.</exception>
    Task StopAsync(IReadOnlyList<string> units, CancellationToken cancellationToken);

    /// <summary>Lets systemd reload its units.</summary>
    /// <exception cref="HostCommandException">It failed.</exception>
    Task ReloadAsync(CancellationToken cancellationToken);

    /// <summary>Restarts the host; returns while it is going down.</summary>
    Task RestartHostAsync(CancellationToken cancellationToken);
}
