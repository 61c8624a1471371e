using System.Text;

namespace VgpuPS.Core.Guests;

/// <summary>Runs programs in one guest.</summary>
public interface IGuestChannel
{
    /// <summary>Most bytes of input that a program can be given at once.</summary>
    int InputLimit { get; }

    /// <summary>Which operating system it has.</summary>
    /// <exception cref="HostNotReadyException">The guest does not answer; the error id says why.</exception>
    Task<GuestSystem> GetSystemAsync(CancellationToken cancellationToken);

    /// <summary>Runs a program and waits until it has ended; any exit code is a result.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such program in the guest
    /// (<see cref="ErrorIds.GuestProgramNotFound"/>).</exception>
    /// <exception cref="HostNotReadyException">The guest does not answer, or not to this; the error id says
    /// why.</exception>
    /// <exception cref="HostTimeoutException">It had not ended in time; it may go on in the guest.</exception>
    /// <exception cref="HostCommandException">The way to the guest failed for another reason.</exception>
    Task<GuestResult> RunAsync(GuestCommand command, CancellationToken cancellationToken);
}

/// <summary>A program to run in a guest: no shell, an argument list. Arguments show in lists of processes and
/// logs.</summary>
/// <param name="Program">The program, by path or by name in the guest's search path.</param>
/// <param name="Arguments">Arguments as they are; never a secret.</param>
/// <param name="Deadline">How long it may take.</param>
public sealed record GuestCommand(string Program, IReadOnlyList<string> Arguments, TimeSpan Deadline)
{
    /// <summary>Text for standard input: the only way for a secret. Empty means end of file at once.</summary>
    public string Input { get; init; } = "";

    /// <summary>Program and arguments, for display.</summary>
    public string Text => string.Join(' ', [Program, .. Arguments]);

    // The input may be a secret and is not printed.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Text);
        return true;
    }
}

/// <summary>How a program ended in a guest.</summary>
/// <param name="ExitCode">Its exit code; null when a signal ended it.</param>
/// <param name="Signal">The signal (Windows: the exception) that ended it; null otherwise.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTruncated">Whether the guest agent left out the end of one of them.</param>
public sealed record GuestResult(int? ExitCode, int? Signal, string Output, string Error, bool IsTruncated)
{
    /// <summary>Whether standard output is not what the guest has: it held a secret, or what no terminal may be
    /// given.</summary>
    public bool IsAltered { get; init; }

    /// <summary>Whether it ended with exit code 0 and all of its output is here.</summary>
    public bool Succeeded => ExitCode == 0 && !IsTruncated;
}

/// <summary>A guest's operating system.</summary>
/// <param name="IsWindows">Whether it is Windows; Linux otherwise.</param>
/// <param name="Name">Its name, for display: <c>Ubuntu 24.04.2 LTS</c>.</param>
public sealed record GuestSystem(bool IsWindows, string Name);
