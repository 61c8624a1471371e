using VgpuPS.Core.Text;

namespace VgpuPS.Hook;

/// <summary>What the hook says: the one place where a failure becomes text and an exit code.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="program">Name that a line begins with.</param>
public sealed class HookText(TextWriter output, TextWriter error, string program = "vgpu-hook")
{
    /// <summary>Exit code of a bug: everything that no other code says.</summary>
    public const int Software = ErrorKind.Software;

    /// <summary>Exit code of a wrong command line.</summary>
    public const int Usage = 64;

    private HostNotReadyException? _unwritten;

    /// <summary>Prints a line for display.</summary>
    /// <exception cref="HostNotReadyException">It cannot be written.</exception>
    public void Say(string line) => Write(output, "standard output", VisibleText.Of(line) + Environment.NewLine);

    /// <summary>
    /// Prints a line about what is done already; one that cannot be written is reported by
    /// <see cref="RequireWritten"/>.
    /// </summary>
    public void Report(string line) => TryWrite(output, "standard output", VisibleText.Of(line) + Environment.NewLine);

    /// <summary>Prints text as another program wrote it.</summary>
    /// <exception cref="HostNotReadyException">It cannot be written.</exception>
    public void Relay(string text, string errorText)
    {
        Write(output, "standard output", text);
        Write(error, "standard error", errorText);
    }

    /// <summary>Prints a warning: nothing has failed.</summary>
    public void Warn(string message) =>
        TryWrite(
            error, "standard error",
            $"{program}: warning: {OneLine(HostAdvice.Of(message))}{Environment.NewLine}");

    /// <summary>Fails where something could not be written: what is not reported has not been done.</summary>
    /// <exception cref="HostNotReadyException">Standard output or error takes nothing.</exception>
    public void RequireWritten()
    {
        if (_unwritten is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Prints a failure in two lines and returns its exit code.</summary>
    /// <param name="context">What was done: <c>VM 101 pre-start</c>.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="again">What to do when it was stopped from outside, with a command.</param>
    public int Fail(string context, Exception failure, string again)
    {
        var (message, action) = failure switch
        {
            VgpuException known => (known.Message, HostAdvice.Of(known.RecommendedAction)),
            OperationCanceledException => ("interrupted before it was done; what it had created is rolled back", again),
            _ => ($"unexpected {failure.GetType().Name}: {failure.Message}",
                ProgramFaultException.Action(program)),
        };
        TryWrite(
            error, "standard error",
            $"{program}: {OneLine(context)}: {OneLine(message)}{Environment.NewLine}  do: "
                + $"{OneLine(action)}{Environment.NewLine}");
        return ExitCode(failure);
    }

    /// <summary>The exit code of a failure, as in sysexits.h.</summary>
    public static int ExitCode(Exception failure) => failure switch
    {
        VgpuException known => ErrorKind.Of(known).ExitCode,
        OperationCanceledException => 75,
        _ => Software,
    };

    private static string OneLine(string text) =>
        VisibleText.Of(text.Replace("\r\n", " ", StringComparison.Ordinal).Replace('\n', ' ').Replace('\t', ' '));

    private void TryWrite(TextWriter writer, string name, string text)
    {
        try
        {
            Write(writer, name, text);
        }
        catch (HostNotReadyException failure)
        {
            _unwritten ??= failure;
        }
    }

    private static void Write(TextWriter writer, string name, string text)
    {
        try
        {
            writer.Write(text);
            writer.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            throw new HostNotReadyException(
                ErrorIds.WriteFailed, $"{name} does not accept output: "
                    + $"{(e is IOException ? e.Message : "it is closed")}",
                "see where it points (ls -l /proc/self/fd of the caller; df -h), then run it again", name, e);
        }
    }
}
