using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>The one lock under which anything on this host's GPUs is changed.</summary>
public interface IHostLock
{
    /// <summary>Waits for the lock.</summary>
    /// <param name="holder">Who asks, for the message to those who wait behind: <c>VM 101 pre-start</c>.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ResourceBusyException">Not had in time; the message names the holder.</exception>
    Task<IAsyncDisposable> AcquireAsync(string holder, TimeSpan limit, CancellationToken cancellationToken);
}
