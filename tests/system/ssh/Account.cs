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

    /// <summary>Writes the files of users that this sshd will see.</summary>
    public void Prepare(string folder)
    {
        var hash = SshBed.RunAsync("perl", "-e", "print crypt($ARGV[0], '$6$vgpups$')", Password).GetAwaiter()
            .GetResult();
        File.WriteAllText(
            Path.Combine(folder, "passwd"), File.ReadAllText("/etc/passwd") + $"{User}:x:0:0::/root:/bin/sh\n");
        File.WriteAllText(
            Path.Combine(folder, "shadow"), File.ReadAllText("/etc/shadow") + $"{User}:{hash}:20000:0:99999:7:::\n");
    }

    /// <summary>The command in a mount namespace of its own, where these files are the system's.</summary>
    public static string[] Wrap(string folder, string[] command) =>
    [
        "/usr/bin/unshare", "-m", "/bin/sh", "-c",
        "mount --bind \"$0/passwd\" /etc/passwd && mount --bind \"$0/shadow\" /etc/shadow && exec \"$@\"", folder,
        .. command,
    ];
}
