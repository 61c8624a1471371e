using System.IO.Enumeration;

namespace VgpuPS.Lab.Processes;

public sealed partial class LabProcesses
{
    /// <summary>Path of <c>systemctl</c>.</summary>
    public const string SystemctlTool = "/usr/bin/systemctl";

    private const int NoSuchUnit = 5;
    private const int NotActive = 3;
    private const int NsPerUs = 1_000;

    private static readonly TimeSpan s_startStep = TimeSpan.FromMilliseconds(100);

    /// <summary>What <c>systemctl</c> does and prints, as far as states of units and their start and stop go.</summary>
    /// <remarks>
    /// Source: systemctl(1): <c>show</c> takes names and patterns, patterns match what is loaded, a blank line between
    /// two units, exit code 3 of <c>is-active</c>; 5 for a unit that is not there.
    /// </remarks>
    private ProcessResult RunSystemctl(IReadOnlyList<string> arguments)
    {
        List<string> options = [.. arguments.Where(a => a.StartsWith('-'))];
        string[] words = [.. arguments.Where(a => !a.StartsWith('-'))];
        return words switch
        {
            ["show", .. var rest] => Show(arguments, rest),
            ["is-active", .. var units] => IsInState(units, "active", options),
            ["is-failed", .. var units] => IsInState(units, "failed", options),
            ["start", .. var units] => ForUnits(units, "start", StartUnit),
            ["stop", .. var units] => ForUnits(units, "stop", u => _host.With(s => Changed(LabBoot.Stop(s, u)))),
            ["restart", .. var units] => ForUnits(
                units, "restart", u => _host.With(s => Changed(LabBoot.Stop(s, u))) && StartUnit(u)),
            ["reset-failed", .. var units] => ForUnits(units, "reset failed state of unit", ResetFailed),
            ["enable", .. var units] => EnableUnits(units, true, options.Contains("--now")),
            ["disable", .. var units] => EnableUnits(units, false, options.Contains("--now")),
            ["daemon-reload"] => Exit(0, ""),
            ["reboot"] => Restart(),
            _ => new ProcessResult(1, null, false, 0, "", $"Unknown command verb {words.FirstOrDefault()}.\n"),
        };
    }

    private ProcessResult Restart()
    {
        _host.Edit(state => state.Platform.RestartCount++);
        _host.Reboot();
        return Exit(0, "");
    }

    private ProcessResult Show(IReadOnlyList<string> arguments, string[] words)
    {
        var wanted = new List<string>();
        for (var index = 0; index < arguments.Count; index++)
        {
            var names = arguments[index] switch
            {
                "-p" or "--property" when index + 1 < arguments.Count => arguments[index + 1],
                ['-', 'p', .. var rest] when rest.Length > 0 => rest,
                var text when text.StartsWith("--property=", StringComparison.Ordinal) => text["--property=".Length..],
                _ => "",
            };
            wanted.AddRange(names.Split(',', StringSplitOptions.RemoveEmptyEntries));
            words = arguments[index] is "-p" or "--property" ? [.. words.Where(w => w != names)] : words;
        }

        var blocks = words.SelectMany(Match).DistinctBy(u => u.Unit.Name).Select(found =>
        {
            var text = new StringBuilder();
            foreach (var (name, value) in Properties(found.Unit, found.IsKnown)
                .Where(p => wanted.Count == 0 || wanted.Contains(p.Name)))
            {
                text.Append(name).Append('=').Append(value).Append('\n');
            }

            return text.ToString();
        });
        return Exit(0, string.Join("\n", blocks));
    }

    private IEnumerable<(LabUnit Unit, bool IsKnown)> Match(string word)
    {
        var name = FullName(word);
        var units = _host.With(
            s => s.Units.Where(u => FileSystemName.MatchesSimpleExpression(name, u.Name, ignoreCase: false)).ToList());
        return units.Count > 0 || name.Contains('*', StringComparison.Ordinal)
            ? units.OrderBy(u => u.Name, StringComparer.Ordinal).Select(u => (u, true))
            : [(new LabUnit { Name = name }, false)];
    }

    private static IEnumerable<(string Name, string Value)> Properties(LabUnit unit, bool isKnown) =>
    [
        ("Result", unit.Result),
        ("Id", unit.Name),
        ("LoadState", isKnown ? "loaded" : "not-found"),
        ("ActiveState", unit.ActiveState),
        ("SubState", unit.SubState),
        ("InactiveEnterTimestampMonotonic", (unit.InactiveSinceNs / NsPerUs).ToString(CultureInfo.InvariantCulture)),
    ];

    private ProcessResult IsInState(string[] units, string state, List<string> options)
    {
        var states = units.SelectMany(Match).Select(u => u.Unit.ActiveState).ToList();
        var isQuiet = options.Contains("-q") || options.Contains("--quiet");
        return Exit(
            states.Exists(s => s == state) ? 0 : state == "active" ? NotActive : 1,
            isQuiet ? "" : string.Concat(states.Select(s => s + "\n")));
    }

    private static ProcessResult ForUnits(string[] units, string what, Func<string, bool> work)
    {
        foreach (var name in units.Select(FullName))
        {
            if (!work(name))
            {
                return new ProcessResult(
                    NoSuchUnit, null, false, 0, "", $"Failed to {what} {name}: Unit {name} not found.\n");
            }
        }

        return Exit(0, "");
    }

    // A start waits for a oneshot unit, so time passes.
    private bool StartUnit(string name)
    {
        if (!_host.With(s => Changed(LabBoot.Start(s, name))))
        {
            return false;
        }

        while (_host.With(s => s.Units.Find(u => u.Name == name)?.ActiveState == "activating"))
        {
            _host.Clock.Sleep(s_startStep);
        }

        return true;
    }

    private bool ResetFailed(string name) => _host.With(state =>
    {
        if (state.Units.Find(u => u.Name == name) is not { } unit)
        {
            return false;
        }

        if (unit.ActiveState == "failed")
        {
            (unit.ActiveState, unit.SubState, unit.Result) = ("inactive", "dead", "success");
        }

        return Changed(true);
    });

    private static string FullName(string word) =>
        word.Contains('.', StringComparison.Ordinal) || word.EndsWith('*') ? word : word + ".service";

    private bool Changed(bool done)
    {
        _host.Change();
        return done;
    }
}
