namespace VgpuPS.Host.Execution;

/// <summary>One step of a change: what is said when it begins, what it does, what is logged once it is done.</summary>
/// <param name="Texts">
/// Sentences in the imperative, without a full stop; several where one write does what several of them say.
/// </param>
/// <param name="Run">
/// Does it and reads it back; null for a step that can be planned exactly only after those before it.
/// </param>
internal sealed record ChangeStep(IReadOnlyList<string> Texts, Func<CancellationToken, Task>? Run)
{
    /// <summary>A step of one sentence.</summary>
    public ChangeStep(string text, Func<CancellationToken, Task>? run)
        : this([text], run)
    {
    }

    /// <summary>A step with its line in the log of changes.</summary>
    public ChangeStep(string text, string action, string target, Func<CancellationToken, Task>? run)
        : this([text], run) => Event = new StepEvent(action, target);

    /// <summary>A step that waits for nothing.</summary>
    public ChangeStep(string text, string action, string target, Action run)
        : this(text, action, target, _ =>
        {
            run();
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>The step for display; empty where nothing is said of it.</summary>
    public string Text => string.Join("; ", Texts);

    /// <summary>Line of the log once it is done; null where the step writes its own, or none.</summary>
    public StepEvent? Event { get; init; }

    /// <summary>The GPU that it touches; null for a step of the host, of a VM or of a guest.</summary>
    public PciAddress? Gpu { get; init; }
}

/// <summary>What the log of changes says of a step.</summary>
/// <param name="Action">What it calls it.</param>
/// <param name="Target">What it is done to.</param>
/// <param name="Before">State before; empty for nothing.</param>
/// <param name="After">State after; empty for nothing.</param>
internal sealed record StepEvent(string Action, string Target, string Before = "", string After = "");

/// <summary>Steps that can be executed before the rest is planned again.</summary>
/// <param name="Target">What is changed, for display.</param>
/// <param name="Steps">Steps in order.</param>
/// <param name="IsLast">Whether nothing is left to be planned after them.</param>
internal sealed record Round(string Target, IReadOnlyList<ChangeStep> Steps, bool IsLast)
{
    /// <summary>
    /// Notified where the driver or another VM refuses a function, and the rest is planned again; null where that is a
    /// failure.
    /// </summary>
    public Action<FunctionRefusedException>? Refused { get; init; }

    /// <summary>Looks at the host after the round.</summary>
    public Action? Ended { get; init; }
}
