using VgpuPS.Core.Settings;

namespace VgpuPS.Completers;

/// <summary>Completes members of the hook's configuration; no host is asked.</summary>
public sealed class ConfigurationMemberCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        ConfigurationText.Members.Select(m => new Completion(m, "its default"));
}

/// <summary>Completes the planner's demand: learned, or a weight for each profile of the hosts.</summary>
public sealed class DemandCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        Read(bound).SelectMany(r => r.Gpus.SelectMany(r.ProfilesOf)).Select(p => p.Profile).Distinct()
            .Select(p => new Completion($"@{{'{p}'=1}}", "a weight") { IsExpression = true })
            .Prepend(new Completion("learn", "from the starts requested"));
}
