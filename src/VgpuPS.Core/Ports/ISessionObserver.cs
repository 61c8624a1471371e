using VgpuPS.Core.UseCases;

namespace VgpuPS.Core.Ports;

/// <summary>Hears what happens while a use case runs; called on any thread.</summary>
public interface ISessionObserver : IProgress<StepProgress>
{
    /// <summary>Takes a warning for the person who started it.</summary>
    void Warn(string message);
}
