using System.Security;
using System.Security.Cryptography;

namespace VgpuPS.SshTests;

/// <summary>A user with root's number and a password, who exists for one sshd only, and how that sshd lets people
/// in.</summary>
internal sealed record Account
{
    /// <summary>How sshd lets people in where there is no account.</summary>
    public const string KeysOnly = """
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        """;

    private const string ManyPasswords = "MaxAuthTries 6\nPermitRootLogin yes";

    public string User { get; } = "vgputest";

    public string Password { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));

    public required string Config { get; init; }

    public SecureString Secret => ToSecret(Password);

    public static Account ByPassword() => new()
    {
        Config = $"UsePAM no\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\n{ManyPasswords}",
    };

    public static Account ByQuestion() => new()
    {
        Config = $"UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes\n{ManyPasswords}",
    };

    public static Account ByBoth() => new()
    {
        Config = $"UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication yes\n{ManyPasswords}",
    };

    public static Account ByKey() => new() { Config = KeysOnly };

    public static SecureString ToSecret(string text)
    {
        var secret = new SecureString();
        foreach (var c in text)
        {
            secret.AppendChar(c);
        }

        return secret;
    }

    /// <summary>Writes the files of users that one sshd will see: root with an empty home, as this machine's own may
    /// run anything at a login, and the account.</summary>
    public static void Prepare(string folder, Account? account)
    {
        var home = Directory.CreateDirectory(Path.Combine(folder, "home")).FullName;
        var others = File.ReadLines("/etc/passwd").Where(l => !l.StartsWith("root:", StringComparison.Ordinal));
        List<string> users = [.. others, $"root:x:0:0::{home}:/bin/bash"];
        List<string> passwords = [.. File.ReadLines("/etc/shadow")];
        if (account is not null)
        {
            var hash = SshBed.RunAsync("perl", "-e", "print crypt($ARGV[0], '$6$vgpups$')", account.Password)
                .GetAwaiter().GetResult();
            users.Add($"{account.User}:x:0:0::{home}:/bin/sh");
            passwords.Add($"{account.User}:{hash}:20000:0:99999:7:::");
        }

        File.WriteAllLines(Path.Combine(folder, "passwd"), users);
        File.WriteAllLines(Path.Combine(folder, "shadow"), passwords);
    }

    /// <summary>The command in a mount namespace of its own, where these files are the system's.</summary>
    public static string[] Wrap(string folder, string[] command) =>
    [
        "/usr/bin/unshare", "-m", "/bin/sh", "-c",
        "mount --bind \"$0/passwd\" /etc/passwd && mount --bind \"$0/shadow\" /etc/shadow && exec \"$@\"", folder,
        .. command,
    ];
}
