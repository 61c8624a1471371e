using System.Text;
using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>A running VM and the way into its guest.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Channel">The way.</param>
/// <param name="System">The guest's operating system.</param>
internal sealed record RunningGuest(VmSubject Vm, IGuestChannel Channel, GuestSystem System)
{
    private const int KeptLines = 8;

    /// <summary>Runs a program; one that ends otherwise than with 0 is a failure.</summary>
    /// <exception cref="VgpuException">It failed.</exception>
    public async Task<GuestResult> DoAsync(
        string what, TimeSpan deadline, string program, IReadOnlyList<string> arguments,
        CancellationToken cancellationToken)
    {
        var command = new GuestCommand(program, arguments, deadline);
        var result = await Channel.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result : throw Failure(what, command, result);
    }

    /// <summary>Runs a script in the guest's shell; its exit code is the caller's to judge.</summary>
    public Task<GuestResult> RunAsync(
        GuestScript script, TimeSpan deadline, string input, CancellationToken cancellationToken,
        params IReadOnlyList<string> arguments) =>
        Channel.RunAsync(Command(script, deadline, input, arguments), cancellationToken);

    /// <summary>Runs a script; one that ends otherwise than with 0 is a failure.</summary>
    /// <exception cref="VgpuException">It failed.</exception>
    public async Task<GuestResult> DoAsync(
        string what, GuestScript script, TimeSpan deadline, string input, CancellationToken cancellationToken,
        params IReadOnlyList<string> arguments)
    {
        var command = Command(script, deadline, input, arguments);
        var result = await Channel.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return result.Succeeded
            ? result : throw Failure(what, new GuestCommand(script.Name, arguments, deadline), result);
    }

    /// <summary>A program's failure in the guest.</summary>
    public VgpuException Failure(string what, GuestCommand command, GuestResult result)
    {
        var said = LastLines(string.IsNullOrWhiteSpace(result.Error) ? result.Output : result.Error);
        var target = Vm.Id.ToString();
        if (Has("No space left on device") || Has("not enough space on the disk") || Has("Disk quota exceeded"))
        {
            return new HostNotReadyException(
                ErrorIds.GuestWriteFailed, $"{Vm.Label}: {what} failed, the guest's disk is full: {said}",
                "free space in the guest: " + (System.IsWindows ? "Get-PSDrive C" : "df -h"), target);
        }

        if (Has("Read-only file system") || Has("Permission denied") || Has("is denied"))
        {
            return new HostNotReadyException(
                ErrorIds.GuestWriteFailed, $"{Vm.Label}: {what} failed, the guest denies the write: {said}",
                System.IsWindows ? "see in the guest who may write there: Get-Acl <path>"
                    : "see in the guest how it is mounted (findmnt -T /etc), and that the channel is root's: id",
                    target);
        }

        var how = result.IsTruncated ? "printed more than the guest agent buffers"
            : result.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}")
            : string.Create(CultureInfo.InvariantCulture, $"was ended by signal {result.Signal}");
        return new HostCommandException(
            ErrorIds.GuestCommandFailed,
            $"{Vm.Label}: {what} failed: {command.Program} {how}{(said.Length == 0 ? "" : $": {said}")}",
            $"look in the guest: qm terminal {target}, "
                + $"or qm guest exec {target} -- {(System.IsWindows ? "cmd /c ver" : "journalctl -n 50")}",
            command.Text, result.ExitCode, said, target);

        bool Has(string text) => said.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    private static string LastLines(string text) => string.Join(" | ", text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(KeptLines));

    private GuestCommand Command(
        GuestScript script, TimeSpan deadline, string input, IReadOnlyList<string> arguments) =>
        (System.IsWindows
            ? new GuestCommand(
                "powershell.exe", ["-NoProfile", "-NonInteractive", "-EncodedCommand", Encode(script, arguments)],
                deadline)
            : new GuestCommand("/bin/sh", ["-c", script.Body, script.Name, .. arguments], deadline)) with
        { Input = input };

    /// <remarks>Source: about_PowerShell_exe: base64 of UTF-16, so that no shell on the way reads it.</remarks>
    private static string Encode(GuestScript script, IReadOnlyList<string> arguments)
    {
        var text = new StringBuilder("$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue';");
        for (var i = 0; i < arguments.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"$p{i + 1}={WindowsGuestScripts.Quote(arguments[i])};");
        }

        return Convert.ToBase64String(Encoding.Unicode.GetBytes(text.Append('\n').Append(script.Body).ToString()));
    }
}
