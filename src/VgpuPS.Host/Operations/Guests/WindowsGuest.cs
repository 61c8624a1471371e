using System.Text.RegularExpressions;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>A Windows guest.</summary>
/// <remarks>Source: facts/host-behaviour.md 9 for folder, log and service (the service's name from memory).</remarks>
internal sealed partial class WindowsGuest(RunningGuest guest) : GuestOs(guest)
{
    private const string Number = "DWord";
    private const string LogPath = @"C:\Users\Public\Documents\NvidiaLogging\Log.NVDisplay.Container.exe.log";
    private const string TokenFolder = @"C:\Program Files\NVIDIA Corporation\vGPU Licensing\ClientConfigToken";
    private const string Service = "NVDisplay.ContainerLocalSystem";

    // What setup ends with where all went well: nothing left to do, and a restart needed. Source: assumed (MSI's
    // codes).
    private static readonly int[] s_installed = [0, 1, 3010];
    private static readonly TimeSpan s_installTime = TimeSpan.FromMinutes(30);

    [GeneratedRegex(@"^[A-Za-z]:\\[^\\]")]
    private static partial Regex FolderOnDrive { get; }

    public override string ServiceName => Service;

    public override string WorkFolder => @"C:\Windows\Temp\vgpups";

    protected override string LockPath => @"C:\Windows\Temp\vgpups-guest.lock";

    protected override char Separator => '\\';

    internal override GuestFileScripts Scripts { get; } = new(
        WindowsGuestScripts.Write, WindowsGuestScripts.Same, WindowsGuestScripts.Tokens, WindowsGuestScripts.Move,
        WindowsGuestScripts.Remove, WindowsGuestScripts.Lock, WindowsGuestScripts.Part, WindowsGuestScripts.Join);

    public override async Task<GuestLicenseConfig> ReadConfigAsync(
        string? driver, CancellationToken cancellationToken)
    {
        var result = await Guest.DoAsync(
            "reading the registry", WindowsGuestScripts.GetLicensing, Short, "", cancellationToken)
            .ConfigureAwait(false);
        var keys = GridRegistry.KeysOf(driver);
        if (result.IsAltered || GridRegistry.Parse(result.Output) is not { } all)
        {
            // What is written back must be what was there.
            throw Odd($"the registry of {Guest.Vm.Label} has values for licensing that cannot be read", keys[0]);
        }

        List<GridRegistryValue> values = [.. all.Where(v => keys.Contains(v.Key))];
        var features = values.Where(v => v.Name == GriddConf.FeatureType).Select(v => v.Text).Distinct().ToList();
        return new GuestLicenseConfig(
            FindFolder(values),
            features is [var one]
                && int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var feature) ? feature : null,
            values.Any(v => v.Name == GriddConf.ServerAddress && v.Text.Length > 0), null)
        { Keys = keys, Values = values };
    }

    public override async Task WriteConfigAsync(
        GuestLicenseConfig before, int featureType, CancellationToken cancellationToken)
    {
        var text = featureType.ToString(CultureInfo.InvariantCulture);
        foreach (var key in before.Keys)
        {
            await SetAsync(
                new GridRegistryValue(key, GriddConf.FeatureType, Number, text), cancellationToken)
                .ConfigureAwait(false);
            if (before.Values.Any(v => v.Key == key && v.Name == GriddConf.ServerAddress))
            {
                await SetAsync(
                    new GridRegistryValue(key, GriddConf.ServerAddress, "", ""), cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }

    public override async Task RestoreConfigAsync(GuestLicenseConfig before, CancellationToken cancellationToken)
    {
        foreach (var key in before.Keys)
        {
            if (!before.Values.Any(v => v.Key == key && v.Name == GriddConf.FeatureType))
            {
                await SetAsync(
                    new GridRegistryValue(key, GriddConf.FeatureType, "", ""), cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        foreach (var value in before.Values.Where(v => v.Name is GriddConf.FeatureType or GriddConf.ServerAddress))
        {
            await SetAsync(value, cancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task<SmiReport> ReadSmiAsync(CancellationToken cancellationToken)
    {
        var result = await Guest.RunAsync(WindowsGuestScripts.Smi, Long, "", cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? SmiReport.Parse(result.Output)
            : throw NoDriver(
                result.ExitCode == GuestScript.NotThere ? "there is no nvidia-smi.exe" : result.Output + result.Error);
    }

    public override async Task<string> MarkLogAsync(CancellationToken cancellationToken)
    {
        var text = await DoAsync("reading the log", WindowsGuestScripts.CountLines, Short, cancellationToken, LogPath)
            .ConfigureAwait(false);
        return int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count.ToString(CultureInfo.InvariantCulture)
            : throw new UnreadableDataException(
                ErrorIds.UnreadableData,
                $"the length of the log in {Guest.Vm.Label} cannot be read: {VisibleText.Of(text.Trim())}",
                $"look at it in the guest: Get-Content '{LogPath}' -Tail 20", Guest.Vm.Id.ToString());
    }

    public override async Task<GriddLog> ReadLogAsync(string mark, CancellationToken cancellationToken) =>
        GriddLog.Parse(
        await DoAsync(
            "reading the log", WindowsGuestScripts.Log, Short, cancellationToken, LogPath, mark).ConfigureAwait(false));

    public override async Task RestartServiceAsync(CancellationToken cancellationToken)
    {
        var result = await Guest.RunAsync(
            WindowsGuestScripts.Restart, Long, "", cancellationToken, Service).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw result.Error.Contains("Cannot find any service", StringComparison.OrdinalIgnoreCase)
                ? NoDriver($"there is no service {Service}, which the driver installs")
                : Guest.Failure($"restarting {Service}", new("Restart-Service", [Service], Long), result);
        }
    }

    public override async Task<LicenseSituation> ProbeAsync(LicenseSituation seen, CancellationToken cancellationToken)
    {
        if (seen.TokenServers.Count == 0)
        {
            return seen;
        }

        var server = seen.TokenServers[0];
        var name = await Guest.RunAsync(
            WindowsGuestScripts.Resolve, Short, "", cancellationToken, server).ConfigureAwait(false);
        var port = await Guest.RunAsync(
            WindowsGuestScripts.Port, Long, "", cancellationToken, server,
            seen.Port.ToString(CultureInfo.InvariantCulture))
            .ConfigureAwait(false);
        return seen with { ServerResolves = name.ExitCode == 0, PortIsOpen = port.ExitCode == 0 };
    }

    public override Task<string> GetBootMarkAsync(CancellationToken cancellationToken) =>
        DoAsync("reading the time of the boot", WindowsGuestScripts.BootTime, Short, cancellationToken);

    public override Task RebootAsync(CancellationToken cancellationToken) =>
        DoAsync("restarting the guest", WindowsGuestScripts.Reboot, Short, cancellationToken);

    public override async Task InstallAsync(GuestDriverFile file, string path, CancellationToken cancellationToken)
    {
        var result = await Guest.RunAsync(
            WindowsGuestScripts.Install, s_installTime, "", cancellationToken, path).ConfigureAwait(false);
        if (result.ExitCode is not { } code || !s_installed.Contains(code))
        {
            throw Guest.Failure(
                $"installing {file.Name}", new(path, ["-s", "-noreboot", "-clean"], s_installTime), result);
        }
    }

    protected override Task<string> ReadClockAsync(CancellationToken cancellationToken) =>
        DoAsync("reading the clock", WindowsGuestScripts.Time, Short, cancellationToken);

    /// <summary>The folder that a key names, or the usual one.</summary>
    private string FindFolder(List<GridRegistryValue> values)
    {
        var named = values.FirstOrDefault(
            v => v.Name == GriddConf.ClientConfigTokenPath && !string.IsNullOrWhiteSpace(v.Text));
        return named is null ? TokenFolder
            : FolderOnDrive.IsMatch(named.Text) && named.Text[2..].All(c => c == Separator || IsOfPath(c))
                && !named.Text.Split(Separator).Any(n => n.Trim() is "." or "..")
            ? named.Text.TrimEnd(Separator)
            : throw Odd($"{GriddConf.ClientConfigTokenPath} in {Guest.Vm.Label} names "
                + $"'{VisibleText.Of(named.Text)}' as the folder of tokens, which is not a folder on a drive of the "
                + @"guest (C:\…)", named.Key);
    }

    private UnreadableDataException Odd(string what, string key) => new(
        ErrorIds.UnreadableData, what, $"look at it in the guest and correct it: reg query \"HKLM\\{key}\"",
        Guest.Vm.Id.ToString());

    private Task SetAsync(GridRegistryValue value, CancellationToken cancellationToken) => DoAsync(
        "writing the registry", WindowsGuestScripts.SetLicensing, Short, cancellationToken, value.Key, value.Name,
        value.Kind, value.Text);

    private async Task<string> DoAsync(
        string what, GuestScript script, TimeSpan deadline, CancellationToken cancellationToken,
        params string[] arguments)
    {
        var result = await Guest.DoAsync(
            what, script, deadline, "", cancellationToken, arguments).ConfigureAwait(false);
        return result.Output;
    }
}
