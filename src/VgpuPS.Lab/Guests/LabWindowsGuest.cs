using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Guests;

/// <summary>PowerShell of a simulated Windows guest, as far as our own scripts go.</summary>
internal sealed class LabWindowsGuest(LabHost host, LabGuest guest)
{
    private const string SetupMark = "$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue';";

    private static readonly string[] s_keys =
    [
        @"SYSTEM\CurrentControlSet\Services\nvlddmkm\Global\GridLicensing",
        @"SOFTWARE\NVIDIA Corporation\Global\GridLicensing",
    ];

    private static readonly string[] s_licensing = ["FeatureType", "ClientConfigTokenPath", "ServerAddress"];

    public LabGuestAnswer Run(string program, string[] words, string input)
    {
        if (program != "powershell.exe"
            || words is not ["-NoProfile", "-NonInteractive", "-EncodedCommand", var encoded])
        {
            return LabGuestAnswer.Missing;
        }

        var text = Encoding.Unicode.GetString(Convert.FromBase64String(encoded));
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var script = WindowsGuestScripts.All.FirstOrDefault(s => s.Body == text[(end + 1)..]);
        return script is null || !text.StartsWith(SetupMark, StringComparison.Ordinal)
            ? new LabGuestAnswer(1, "", "the lab does not know this script\n")
            : RunScript(script.Name, [.. ReadArguments(text[SetupMark.Length..end])], input);
    }

    // $p1='…';$p2='…'; with doubled quotes.
    private static IEnumerable<string> ReadArguments(string text)
    {
        for (var at = text.IndexOf('\'', StringComparison.Ordinal); at >= 0;)
        {
            var value = new StringBuilder();
            for (at++; at < text.Length && !(text[at] == '\'' && (at + 1 == text.Length || text[at + 1] != '\'')); at++)
            {
                value.Append(text[at]);
                at += text[at] == '\'' ? 1 : 0;
            }

            yield return value.ToString();
            at = at + 1 < text.Length ? text.IndexOf('\'', at + 1) : -1;
        }
    }

    private static LabGuestAnswer Say(string text) => new(0, text + "\r\n");

    private LabGuestAnswer RunScript(string name, IReadOnlyList<string> words, string input) => name switch
    {
        "time" => Say(LabGridd.GuestTime(host.State, guest).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        "getLicensing" => new(0, string.Concat(s_keys.SelectMany(Licensing))),
        "setLicensing" => SetLicensing(words[0], words[1], words[2], words[3]),
        "restart" => Restart(words[0]),
        "countLines" => Say(Log().Count.ToString(CultureInfo.InvariantCulture)),
        "log" => new(0, string.Concat(Log().Skip(int.Parse(words[1], CultureInfo.InvariantCulture)).TakeLast(80))),
        "smi" => guest.Driver is null ? new(GuestScript.NotThere) : LabGuestSmi.Query(host, guest),
        "resolve" => guest.LicenseFault == LabLicenseFault.NameUnknown
            ? new(1, "", $"Resolve-DnsName : {words[0]} : DNS name does not exist\r\n") : new(0),
        "install" => new LabGuestScripts(host, guest).Install(words[0]),
        "reboot" => Reboot(),
        "bootTime" => Say(guest.BootCount.ToString(CultureInfo.InvariantCulture)),
        _ => new LabGuestScripts(host, guest).Run(name, words, input) ?? new(1),
    };

    private IEnumerable<string> Licensing(string key)
    {
        foreach (var name in s_licensing)
        {
            if (guest.Registry.TryGetValue($@"HKLM:\{key}\{name}", out var value))
            {
                yield return $"{key}\t{name}\t{value.Kind}\t{value.Text}\r\n";
            }
        }
    }

    private LabGuestAnswer SetLicensing(string key, string name, string kind, string text)
    {
        var path = $@"HKLM:\{key}\{name}";
        if (kind.Length == 0)
        {
            guest.Registry.Remove(path);
        }
        else
        {
            guest.Registry[path] = new LabRegistryValue(kind, text);
        }

        host.Change();
        return new LabGuestAnswer(0);
    }

    private LabGuestAnswer Restart(string service)
    {
        if (guest.Driver is null)
        {
            return new LabGuestAnswer(
                1, "", $"Restart-Service : Cannot find any service with service name '{service}'.\r\n");
        }

        LabGridd.Restart(host, guest);
        return new LabGuestAnswer(0);
    }

    private List<string> Log()
    {
        LabGridd.CatchUp(host, guest);
        return [.. guest.Events.Where(e => e.GuestSeconds != 0).Select(e =>
            $"{DateTimeOffset.FromUnixTimeSeconds(e.GuestSeconds)
                .ToString("ddd MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture)}"
                + $":<1>:{e.Line}\r\n")];
    }

    private LabGuestAnswer Reboot()
    {
        LabGuestAgent.Reboot(host, guest);
        return new LabGuestAnswer(0);
    }
}
