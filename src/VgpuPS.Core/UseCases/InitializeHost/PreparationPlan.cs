using VgpuPS.Core.UseCases.Steps;

namespace VgpuPS.Core.UseCases.InitializeHost;

/// <summary>What is missing until a host is ready.</summary>
/// <param name="Steps">Steps in order.</param>
/// <param name="RestartReasons">Why the host must be restarted once they are done; none where it need not be.</param>
/// <param name="IsUnfinished">Whether there is more to do after the restart.</param>
/// <param name="Warnings">What a person should know before the host restarts.</param>
internal sealed record PreparationPlan(
    IReadOnlyList<ChangeStep> Steps, IReadOnlyList<string> RestartReasons, bool IsUnfinished, IReadOnlyList<string> Warnings)
{
    /// <summary>Whether the driver is to be installed now.</summary>
    public bool InstallsDriver => Steps.Any(s => s.Event?.Action == PreparationPlanner.InstallDriver);
}
