using VgpuPS.Core.Errors;

namespace VgpuPS.Hook.Hook;

/// <summary>What the hook says: the one place where a failure becomes text and an exit code.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="program">Name that a line begins with.</param>
public sealed class HookText(TextWriter output, TextWriter error, string program = "vgpu-hook")
{
    /// <summary>Exit code of a bug: everything that no other code says.</summary>
    public const int Software = 70;

    /// <summary>Exit code of a wrong command line.</summary>
    public const int Usage = 64;

    /// <summary>Prints a line for people.</summary>
    public void Say(string line) => output.WriteLine(line);

    /// <summary>Prints text as another program wrote it.</summary>
    public void Relay(string text, string errorText)
    {
        output.Write(text);
        error.Write(errorText);
    }

    /// <summary>Prints a warning: nothing has failed.</summary>
    public void Warn(string message) => error.WriteLine($"{program}: warning: {OneLine(message)}");

    /// <summary>Prints a failure in two lines and returns its exit code.</summary>
    /// <param name="context">What was done: <c>VM 101 pre-start</c>.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="again">What to do when it was stopped from outside, with a command.</param>
    public int Fail(string context, Exception failure, string again)
    {
        var (message, action) = failure switch
        {
            VgpuException known => (known.Message, known.RecommendedAction),
            OperationCanceledException => ("stopped from outside before it was done; what it had made is taken back", again),
            _ => ($"unexpected {failure.GetType().Name}: {failure.Message}",
                ProgramFaultException.Action(program)),
        };
        error.WriteLine($"{program}: {context}: {OneLine(message)}");
        error.WriteLine($"  do: {OneLine(action)}");
        return ExitCode(failure);
    }

    /// <summary>The exit code of a failure, as in sysexits.h.</summary>
    public static int ExitCode(Exception failure) => failure switch
    {
        InvalidRequestException => 64,
        UnreadableDataException => 65,
        ObjectNotFoundException => 66,
        HostNotReadyException or HostConnectionException => 69,
        NativeCallException or HostCommandException => 74,
        ResourceBusyException or CapacityException or HostTimeoutException or OperationCanceledException => 75,
        AccessDeniedException => 77,
        _ => Software,
    };

    private static string OneLine(string text) =>
        new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
}
