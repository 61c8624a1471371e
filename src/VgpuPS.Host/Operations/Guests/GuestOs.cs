using VgpuPS.Core.Guests;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>What licensing and drivers need of a guest's operating system.</summary>
internal abstract class GuestOs(RunningGuest guest)
{
    /// <summary>Ends the name of a file that was put aside.</summary>
    public const string AsideSuffix = ".vgpups-old";

    private const int MaxTokenName = 200;
    private const int MaxWordLength = 20;

    /// <summary>For what takes no time.</summary>
    protected static readonly TimeSpan Short = TimeSpan.FromSeconds(30);

    /// <summary>For a service that is restarted.</summary>
    protected static readonly TimeSpan Long = TimeSpan.FromSeconds(90);

    public RunningGuest Guest => guest;

    /// <summary>The licence service, for display.</summary>
    public abstract string ServiceName { get; }

    /// <summary>Folder of files that are uploaded into the guest.</summary>
    public abstract string WorkFolder { get; }

    /// <summary>The folder that keeps two changes apart.</summary>
    protected abstract string LockPath { get; }

    /// <summary>Separates folders.</summary>
    protected abstract char Separator { get; }

    /// <summary>The guest's system.</summary>
    public static GuestOs For(RunningGuest guest) => guest.System.IsWindows
        ? new WindowsGuest(guest) : new LinuxGuest(guest);

    /// <summary>The guest's clock.</summary>
    public async Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken)
    {
        var text = await ReadClockAsync(cancellationToken).ConfigureAwait(false);
        return ParseTime(text, "the guest's clock");
    }

    /// <summary>What is configured.</summary>
    /// <param name="driver">Version of the guest's driver, which decides where it looks; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public abstract Task<GuestLicenseConfig> ReadConfigAsync(string? driver, CancellationToken cancellationToken);

    /// <summary>Changes the configuration; only what is ours, with a copy of the file beside it.</summary>
    public abstract Task WriteConfigAsync(
        GuestLicenseConfig before, int featureType, CancellationToken cancellationToken);

    /// <summary>Puts the configuration back.</summary>
    public abstract Task RestoreConfigAsync(GuestLicenseConfig before, CancellationToken cancellationToken);

    /// <summary>What <c>nvidia-smi</c> says.</summary>
    /// <exception cref="HostNotReadyException">No driver answers.</exception>
    public abstract Task<SmiReport> ReadSmiAsync(CancellationToken cancellationToken);

    /// <summary>The driver that runs; null where none answers.</summary>
    public async Task<string?> FindDriverAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadSmiAsync(cancellationToken).ConfigureAwait(false)).DriverVersion;
        }
        catch (HostNotReadyException e) when (e.ErrorId == ErrorIds.GuestDriverMissing)
        {
            return null;
        }
    }

    /// <summary>A mark in the service's log; what comes later is read by <see cref="ReadLogAsync"/>.</summary>
    public abstract Task<string> MarkLogAsync(CancellationToken cancellationToken);

    /// <summary>The service's log after a mark.</summary>
    public abstract Task<GriddLog> ReadLogAsync(string mark, CancellationToken cancellationToken);

    /// <summary>Restarts the licence service.</summary>
    public abstract Task RestartServiceAsync(CancellationToken cancellationToken);

    /// <summary>Looks for what may be the cause where no licence is acquired.</summary>
    public abstract Task<LicenseSituation> ProbeAsync(LicenseSituation seen, CancellationToken cancellationToken);

    /// <summary>When the guest was started: another value after a restart.</summary>
    public abstract Task<string> GetBootMarkAsync(CancellationToken cancellationToken);

    /// <summary>Restarts the guest.</summary>
    public abstract Task RebootAsync(CancellationToken cancellationToken);

    /// <summary>Installs a driver that lies in the guest.</summary>
    public abstract Task InstallAsync(GuestDriverFile file, string path, CancellationToken cancellationToken);

    /// <summary>Joins a folder and a name.</summary>
    public string Combine(string folder, string name) => folder.TrimEnd(Separator) + Separator + name;

    /// <summary>Tokens of a folder by path.</summary>
    public async Task<IReadOnlyList<string>> GetTokensAsync(string folder, CancellationToken cancellationToken)
    {
        var result = await guest.DoAsync(
            "listing tokens", Scripts.Tokens, Short, "", cancellationToken, folder).ConfigureAwait(false);
        return
        [
            .. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(path => RequireToken(folder.TrimEnd(Separator), path)),
        ];
    }

    /// <summary>The path of a token that the guest lists; nothing else of a listing comes onto a command
    /// line.</summary>
    private string RequireToken(string folder, string path)
    {
        var name = path.StartsWith(folder + Separator, StringComparison.OrdinalIgnoreCase)
            ? path[(folder.Length + 1)..] : "";
        return name.Length is > 4 and <= MaxTokenName && name[0] != '-' && name.All(IsOfPath) && !HoldsSecret(name)
            && name.EndsWith(".tok", StringComparison.OrdinalIgnoreCase)
            ? Combine(folder, name)
            : throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"{guest.Vm.Label} lists '{VisibleText.Of(path)}' in {folder}, "
                    + "which is not a token's name",
                "look at that folder in the guest, and remove or rename the file (letters, digits, '.', '-', '_')",
                guest.Vm.Id.ToString());
    }

    /// <summary>Whether a name has what looks like a piece of a token: letters of both cases and digits without
    /// end.</summary>
    private static bool HoldsSecret(string name)
    {
        var (length, isUpper, isLower) = (0, false, false);
        foreach (var c in name)
        {
            (length, isUpper, isLower) = char.IsAsciiLetterOrDigit(c)
                ? (length + 1, isUpper || char.IsAsciiLetterUpper(c), isLower || char.IsAsciiLetterLower(c))
                : (0, false, false);
            if (length >= MaxWordLength && isUpper && isLower)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a character may be one of a path from the guest that goes onto a command line.</summary>
    protected static bool IsOfPath(char c) => char.IsLetterOrDigit(c)
        || c is '.' or '-' or '_' or ' ' or '+' or '@' or ',' or '=' or '(' or ')';

    /// <summary>Whether a file holds exactly a text.</summary>
    public async Task<bool> IsSameAsync(string path, string text, CancellationToken cancellationToken)
    {
        var result = await guest.RunAsync(Scripts.Same, Short, text, cancellationToken, path).ConfigureAwait(false);
        return result.ExitCode == 0;
    }

    /// <summary>Writes a file whole.</summary>
    public Task WriteAsync(string path, string text, string mode, CancellationToken cancellationToken)
    {
        var at = path.LastIndexOf(Separator);
        return guest.DoAsync(
            $"writing {path}", Scripts.Write, Short, text, cancellationToken, path,
            $"{path[..at]}{Separator}.{path[(at + 1)..]}.vgpups-new", mode, path[..at]);
    }

    /// <summary>Moves a file; one that is not there is passed over.</summary>
    public async Task MoveAsync(string from, string to, CancellationToken cancellationToken)
    {
        var result = await guest.RunAsync(Scripts.Move, Short, "", cancellationToken, from, to).ConfigureAwait(false);
        if (!result.Succeeded && result.ExitCode != GuestScript.NotThere)
        {
            throw guest.Failure($"moving {from}", new("move", [from, to], Short), result);
        }
    }

    /// <summary>Removes a file or folder, if it is there.</summary>
    public Task RemoveAsync(string path, CancellationToken cancellationToken) =>
        guest.DoAsync($"removing {path}", Scripts.Remove, Short, "", cancellationToken, path);

    /// <summary>Takes the lock that keeps two changes of one guest apart.</summary>
    /// <exception cref="ResourceBusyException">Another user or program has it.</exception>
    public async Task LockAsync(CancellationToken cancellationToken)
    {
        var result = await guest.RunAsync(Scripts.Lock, Short, "", cancellationToken, LockPath).ConfigureAwait(false);
        if (result.ExitCode == GuestScript.Taken)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy, $"another user or program is changing or measuring {guest.Vm.Label} right now",
                $"try again when it has ended; if it no longer runs, remove {LockPath} in the guest, "
                    + "or wait 15 minutes",
                guest.Vm.Id.ToString());
        }

        if (!result.Succeeded)
        {
            throw guest.Failure("taking the lock", new("lock", [LockPath], Short), result);
        }
    }

    /// <summary>Gives the lock back.</summary>
    public Task UnlockAsync(CancellationToken cancellationToken) => RemoveAsync(LockPath, cancellationToken);

    /// <summary>The scripts of this system.</summary>
    internal abstract GuestFileScripts Scripts { get; }

    /// <summary>The clock, as it prints.</summary>
    protected abstract Task<string> ReadClockAsync(CancellationToken cancellationToken);

    /// <summary>Reads seconds since 1970.</summary>
    protected DateTimeOffset ParseTime(string text, string what) =>
        long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > -60_000_000_000 and < 253_000_000_000
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"{what} in {guest.Vm.Label} cannot be read: {VisibleText.Of(text.Trim())}",
                $"look at it: qm guest exec {guest.Vm.Id} -- date", guest.Vm.Id.ToString());

    /// <summary>Says that no driver answers.</summary>
    protected HostNotReadyException NoDriver(string said) => new(
        ErrorIds.GuestDriverMissing, $"no NVIDIA driver answers in {guest.Vm.Label}: {VisibleText.Of(said.Trim())}",
        $"install the guest driver: Install-VmVgpuDriver {guest.Vm.Id} -Path <driver file on the host>",
        guest.Vm.Id.ToString());
}

/// <summary>The scripts that both systems have.</summary>
internal sealed record GuestFileScripts(
    GuestScript Write, GuestScript Same, GuestScript Tokens, GuestScript Move, GuestScript Remove, GuestScript Lock,
    GuestScript Part, GuestScript Join);
