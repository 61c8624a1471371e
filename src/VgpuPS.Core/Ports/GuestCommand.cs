using System.Text;

namespace VgpuPS.Core.Ports;

/// <summary>A program to run in a guest: no shell, an argument list. Arguments show in lists of processes and logs.</summary>
/// <param name="Program">The program, by path or by name in the guest's search path.</param>
/// <param name="Arguments">Arguments as they are; never a secret.</param>
/// <param name="Deadline">How long it may take.</param>
public sealed record GuestCommand(string Program, IReadOnlyList<string> Arguments, TimeSpan Deadline)
{
    /// <summary>Text for standard input: the only way for a secret. Empty means end of file at once.</summary>
    public string Input { get; init; } = "";

    /// <summary>Program and arguments, for people.</summary>
    public string Text => string.Join(' ', [Program, .. Arguments]);

    // The input may be a secret and is not printed.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Text);
        return true;
    }
}
