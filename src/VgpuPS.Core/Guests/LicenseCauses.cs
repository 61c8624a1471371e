namespace VgpuPS.Core.Guests;

/// <summary>Determines from what was seen in a guest why its licence was not acquired.</summary>
/// <remarks>Source: facts/errors.md F1-F9 and E3. Which of several is named first is our choice: the most certain
/// one.</remarks>
public static class LicenseCauses
{
    /// <summary>Clocks that differ by more than this are named as the cause, or refused.</summary>
    /// <remarks>Source: assumed: facts/errors.md F4 names clock skew and no number.</remarks>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <summary>The most certain cause.</summary>
    public static LicenseCause Find(LicenseSituation seen) =>
        FindBroken(seen) ?? FindRefused(seen) ?? FindUnreachable(seen) ?? Unknown(seen);

    /// <summary>Clock, for display: <c>3 h 20 min behind the host's</c>.</summary>
    public static string Describe(TimeSpan skew)
    {
        var size = skew.Duration();
        var text = size.TotalDays >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{size.TotalDays:0} days")
            : size.TotalHours >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{size.TotalHours:0.#} hours")
            : size.TotalMinutes >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{size.TotalMinutes:0.#} minutes")
            : string.Create(CultureInfo.InvariantCulture, $"{size.TotalSeconds:0} s");
        return $"{text} {(skew < TimeSpan.Zero ? "behind" : "ahead of")} the host's";
    }

    // What no server can repair.
    private static LicenseCause? FindBroken(LicenseSituation seen)
    {
        if (seen.Log.DriverMismatch is { } mismatch)
        {
            return DriverMismatch(seen, mismatch.Kind);
        }

        if (seen.HasOpenSsl == false)
        {
            return new LicenseCause(
                "F8", "OpenSSL is not installed in the guest, and no licence can be acquired without it",
                "install it in the guest: apt-get install openssl");
        }

        return seen.Log.Has(GriddEventKind.TokenMissing)
            ? new LicenseCause(
                "F2", "the licence service finds no token in its folder",
                seen.IsWindows
                    ? "see in the guest what is in %ProgramFiles%\\NVIDIA Corporation\\vGPU "
                        + "Licensing\\ClientConfigToken, and whether ClientConfigTokenPath names another folder: "
                        + $"reg query \"HKLM\\{GridRegistry.DriverKey}\""
                    : "see in the guest: ls -l /etc/nvidia/ClientConfigToken; "
                        + "grep ClientConfigTokenPath /etc/nvidia/gridd.conf")
            : null;
    }

    private static LicenseCause DriverMismatch(LicenseSituation seen, GriddEventKind kind)
    {
        const string Install = "install the guest driver of the host's branch: Install-VmVgpuDriver "
            + "-Path <driver file on the host>";
        var (guest, host) = (seen.Smi.DriverVersion ?? "(version unknown)", seen.HostDriver ?? "(version unknown)");
        var (text, fix) = kind switch
        {
            GriddEventKind.DriverTooNew => ($"is newer than the host's driver {host} accepts",
                "update the host's driver first: Initialize-VgpuHost -DriverPath <file.run>; or " + Install),
            GriddEventKind.DriverTooOld => ($"is older than the host's driver {host} accepts", Install),
            _ => ($"does not fit the host's driver {host}", Install),
        };
        return new LicenseCause("E3", $"the guest's driver {guest} {text}: the vGPU is disabled", fix);
    }

    private static LicenseCause? FindRefused(LicenseSituation seen)
    {
        if (seen.Log.Outcome is not { Kind: GriddEventKind.Failed } failed)
        {
            return null;
        }

        if (failed.Server is { } asked && seen.TokenServers.Count > 0
            && !seen.TokenServers.Contains(asked, StringComparer.OrdinalIgnoreCase))
        {
            return new LicenseCause(
                "F6", $"the licence service still requests a licence from {asked}, "
                    + $"and the token is for {string.Join(", ", seen.TokenServers)}: an older token is in use",
                "remove other tokens in the guest, then set it again: Set-GridLicense -TokenPath <the new token>");
        }

        var reason = failed.Reason ?? "";
        if (reason.Contains("time to process response has expired", StringComparison.OrdinalIgnoreCase))
        {
            return seen.ClockSkew is { } skew && skew.Duration() > MaxSkew
                ? new LicenseCause("F4", $"the guest's clock is {Describe(skew)}", ClockFix(seen.IsWindows))
                : new LicenseCause(
                    "F4", "the server did not accept the guest's answer in time: its clock differs from the guest's, "
                        + "or the token was created too long ago",
                    "download a new token and set it within the hour; see the server's clock and the guest's: "
                        + "timedatectl status");
        }

        if (!reason.Contains("No pool features found", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return Mismatch(seen) ?? new LicenseCause(
            "F5", $"the server {failed.Server} has no entitlement for {failed.Product ?? "the product"}",
            "add the entitlement to the licence server on the NVIDIA Licensing Portal, or use a vGPU of a class that "
            + "is entitled: Set-VmVgpu -Type …");
    }

    /// <remarks>
    /// Source: facts/errors.md F9; facts/host-behaviour.md 9: products by class, Q of the workstation's, B and A of
    /// products that FeatureType 1 alone requests, C of the compute server's.
    /// </remarks>
    private static LicenseCause? Mismatch(LicenseSituation seen) => (seen.FeatureType, seen.VgpuClass) switch
    {
        ((int)LicenseFeature.VirtualWorkstation, 'C' or 'B' or 'A')
            or ((int)LicenseFeature.VirtualComputeServer, 'Q' or 'B' or 'A') => new LicenseCause(
            "F9", $"FeatureType {seen.FeatureType} requests another licence than a vGPU of class {seen.VgpuClass} "
                + "needs",
            "make it follow the vGPU: Set-GridLicense -FeatureType 1 -TokenPath <token>"),
        ((int)LicenseFeature.Unlicensed, _) => new LicenseCause(
            "F9", "FeatureType 0 requests no licence",
            "make it follow the vGPU: Set-GridLicense -FeatureType 1 -TokenPath <token>"),
        _ => null,
    };

    private static LicenseCause? FindUnreachable(LicenseSituation seen)
    {
        var server = seen.TokenServers.Count > 0 ? seen.TokenServers[0] : seen.Log.Server ?? "the licence server";
        if (seen.ServerResolves == false)
        {
            return new LicenseCause(
                "F8", $"the guest cannot resolve the name {server}",
                seen.IsWindows ? $"see in the guest: Resolve-DnsName {server}" : "see in the guest: "
                    + $"getent hosts {server}; resolvectl status");
        }

        var port = seen.Port.ToString(CultureInfo.InvariantCulture);
        if (seen.PortIsOpen == false)
        {
            return new LicenseCause(
                "F8", $"port {port} of {server} accepts no connection from the guest: a firewall, "
                    + $"or the server is down",
                seen.IsWindows ? $"see in the guest: Test-NetConnection {server} -Port {port}"
                    : $"see in the guest: curl -vk https://{server}:{port}/");
        }

        return seen.ClockSkew is { } skew && skew.Duration() > MaxSkew
            ? new LicenseCause("F4", $"the guest's clock is {Describe(skew)}", ClockFix(seen.IsWindows))
            : Mismatch(seen);
    }

    private static LicenseCause Unknown(LicenseSituation seen) =>
        seen.Log.Outcome is { Kind: GriddEventKind.Failed } failed
            ? new LicenseCause("F1", $"the server {failed.Server} refused: {failed.Reason ?? "without a reason"}",
                "see the server's own log, and the guest's: " + LogCommand(seen.IsWindows))
        : seen.Smi.DriverVersion is null
            ? new LicenseCause(
                "F8", "the guest's driver does not run: not installed, or not signed where Secure Boot is on",
                "look in the guest: nvidia-smi; mokutil --sb-state; dmesg | grep -i nvidia")
        : new LicenseCause("F7", "the licence service has not reported a reason",
            "look at its log in the guest: " + LogCommand(seen.IsWindows));

    private static string LogCommand(bool isWindows) => isWindows
        ? "Get-Content C:\\Users\\Public\\Documents\\NvidiaLogging\\Log.NVDisplay.Container.exe.log"
        : "journalctl -t nvidia-gridd";

    /// <summary>What sets a guest's clock right.</summary>
    public static string ClockFix(bool isWindows) => isWindows
        ? "correct it in the guest: w32tm /resync"
        : "correct it in the guest: timedatectl set-ntp true; timedatectl status";
}

/// <summary>Why a licence was not acquired, and what helps.</summary>
/// <param name="Row">Row of the table of failures, such as <c>F4</c>.</param>
/// <param name="Text">The cause, for display.</param>
/// <param name="Fix">What to do: a sentence with a command.</param>
public sealed record LicenseCause(string Row, string Text, string Fix);

/// <summary>What is known where a licence was not acquired; members that were not found out are null.</summary>
public sealed record LicenseSituation
{
    /// <summary>The licence service's log since it was restarted.</summary>
    public required GriddLog Log { get; init; }

    /// <summary>What <c>nvidia-smi</c> says in the guest.</summary>
    public required SmiReport Smi { get; init; }

    /// <summary>Letter of the vGPU's class: A, B, C or Q.</summary>
    public char? VgpuClass { get; init; }

    /// <summary>What is requested.</summary>
    public int? FeatureType { get; init; }

    /// <summary>Servers that the token is for.</summary>
    public IReadOnlyList<string> TokenServers { get; init; } = [];

    /// <summary>Port of the server.</summary>
    public int Port { get; init; } = 443;

    /// <summary>Guest's clock less the host's.</summary>
    public TimeSpan? ClockSkew { get; init; }

    /// <summary>Version of the host's driver.</summary>
    public string? HostDriver { get; init; }

    /// <summary>Whether OpenSSL is there.</summary>
    public bool? HasOpenSsl { get; init; }

    /// <summary>Whether the guest knows the server's name.</summary>
    public bool? ServerResolves { get; init; }

    /// <summary>Whether the server's port takes a connection from the guest.</summary>
    public bool? PortIsOpen { get; init; }

    /// <summary>Whether the guest is Windows.</summary>
    public bool IsWindows { get; init; }
}
