namespace VgpuPS.Completers;

/// <summary>Completes nothing, where only the user can know the value: without it PowerShell offers file
/// names.</summary>
public sealed class NoCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) => [];
}

/// <summary>Completes yes and no.</summary>
public sealed class BooleanCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        [new("$true", "yes") { IsExpression = true }, new("$false", "no") { IsExpression = true }];
}
