using VgpuPS.Core.Ports;

namespace VgpuPS.Core.UseCases.InitializeHost;

/// <summary>One step of making a host ready.</summary>
/// <param name="Action">What the log of changes calls it.</param>
/// <param name="Text">A sentence for people, in the imperative, without a full stop.</param>
/// <param name="Target">What is changed.</param>
/// <param name="Run">Carries it out; null for a step that can be planned exactly only after those before it.</param>
internal sealed record PreparationStep(
    string Action, string Text, string Target, Func<IHostPreparation, CancellationToken, Task>? Run);
