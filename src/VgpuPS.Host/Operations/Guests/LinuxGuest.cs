using VgpuPS.Core.Guests;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>A Linux guest.</summary>
/// <remarks>Source: facts/host-behaviour.md 9 for paths, service and mode; that its journal has the service's lines is
/// assumed.</remarks>
internal sealed class LinuxGuest(RunningGuest guest) : GuestOs(guest)
{
    private const string ConfPath = "/etc/nvidia/gridd.conf";
    private const string ConfMode = "644";
    private const string TokenFolder = "/etc/nvidia/ClientConfigToken";
    private const string Service = "nvidia-gridd";
    private const int MaxLines = 80;
    private const string BlacklistPath = "/etc/modprobe.d/vgpups-nouveau.conf";

    private static readonly TimeSpan s_installTime = TimeSpan.FromMinutes(20);

    public override string ServiceName => Service;

    public override string WorkFolder => "/var/tmp/vgpups";

    protected override string LockPath => "/run/vgpups-guest.lock";

    protected override char Separator => '/';

    internal override GuestFileScripts Scripts { get; } = new(
        LinuxGuestScripts.Write, LinuxGuestScripts.Same, LinuxGuestScripts.Tokens, LinuxGuestScripts.Move,
        LinuxGuestScripts.Remove, LinuxGuestScripts.Lock, LinuxGuestScripts.Part, LinuxGuestScripts.Join);

    public override async Task<GuestLicenseConfig> ReadConfigAsync(
        string? driver, CancellationToken cancellationToken)
    {
        var result = await Guest.RunAsync(
            LinuxGuestScripts.Read, Short, "", cancellationToken, ConfPath).ConfigureAwait(false);
        if (!result.Succeeded && result.ExitCode != GuestScript.NotThere)
        {
            throw Guest.Failure($"reading {ConfPath}", new("cat", [ConfPath], Short), result);
        }

        if (result.IsAltered)
        {
            // What is written back must be what was there.
            throw Odd(
                $"{ConfPath} in {Guest.Vm.Label} has control characters, or a part of a token, and is not changed");
        }

        var text = result.Succeeded ? result.Output : null;
        var conf = GriddConf.Parse(text ?? "");
        var folder = conf[GriddConf.ClientConfigTokenPath] is { Length: > 1 } other && other[0] == '/'
            ? other : TokenFolder;
        if (!folder.All(c => c == '/' || IsOfPath(c)))
        {
            throw Odd($"{ConfPath} in {Guest.Vm.Label} names '{VisibleText.Of(folder)}' as the folder of tokens, "
                + "which is not a path that may be put on a command line");
        }

        var feature =
            int.TryParse(conf[GriddConf.FeatureType], NumberStyles.None, CultureInfo.InvariantCulture, out var type)
            ? type : (int?)null;
        return new GuestLicenseConfig(
            folder.TrimEnd('/'), feature, !string.IsNullOrEmpty(conf[GriddConf.ServerAddress]), text);
    }

    public override async Task WriteConfigAsync(
        GuestLicenseConfig before, int featureType, CancellationToken cancellationToken)
    {
        var conf = GriddConf.Parse(before.Text ?? "")
            .With(GriddConf.FeatureType, featureType.ToString(CultureInfo.InvariantCulture))
            .Without(GriddConf.ServerAddress);
        if (before.Text is not null)
        {
            await Guest.DoAsync(
                $"copying {ConfPath}", LinuxGuestScripts.Backup, Short, "", cancellationToken, ConfPath,
                ConfPath + AsideSuffix)
                .ConfigureAwait(false);
        }

        await WriteAsync(ConfPath, conf.ToString(), ConfMode, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps the lock from expiring, which a quarter of an hour does without it.</summary>
    /// <returns>Whether it is still there: a restart of the guest takes it away.</returns>
    public async Task<bool> KeepLockAsync(CancellationToken cancellationToken) =>
        (await Guest.RunAsync(LinuxGuestScripts.Keep, Short, "", cancellationToken, LockPath).ConfigureAwait(false))
            .Succeeded;

    public override Task RestoreConfigAsync(GuestLicenseConfig before, CancellationToken cancellationToken) =>
        before.Text is null
            ? RemoveAsync(ConfPath, cancellationToken)
            : MoveAsync(ConfPath + AsideSuffix, ConfPath, cancellationToken);

    public override async Task<SmiReport> ReadSmiAsync(CancellationToken cancellationToken)
    {
        try
        {
            var result = await Guest.Channel.RunAsync(
                new("nvidia-smi", ["-q"], Long), cancellationToken).ConfigureAwait(false);
            return result.Succeeded ? SmiReport.Parse(result.Output) : throw NoDriver(result.Output + result.Error);
        }
        catch (ObjectNotFoundException e) when (e.ErrorId == ErrorIds.GuestProgramNotFound)
        {
            throw NoDriver("there is no nvidia-smi");
        }
    }

    // The journal is asked by whole seconds: what it has already in this one is of an earlier try, and is counted.
    public override async Task<string> MarkLogAsync(CancellationToken cancellationToken)
    {
        var time = await GetTimeAsync(cancellationToken).ConfigureAwait(false);
        var second = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var before = await ReadLogAsync(second, cancellationToken).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"{second} {before.Events.Count}");
    }

    public override async Task<GriddLog> ReadLogAsync(string mark, CancellationToken cancellationToken)
    {
        var (second, known) = mark.Trim().Split(' ') is [var time, var count]
            ? (time, int.Parse(count, CultureInfo.InvariantCulture)) : (mark.Trim(), 0);
        var result = await Guest.DoAsync(
            "reading the service's log", Short, "journalctl",
            [
                "-t", Service, "--since", $"@{second}", "-n", MaxLines.ToString(CultureInfo.InvariantCulture),
                "--no-pager", "-o", "short",
            ], cancellationToken).ConfigureAwait(false);
        var events = GriddLog.Parse(result.Output).Events;

        // A log that is cut has lost its oldest lines, which are the known ones.
        return new GriddLog(events.Count < MaxLines ? [.. events.Skip(known)] : events);
    }

    public override async Task RestartServiceAsync(CancellationToken cancellationToken)
    {
        var command = new GuestCommand("systemctl", ["restart", Service], Long);
        var result = await Guest.Channel.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw (result.Output + result.Error).Contains("not found", StringComparison.OrdinalIgnoreCase)
                ? NoDriver($"there is no {Service}, which the vGPU guest driver installs")
                : Guest.Failure($"restarting {Service}", command, result);
        }
    }

    public override async Task<LicenseSituation> ProbeAsync(LicenseSituation seen, CancellationToken cancellationToken)
    {
        var ssl = await Guest.RunAsync(LinuxGuestScripts.OpenSsl, Short, "", cancellationToken).ConfigureAwait(false);
        seen = seen with { HasOpenSsl = ssl.ExitCode == 0 };
        if (seen.TokenServers.Count == 0)
        {
            return seen;
        }

        var server = seen.TokenServers[0];
        var name = await Guest.Channel.RunAsync(
            new("getent", ["ahosts", server], Short), cancellationToken).ConfigureAwait(false);
        var port = await Guest.RunAsync(
            LinuxGuestScripts.Port, Short, "", cancellationToken, server,
            seen.Port.ToString(CultureInfo.InvariantCulture))
            .ConfigureAwait(false);
        return seen with { ServerResolves = name.ExitCode == 0, PortIsOpen = port.ExitCode == 0 };
    }

    public override async Task<string> GetBootMarkAsync(CancellationToken cancellationToken)
    {
        var result = await Guest.DoAsync(
            "reading the boot id", Short, "cat", ["/proc/sys/kernel/random/boot_id"],
            cancellationToken).ConfigureAwait(false);
        return result.Output.Trim();
    }

    // The agent is gone before it could answer, so that the restart waits a little.
    public override Task RebootAsync(CancellationToken cancellationToken) => Guest.DoAsync(
        "restarting the guest", Short, "systemd-run", ["--on-active=2", "systemctl", "reboot"], cancellationToken);

    public override async Task InstallAsync(GuestDriverFile file, string path, CancellationToken cancellationToken)
    {
        await Guest.DoAsync(
            "preventing nouveau from being loaded", LinuxGuestScripts.NoNouveau, Long, "",
            cancellationToken, BlacklistPath)
            .ConfigureAwait(false);
        await Guest.DoAsync(
            "installing kernel headers", LinuxGuestScripts.Headers, s_installTime, "", cancellationToken)
            .ConfigureAwait(false);
        var script = file.Kind == GuestDriverKind.Deb ? LinuxGuestScripts.InstallDeb : LinuxGuestScripts.InstallRun;
        await Guest.DoAsync(
            $"installing {file.Name}", script, s_installTime, "", cancellationToken, path).ConfigureAwait(false);
    }

    private UnreadableDataException Odd(string what) => new(
        ErrorIds.UnreadableData, what, $"look at it in the guest and correct it: cat -v {ConfPath}",
        Guest.Vm.Id.ToString());

    protected override async Task<string> ReadClockAsync(CancellationToken cancellationToken)
    {
        var result = await Guest.DoAsync(
            "reading the clock", Short, "date", ["+%s"], cancellationToken).ConfigureAwait(false);
        return result.Output.Trim();
    }
}

/// <summary>A guest's configuration of licensing.</summary>
/// <param name="TokenFolder">Where its token lies.</param>
/// <param name="FeatureType">Which licence it requests; null where it does not say.</param>
/// <param name="HasServerAddress">Whether a server of the legacy licensing is set, which breaks the new one.</param>
/// <param name="Text">The configuration file; null without one.</param>
internal sealed record GuestLicenseConfig(string TokenFolder, int? FeatureType, bool HasServerAddress, string? Text)
{
    /// <summary>Keys of the registry that the driver of a Windows guest reads; empty for Linux.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>What those keys hold.</summary>
    public IReadOnlyList<GridRegistryValue> Values { get; init; } = [];
}
