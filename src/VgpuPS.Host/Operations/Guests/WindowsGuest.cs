using VgpuPS.Core.Guests;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>A Windows guest.</summary>
/// <remarks>Source: facts/host-behaviour.md 9 for folder, log and service (the service's name from memory).</remarks>
internal sealed class WindowsGuest(RunningGuest guest) : GuestOs(guest)
{
    private const string LogPath = @"C:\Users\Public\Documents\NvidiaLogging\Log.NVDisplay.Container.exe.log";
    private const string TokenFolder = @"C:\Program Files\NVIDIA Corporation\vGPU Licensing\ClientConfigToken";
    private const string Service = "NVDisplay.ContainerLocalSystem";

    // What setup ends with where all went well: nothing left to do, and a restart needed. Source: assumed (MSI's
    // codes).
    private static readonly int[] s_installed = [0, 1, 3010];
    private static readonly TimeSpan s_installTime = TimeSpan.FromMinutes(30);

    public override string ServiceName => Service;

    public override string WorkFolder => @"C:\Windows\Temp\vgpups";

    protected override string LockPath => @"C:\Windows\Temp\vgpups-guest.lock";

    protected override char Separator => '\\';

    internal override GuestFileScripts Scripts { get; } = new(
        WindowsGuestScripts.Write, WindowsGuestScripts.Same, WindowsGuestScripts.Tokens, WindowsGuestScripts.Move,
        WindowsGuestScripts.Remove, WindowsGuestScripts.Lock, WindowsGuestScripts.Part, WindowsGuestScripts.Join);

    public override async Task<GuestLicenseConfig> ReadConfigAsync(CancellationToken cancellationToken)
    {
        var text = await DoAsync(
            "reading the registry", WindowsGuestScripts.GetFeature, Short, cancellationToken).ConfigureAwait(false);
        return new GuestLicenseConfig(
            TokenFolder,
            int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var feature)
                ? feature : null, false, null);
    }

    public override Task WriteConfigAsync(
        GuestLicenseConfig before, int featureType, CancellationToken cancellationToken) =>
        SetFeatureAsync(featureType, cancellationToken);

    public override Task RestoreConfigAsync(GuestLicenseConfig before, CancellationToken cancellationToken) =>
        SetFeatureAsync(before.FeatureType, cancellationToken);

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

    private Task SetFeatureAsync(int? feature, CancellationToken cancellationToken) => DoAsync(
        "writing the registry", WindowsGuestScripts.SetFeature, Short, cancellationToken,
        feature?.ToString(CultureInfo.InvariantCulture) ?? "");

    private async Task<string> DoAsync(
        string what, GuestScript script, TimeSpan deadline, CancellationToken cancellationToken,
        params string[] arguments)
    {
        var result = await Guest.DoAsync(
            what, script, deadline, "", cancellationToken, arguments).ConfigureAwait(false);
        return result.Output;
    }
}
