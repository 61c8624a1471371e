namespace VgpuPS.Host.Execution;

/// <summary>How far a change has come.</summary>
/// <param name="Step">Number of the step that begins, from 1.</param>
/// <param name="Count">How many steps there are, as far as is known.</param>
/// <param name="Text">What it does, for display.</param>
public sealed record StepProgress(int Step, int Count, string Text);
