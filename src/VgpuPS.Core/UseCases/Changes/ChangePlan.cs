namespace VgpuPS.Core.UseCases.Changes;

/// <summary>What a change will do.</summary>
/// <param name="Target">What it is done to, for people: <c>GPU 0 (NVIDIA A30, 0000:4b:00.0)</c>, <c>VM 101 (web1)</c>.</param>
/// <param name="Steps">Sentences in order, in the imperative, without a full stop; none where all is so already.</param>
/// <param name="Losses">
/// Objects that are destroyed and that the request did not name, or guests that lose their GPU: <c>GPU instance 3
/// (2g.12gb)</c>; a plan with any is asked about even by a command that is not asked about otherwise.
/// </param>
public sealed record ChangePlan(string Target, IReadOnlyList<string> Steps, IReadOnlyList<string> Losses);
