using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases;
using VgpuPS.Lab.Guests;
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

    /// <summary>Changes the inside of a VM.</summary>
    /// <exception cref="ObjectNotFoundException">The lab has none for it.</exception>
    public void ChangeGuest(VmId vm, Action<LabGuest> change) => node.Host.Edit(state => change(
        state.Guests.Find(g => g.Vm == vm.Value) ?? throw new ObjectNotFoundException(
            ErrorIds.VmNotFound, $"the simulated host has no guest in VM {vm}", "Take one of its own: 101, 102, 103 or 104",
            vm.ToString())));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
