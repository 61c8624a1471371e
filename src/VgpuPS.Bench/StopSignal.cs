using System.Runtime.InteropServices;

namespace VgpuPS.Bench;

/// <summary>
/// SIGTERM and SIGINT: the program stops before the next operation and frees what it has. Where a call does not return,
/// the process is left after <see cref="GraceSeconds"/>, or at the second signal.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    /// <summary>How long a call may take to return after the signal.</summary>
    public const int GraceSeconds = 5;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Timer _grace;
    private readonly Func<string?> _findPending;
    private int _number;

    /// <summary>Begins to listen.</summary>
    /// <param name="findPending">The call that has not returned; null for none.</param>
    public StopSignal(Func<string?> findPending)
    {
        _findPending = findPending;
        _grace = new(_ => Leave());
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>What the process ends with: 143 for SIGTERM, 130 for SIGINT.</summary>
    public int ExitCode => ExitCodes.Signal + Volatile.Read(ref _number);

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(r => r.Dispose());
        _grace.Dispose();
        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        var number = context.Signal == PosixSignal.SIGINT ? 2 : 15;
        if (Interlocked.CompareExchange(ref _number, number, 0) != 0)
        {
            Leave();
        }

        _grace.Change(TimeSpan.FromSeconds(GraceSeconds), Timeout.InfiniteTimeSpan);
        _stop.Cancel();
    }

    private void Leave()
    {
        if (_findPending() is { } call)
        {
            Streams.WriteFailure(
                $"stopped by a signal, and {call} has not returned",
                "see what the driver says in the guest (dmesg), and whether the vGPU still runs on the host");
        }
        else
        {
            Streams.WriteFailure("stopped by a signal, and ended before all was done", "start it again");
        }

        Libc.Exit(ExitCode);
    }
}
