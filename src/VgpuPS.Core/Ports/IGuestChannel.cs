using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>Runs programs in one guest.</summary>
public interface IGuestChannel
{
    /// <summary>How the guest is reached.</summary>
    GuestVia Via { get; }

    /// <summary>Most bytes of input that a program can be given at once.</summary>
    int InputLimit { get; }

    /// <summary>Which operating system it has.</summary>
    /// <exception cref="HostNotReadyException">The guest does not answer; the error id says why.</exception>
    Task<GuestSystem> GetSystemAsync(CancellationToken cancellationToken);

    /// <summary>Runs a program and waits until it has ended; any exit code is a result.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such program in the guest (<see cref="ErrorIds.GuestProgramNotFound"/>).</exception>
    /// <exception cref="HostNotReadyException">The guest does not answer, or not to this; the error id says why.</exception>
    /// <exception cref="HostTimeoutException">It had not ended in time; it may go on in the guest.</exception>
    /// <exception cref="HostCommandException">The way to the guest failed for another reason.</exception>
    Task<GuestResult> RunAsync(GuestCommand command, CancellationToken cancellationToken);
}
