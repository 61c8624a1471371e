using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Guests;

/// <summary>Programs of a simulated Linux guest.</summary>
/// <remarks>
/// Source: facts/host-behaviour.md 9 for what concerns the driver; systemctl's 5 and words for a unit that is not
/// there: systemd 252.
/// </remarks>
internal sealed class LabLinuxGuest(LabHost host, LabGuest guest)
{
    private const int NoUnit = 5;
    private const int NoName = 2;

    public LabGuestAnswer Run(string program, string[] words, string input) => (program, words) switch
    {
        ("/bin/sh", ["-c", var body, _, .. var rest]) => Script(body, rest, input),
        ("date", ["+%s"]) =>
            Say(LabGridd.GuestTime(host.State, guest).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        ("uname", ["-m"]) => Say("x86_64"),
        ("uname", _) => Say("Linux 6.8.0-generic"),
        ("nvidia-smi", ["-q"]) => LabGuestSmi.Query(host, guest),
        ("nvidia-smi", ["mig", "-lci"]) => LabGuestSmi.ListInstances(host, guest),
        ("systemctl", ["restart", "nvidia-gridd"]) => Restart(),
        ("journalctl", ["-t", "nvidia-gridd", "--since", var since, "-n", _, "--no-pager", "-o", "short"]) =>
            Journal(since),
        ("getent", ["ahosts", var name]) => guest.LicenseFault == LabLicenseFault.NameUnknown
            ? new LabGuestAnswer(NoName) : Say($"10.0.0.9       STREAM {name}"),
        ("cat", ["/proc/sys/kernel/random/boot_id"]) =>
            Say(LabStart.MakeUuid($"guest {guest.Vm} boot {guest.BootCount}")),
        ("systemd-run", ["--on-active=2", "systemctl", "reboot"]) => Reboot(),
        ("date", ["+%s.%N"]) => Say(
            ((LabGridd.GuestTime(host.State, guest).UtcTicks - DateTime.UnixEpoch.Ticks) / 1e7m)
                .ToString("0.000000000", CultureInfo.InvariantCulture)),
        ("chmod", [var mode, .. var paths]) => Change(mode, paths[^1]),
        ("which", [var name]) => Say($"/usr/bin/{name}"),
        _ => LabGuestTools.Run(host, guest, program, words) ?? LabGuestAnswer.Missing,
    };

    private LabGuestAnswer Change(string mode, string path)
    {
        if (!guest.Files.TryGetValue(path, out var file))
        {
            return new LabGuestAnswer(1, "", $"chmod: cannot access '{path}': No such file or directory\n");
        }

        file.Mode = mode;
        host.Change();
        return new LabGuestAnswer(0);
    }

    private static LabGuestAnswer Say(string text) => new(0, text + "\n");

    private LabGuestAnswer Script(string body, string[] words, string input)
    {
        var name = LinuxGuestScripts.All.FirstOrDefault(s => s.Body == body)?.Name;
        return name switch
        {
            null => new LabGuestAnswer(2, "", "sh: the lab does not know this script\n"),
            "openssl" => new LabGuestAnswer(guest.HasOpenSsl ? 0 : 1),
            "nouveau" or "headers" => new LabGuestAnswer(0),
            { } bench when bench.StartsWith("bench-", StringComparison.Ordinal) =>
                new LabBenchScripts(host, guest).Run(bench, words),
            "deb" or "run" => new LabGuestScripts(host, guest).Install(words[0]),
            _ => new LabGuestScripts(host, guest).Run(name, words, input) ?? new LabGuestAnswer(2),
        };
    }

    private LabGuestAnswer Restart()
    {
        if (guest.Driver is null)
        {
            return new LabGuestAnswer(
                NoUnit, "", "Failed to restart nvidia-gridd.service: Unit nvidia-gridd.service not found.\n");
        }

        LabGridd.Restart(host, guest);
        return new LabGuestAnswer(0);
    }

    private LabGuestAnswer Journal(string since)
    {
        LabGridd.CatchUp(host, guest);
        var from = long.Parse(since.TrimStart('@'), CultureInfo.InvariantCulture);
        var lines = guest.Events.Where(e => e.GuestSeconds != 0 && e.GuestSeconds >= from).TakeLast(80).Select(Line)
            .ToList();
        return new LabGuestAnswer(0, lines.Count == 0 ? "-- No entries --\n" : string.Concat(lines));
    }

    private string Line(LabGuestEvent entry)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(entry.GuestSeconds)
            .ToString("MMM dd HH:mm:ss", CultureInfo.InvariantCulture);
        return $"{time} vm{guest.Vm} nvidia-gridd[837]: {entry.Line}\n";
    }

    private LabGuestAnswer Reboot()
    {
        LabGuestAgent.Reboot(host, guest);
        return new LabGuestAnswer(0);
    }
}
