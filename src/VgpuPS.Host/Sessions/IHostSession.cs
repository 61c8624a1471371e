namespace VgpuPS.Host.Sessions;

/// <summary>A host that use cases can be run on: this one, one reached over SSH, or a simulated one.</summary>
public interface IHostSession : IAsyncDisposable
{
    /// <summary>Its name, unique among the open sessions of the process; objects carry it as <c>VgpuHost</c>.</summary>
    string Name { get; }

    /// <summary><c>local</c>, <c>ssh</c> or <c>lab</c>.</summary>
    string Kind { get; }

    /// <summary>Runs a use case there; several may run at once.</summary>
    /// <param name="useCase">Which one.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="observer">Hears progress and warnings, on any thread.</param>
    /// <param name="cancellationToken">Ends it between two steps; what was done is rolled back.</param>
    /// <exception cref="VgpuException">It cannot be done, or the host cannot be reached.</exception>
    Task<TResult> RunAsync<TRequest, TResult>(
        UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
        CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull;
}

/// <summary>Hears what happens while a use case runs; called on any thread.</summary>
public interface ISessionObserver : IProgress<StepProgress>
{
    /// <summary>Takes a warning for the user who started it.</summary>
    void Warn(string message);
}
