using System.Buffers.Text;
using System.Text.Json;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Guests;

/// <summary>The licence service in guests, and the server behind it.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 9 for the lines; facts/errors.md F for what makes it fail. Assumed: the time that it
/// takes (3 s), a lease of a day, how far clocks may differ (10 minutes), and what it logs where a server cannot be
/// reached.
/// </remarks>
internal static class LabGridd
{
    private const uint Licensed = 5;
    private const uint Unrestricted = 2;
    private const uint Restricted = 3;
    private const long Second = 1_000_000_000;
    private const string NoLicense =
        "Valid GRID license not found. GPU features and performance are restricted. To enable full functionality "
            + "please configure licensing details.";

    private static readonly TimeSpan s_lease = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_toleratedSkew = TimeSpan.FromMinutes(10);

    /// <summary>Makes due what is due.</summary>
    public static void CatchUp(LabHost host, LabGuest guest)
    {
        var state = host.State;
        foreach (var due in guest.Events.Where(e => e.AtNs <= state.MonotonicNs && e.GuestSeconds == 0))
        {
            due.GuestSeconds = GuestTime(state, guest).ToUnixTimeSeconds();
            if (due.State is { } licence)
            {
                (guest.LicenseState, guest.LicenseExpiry) = (licence, due.Expiry);
            }

            host.Change();
        }
    }

    /// <summary>State of the licence as it is due now, as in NVML.</summary>
    public static uint StateAt(LabState state, LabGuest guest) => guest.Events.LastOrDefault(
        e => e.AtNs <= state.MonotonicNs && e.GuestSeconds == 0 && e.State is not null)?.State ?? guest.LicenseState;

    public static DateTimeOffset GuestTime(LabState state, LabGuest guest) =>
        new DateTimeOffset(state.WallTicks, TimeSpan.Zero).AddSeconds(guest.ClockOffsetSeconds);

    /// <summary>Letter of the class of the guest's vGPU; null without one.</summary>
    public static char? FindClass(LabState state, LabGuest guest) =>
        FindVgpu(state, guest) is var (gpu, vgpu) && gpu is not null
        && gpu.Model.FindType(vgpu!.Type)?.Name is { } name ? LicenseProduct.ClassOf(name) : null;

    public static (LabGpu? Gpu, LabVgpu? Vgpu) FindVgpu(LabState state, LabGuest guest)
    {
        var pid = state.Processes.Find(p => p.Vm == guest.Vm)?.Pid;
        foreach (var gpu in pid is null ? [] : state.Gpus)
        {
            if (gpu.Vgpus.Find(v => v.Holder == pid) is { } vgpu)
            {
                return (gpu, vgpu);
            }
        }

        return (null, null);
    }

    /// <summary>Product by class, or by what is requested.</summary>
    public static string ProductOf(char? vgpuClass, int feature) => (feature, vgpuClass) switch
    {
        (2, _) => "NVIDIA RTX Virtual Workstation",
        (4, _) => "NVIDIA Virtual Compute Server",
        (_, 'Q') => "NVIDIA RTX Virtual Workstation",
        (_, 'B') => "NVIDIA Virtual PC",
        (_, 'A') => "NVIDIA Virtual Applications",
        _ => "NVIDIA Virtual Compute Server",
    };

    /// <summary>Restarts the service.</summary>
    public static void Restart(LabHost host, LabGuest guest)
    {
        guest.Events.RemoveAll(e => e.AtNs > host.State.MonotonicNs);

        // A licence is released; a vGPU that is slowed down stays so until there is one.
        (guest.LicenseState, guest.LicenseExpiry) =
            (guest.LicenseState == Licensed ? Unrestricted : guest.LicenseState, null);
        Say(host, guest, 0, "Started (837)");
        if (!guest.IsWindows)
        {
            Say(host, guest, 0, ConfOf(guest) is null
                ? "Failed to open file /etc/nvidia/gridd.conf (No such file or directory)"
                : "Configuration parameter ( ServerAddress  ) not set");
        }

        Say(host, guest, 0, "vGPU Software package (0)");
        Say(host, guest, 0, "Ignore service provider and node-locked licensing");
        Say(host, guest, 0, "NLS initialized");
        Run(host, guest);
        CatchUp(host, guest);
        host.Change();
    }

    /// <summary>Lets the licence end, as where the server does not renew it.</summary>
    /// <remarks>What the service logs then is assumed.</remarks>
    public static void EndLicense(LabHost host, LabGuest guest, TimeSpan time) => guest.Events.Add(new LabGuestEvent
    {
        AtNs = host.State.MonotonicNs + (long)time.TotalNanoseconds,
        Line = NoLicense,
        State = Restricted,
    });

    private static void Run(LabHost host, LabGuest guest)
    {
        var conf = ConfOf(guest);
        var feature = int.TryParse(
            guest.IsWindows ? Registry(guest, "FeatureType") ?? "1" : conf?.GetValueOrDefault("FeatureType"),
            CultureInfo.InvariantCulture, out var set) ? set : 0;
        if (guest.LicenseFault is LabLicenseFault.DriverTooOld or LabLicenseFault.DriverTooNew)
        {
            Say(host, guest, 0, "Incompatible Guest/Host drivers: Guest VGX version is "
                + (guest.LicenseFault == LabLicenseFault.DriverTooOld
                    ? "older than the minimum" : "newer than the maximum")
                + " version supported by the Host. Disabling vGPU.");
            return;
        }

        if (guest.LicenseFault == LabLicenseFault.Silent || !guest.HasOpenSsl || feature == 0)
        {
            Say(host, guest, 3, NoLicense, Restricted);
            return;
        }

        if (FindToken(guest, conf) is not { } token || guest.LicenseFault == LabLicenseFault.TokenNotRead)
        {
            Say(host, guest, 0, "Unable to fetch the client configuration token file");
            Say(host, guest, 3, NoLicense, Restricted);
            return;
        }

        var server = guest.IsWindows ? Registry(guest, "ServerAddress") : conf?.GetValueOrDefault("ServerAddress");
        Ask(host, guest, token, feature, !string.IsNullOrEmpty(server));
    }

    private static void Ask(LabHost host, LabGuest guest, ClientToken token, int feature, bool isOldForm)
    {
        var server = guest.LicenseFault == LabLicenseFault.StaleToken
            ? "old-dls.lab" : token.Servers.Count > 0 ? token.Servers[0] : "dls.lab";
        var vgpuClass = FindClass(host.State, guest);
        var product = ProductOf(vgpuClass, feature);
        Say(host, guest, 0, $"Acquiring license. (Info: {server}; {product})");
        if (isOldForm || guest.LicenseFault is LabLicenseFault.NameUnknown or LabLicenseFault.PortBlocked)
        {
            Say(host, guest, 5, NoLicense, Restricted);
            return;
        }

        if (FindReason(guest, product, feature, vgpuClass) is { } reason)
        {
            Say(host, guest, 3, $"Failed to acquire license from {server} (Info: {product} - Error: {reason})");
            Say(host, guest, 3, NoLicense, Restricted);
            return;
        }

        var end = new DateTimeOffset(host.State.WallTicks, TimeSpan.Zero) + s_lease;
        Say(
            host, guest, 3,
            $"License acquired successfully. (Info: {server}, {product}; Expiry: {LicenseExpiry.Format(end)})",
            Licensed, end.ToUnixTimeSeconds());
    }

    private static string? FindReason(LabGuest guest, string product, int feature, char? vgpuClass) =>
        guest.LicenseFault is LabLicenseFault.ResponseExpired or LabLicenseFault.StaleToken
            || Math.Abs(guest.ClockOffsetSeconds) > s_toleratedSkew.TotalSeconds
            ? "The allowed time to process response has expired"
        : guest.LicenseFault == LabLicenseFault.NoEntitlement
            || (feature, vgpuClass) is (2, 'C') or (4, 'Q' or 'A' or 'B')
            ? $"No pool features found for : {product}"
        : guest.LicenseFault == LabLicenseFault.Refused ? "Internal error 7" : null;

    /// <summary>What the service reads of its file; null without one.</summary>
    /// <remarks>Source: facts/host-behaviour.md 9: NAME=VALUE lines, comments with #. Assumed: the last one of a name
    /// counts, and blanks around it do not.</remarks>
    private static Dictionary<string, string>? ConfOf(LabGuest guest)
    {
        if (!guest.Files.TryGetValue("/etc/nvidia/gridd.conf", out var file))
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in LabGuestDisk.Text(file).Split('\n').Select(l => l.Trim()).Where(l => !l.StartsWith('#')))
        {
            if (line.Split('=', 2) is [var name, var value])
            {
                values[name.Trim()] = value.Trim();
            }
        }

        return values;
    }

    /// <summary>What the driver of a Windows guest reads, from the one key of its branch.</summary>
    /// <remarks>Source: https://github.com/awsdocs/amazon-ec2-user-guide-windows/issues/47 (vGPU 15, driver 525, and
    /// newer: below the driver's service). That an older one reads the other key alone is assumed.</remarks>
    private static string? Registry(LabGuest guest, string name)
    {
        var isNewer = string.CompareOrdinal(guest.Driver?.Split('.')[0].PadLeft(4, '0'), "0525") >= 0;
        var key = isNewer
            ? @"HKLM:\SYSTEM\CurrentControlSet\Services\nvlddmkm\Global\GridLicensing"
            : @"HKLM:\SOFTWARE\NVIDIA Corporation\Global\GridLicensing";
        return guest.Registry.GetValueOrDefault($@"{key}\{name}")?.Text;
    }

    private static ClientToken? FindToken(LabGuest guest, Dictionary<string, string>? conf)
    {
        var folder = guest.IsWindows
            ? (Registry(guest, "ClientConfigTokenPath")
                ?? @"C:\Program Files\NVIDIA Corporation\vGPU Licensing\ClientConfigToken").TrimEnd('\\') + @"\"
            : (conf?.GetValueOrDefault("ClientConfigTokenPath") ?? "/etc/nvidia/ClientConfigToken").TrimEnd('/') + "/";
        foreach (var (path, file) in guest.Files)
        {
            try
            {
                if (path.StartsWith(folder, StringComparison.Ordinal)
                    && path.EndsWith(".tok", StringComparison.Ordinal))
                {
                    return ClientToken.Parse(LabGuestDisk.Text(file), path);
                }
            }
            catch (InvalidRequestException)
            {
                continue;
            }
        }

        return null;
    }

    private static void Say(
        LabHost host, LabGuest guest, int seconds, string line, uint? licence = null, long? expiry = null) =>
        guest.Events.Add(new LabGuestEvent
        {
            AtNs = host.State.MonotonicNs + (seconds * Second),
            Line = line,
            State = licence,
            Expiry = expiry,
        });
}

/// <summary>Tokens for simulated licence servers: shaped as real ones, without a valid signature.</summary>
/// <remarks>Source: members as FastAPI-DLS writes them (main.py, client-token).</remarks>
public static class LabTokens
{
    private const string Header = """{"alg":"RS256","typ":"JWT"}""";

    /// <summary>Makes one.</summary>
    /// <param name="server">The server that it is for.</param>
    /// <param name="expires">When it ends.</param>
    public static string Make(string server, DateTimeOffset expires)
    {
        var end = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var payload = $$$"""
            {"iss":"NLS Service Instance","aud":"NLS Licensed Client","iat":1735689600,"nbf":1735689600,"exp":{{{end}}},
            "service_instance_configuration":{"nls_service_instance_ref":"lab","svc_port_set_list":[{"idx":0,"d_name":"DLS",
            "svc_port_map":[{"service":"auth","port":443},{"service":"lease","port":443}]}],
            "node_url_list":[{"idx":0,"url":"{{{JsonEncodedText.Encode(server)}}}","svc_port_set_idx":0}]}}
            """;
        return $"{Encode(Header)}.{Encode(payload)}.{Encode("signed by nobody")}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
