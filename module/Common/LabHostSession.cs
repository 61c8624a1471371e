using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases;
using VgpuPS.LabHook;

namespace VgpuPS.Common;

/// <summary>A simulated host, in memory or in a file.</summary>
/// <param name="name">The session's name.</param>
/// <param name="node">The host.</param>
internal sealed class LabHostSession(string name, LabNode node) : IHostSession
{
    public string Name => name;

    public string Kind => "lab";

    public Task<TResult> RunAsync<TRequest, TResult>(
        UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
        CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull =>
        node.RunAsync(useCase.Name, observer, host => useCase.RunAsync(host, request, observer, cancellationToken));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
