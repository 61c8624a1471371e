using System.Text.RegularExpressions;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.Ssh;
using VgpuPS.Ssh;

namespace VgpuPS.SshTests;

/// <summary>Logins that OpenSSH would ask for at a terminal: passwords and passphrases; and whom they are given
/// to.</summary>
internal static class LoginScenarios
{
    private const string Passphrase = "correct horse";

    public static IReadOnlyList<(string Name, Func<SshBed, Task> Run)> All { get; } =
    [
        ("by password: questions and answers", AskedAsync),
        ("by password: a wrong password is one try", WrongAsync),
        ("by password: keys with a passphrase", KeysAsync),
        ("by password: host keys", HostKeysAsync),
        ("by password: every failure is its own error", FailAsync),
    ];

    private static async Task AskedAsync(SshBed bed)
    {
        foreach (var account in (Account[])[Account.ByQuestion(), Account.ByBoth()])
        {
            await using var host = await Sshd.StartAsync(bed, account: account);
            await using var session = await host.OpenAsync();
            bed.Check(
                (await SshBed.ShowAsync(session)).Gpus.Count == 2, $"a session is open: {LogLine(host, "Accepted")}");
        }
    }

    private static async Task WrongAsync(SshBed bed)
    {
        foreach (var account in (Account[])[Account.ByPassword(), Account.ByQuestion(), Account.ByBoth()])
        {
            await using var host = await Sshd.StartAsync(bed, account: account);
            var client = new SshNetClient(host.LoginOptions with { Password = Account.ToSecret("wrong") });
            await ConnectScenarios.ExpectAsync(bed, ErrorIds.AuthenticationFailed, () => host.OpenAsync(client));
            var tries = await CountAsync(host, "^Failed |PAM: Authentication failure");
            bed.Check(tries == 1, $"sshd saw {tries} failed login");
        }
    }

    private static async Task KeysAsync(SshBed bed)
    {
        await using var host = await Sshd.StartAsync(bed, account: Account.ByKey());
        foreach (var (type, format) in ((string, string)[])[
            ("ed25519", "RFC4716"), ("rsa", "RFC4716"), ("ecdsa", "RFC4716"), ("rsa", "PEM"), ("ecdsa", "PEM"),
            ("rsa", "PKCS8")])
        {
            var path = await MakeKeyAsync(host, type, format);
            host.Accept(path);
            var options = host.LoginOptions with { KeyFilePath = path, Password = Account.ToSecret(Passphrase) };
            await using var session = await host.OpenAsync(new SshNetClient(options));
            bed.Check((await SshBed.ShowAsync(session)).Gpus.Count == 2, $"{type} in {format} opens");
            await ConnectScenarios.ExpectAsync(
                bed, ErrorIds.AuthenticationFailed,
                () => host.OpenAsync(new SshNetClient(options with { Password = Account.ToSecret("wrong") })), path);
        }

        var other = await MakeKeyAsync(host, "ed25519", "RFC4716");
        await ConnectScenarios.ExpectAsync(bed, ErrorIds.AuthenticationFailed, () => host.OpenAsync(new SshNetClient(
            host.LoginOptions with { KeyFilePath = other, Password = Account.ToSecret(Passphrase) })));
    }

    private static async Task HostKeysAsync(SshBed bed)
    {
        foreach (var type in (string[])["ed25519", "rsa", "ecdsa"])
        {
            await using var host = await Sshd.StartAsync(bed, account: Account.ByPassword(), hostKeyType: type);
            var known = Path.Combine(host.Folder, "known_hosts");
            var line = await File.ReadAllTextAsync(known);
            await SshBed.RunAsync("ssh-keygen", "-q", "-H", "-f", known);
            await OpensAsync(
                bed, host, $"a hashed name of a key of {type}: {(await File.ReadAllTextAsync(known))[..30]}");

            // The host offers other kinds first; the known one has to be asked for.
            await host.AddHostKeyAsync(type == "rsa" ? "ecdsa" : "rsa");
            await OpensAsync(bed, host, "a host with a second key that nobody knows");
            host.TrustAnother();
            await RefusesAsync(bed, host, type == "ed25519" ? ErrorIds.HostKeyChanged : ErrorIds.HostKeyUnknown);
            await File.WriteAllTextAsync(known, line + "@revoked * " + line[(line.IndexOf(' ') + 1)..]);
            await RefusesAsync(bed, host, ErrorIds.HostKeyRevoked);
            await File.WriteAllTextAsync(known, "@cert-authority * " + line[(line.IndexOf(' ') + 1)..]);
            await RefusesAsync(bed, host, ErrorIds.HostKeyUnknown);
            await PinAsync(bed, host);
        }
    }

    private static async Task PinAsync(SshBed bed, Sshd host)
    {
        host.Forget();
        string shown;
        try
        {
            await using var none = await host.OpenAsync();
            throw new InvalidOperationException("a session was opened");
        }
        catch (HostConnectionException e)
        {
            shown = Regex.Match(e.Message, "SHA256:[^ ]+").Value;
        }

        var real = await SshBed.RunAsync(
            "sh", "-c", $"for k in {host.Folder}/host_key*.pub; do ssh-keygen -lf $k; done");
        bed.Check(shown.Length == 50 && real.Contains(shown, StringComparison.Ordinal),
            $"the refusal names the host's own fingerprint {shown}");
        var pinned = host.LoginOptions with { HostKeyFingerprints = [shown] };
        await using var session = await host.OpenAsync(new SshNetClient(pinned));
        bed.Check((await SshBed.ShowAsync(session)).Gpus.Count == 2, "a fingerprint that is named opens");
        bed.Check((await File.ReadAllTextAsync(Path.Combine(host.Folder, "known_hosts"))).Length == 0,
            "nothing was written to known_hosts");
        var wrong = host.LoginOptions with { HostKeyFingerprints = ["SHA256:" + new string('A', 43)] };
        await ConnectScenarios.ExpectAsync(bed, ErrorIds.HostKeyChanged, () => host.OpenAsync(new SshNetClient(wrong)));
    }

    private static async Task FailAsync(SshBed bed)
    {
        await using var keys = await Sshd.StartAsync(bed, account: Account.ByKey());
        await RefusesAsync(bed, keys, ErrorIds.AuthenticationFailed);
        foreach (var (mode, id) in ((string, string)[])[
            ("none", ErrorIds.AgentNotFound), ("old", ErrorIds.AgentVersionMismatch),
            ("newer", ErrorIds.AgentVersionMismatch),
            ("user", ErrorIds.NotRoot), ("chatter", ErrorIds.AgentFault), ("full", ErrorIds.WriteFailed)])
        {
            await using var other = await Sshd.StartAsync(bed, mode, keys.State, account: Account.ByPassword());
            await RefusesAsync(bed, other, id);
        }

        await using var silent = await Sshd.StartAsync(bed, "silent", keys.State, account: Account.ByPassword());
        await ConnectScenarios.ExpectAsync(
            bed, ErrorIds.HostUnreachable, () => silent.OpenAsync(silent.MakeClient(TimeSpan.FromSeconds(5))));
        var nobody = SshDestination.Parse($"root@127.0.0.1:{Sshd.FreePort()}");
        await ConnectScenarios.ExpectAsync(
            bed, ErrorIds.HostUnreachable, () => new SshConnector(TimeProvider.System, new Random(1))
            .OpenAsync(
                nobody, "nobody", silent.MakeClient(), SshHostSession.AgentCommand, null, CancellationToken.None));
        bed.Check(keys.Agents().Count == 0, "no agent is left of all these");
    }

    private static Task RefusesAsync(SshBed bed, Sshd host, string id) =>
        ConnectScenarios.ExpectAsync(bed, id, () => host.OpenAsync());

    private static async Task OpensAsync(SshBed bed, Sshd host, string what)
    {
        await using var session = await host.OpenAsync();
        bed.Check((await SshBed.ShowAsync(session)).Gpus.Count == 2, $"{what} opens");
    }

    private static async Task<string> MakeKeyAsync(Sshd host, string type, string format)
    {
        var path = Path.Combine(host.Folder, Path.GetRandomFileName());
        await SshBed.RunAsync("ssh-keygen", "-q", "-t", type, "-m", format, "-N", Passphrase, "-f", path);
        return path;
    }

    /// <summary>Lines of sshd's log once it has written what is to come.</summary>
    public static async Task<int> CountAsync(Sshd host, string pattern)
    {
        await Task.Delay(500);
        return (await File.ReadAllLinesAsync(Path.Combine(host.Folder, "log"))).Count(l => Regex.IsMatch(l, pattern));
    }

    private static string LogLine(Sshd host, string begin) =>
        File.ReadLines(Path.Combine(host.Folder, "log"))
            .FirstOrDefault(l => l.StartsWith(begin, StringComparison.Ordinal)) ?? "none";
}
