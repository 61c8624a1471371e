using System.Security;
using VgpuPS.Core.Errors;
using VgpuPS.Ssh;
using Xunit;

namespace VgpuPS.Tests.Ssh;

public sealed class CredentialTests : IDisposable
{
    // A key of this test's own, encrypted with "words", as ssh-keygen -a 1 wrote it.
    private const string Encrypted = """
        -----BEGIN OPENSSH PRIVATE KEY-----
        b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABBh+E4SA6
        +Gx1AnkmQJM9vjAAAAAQAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIHZAS/ELx7r465rF
        ZiPBSqXruaxb9totO/0l/4aZvATGAAAAkPpso+cayU7ygLbgVh8gzSwrJVKU25EPWtOm3R
        WYxjTCxFrNFZWUk4K8qkJUC+rKD/0XfZnz4pIXXExHTFPtgqBwLDcexix4ub3Hv0HfosYJ
        NgyjdUxMexG/mcr/M73NL8IHX7cuNvMjyTtNlNpK42dmB6uV2R+AVFGsuZj3quoYsTHyJq
        EItJdE1zWiWzFqFw==
        -----END OPENSSH PRIVATE KEY-----
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("vgpups-key-").FullName;

    [Fact]
    public void An_empty_password_is_refused_before_any_host_is_asked()
    {
        var failure = Assert.Throws<InvalidRequestException>(() => new SshNetClient(Options("")));
        Assert.Contains("empty", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_opens_with_its_passphrase()
    {
        using var client = new SshNetClient(Options("words") with { KeyFilePath = Write("key", Encrypted) });
    }

    [Theory]
    [InlineData("other", "does not open")]
    [InlineData("", "has a passphrase")]
    public void A_key_that_does_not_open_is_a_login_that_fails(string passphrase, string words)
    {
        var options = Options(passphrase) with { KeyFilePath = Write("key", Encrypted) };
        var failure = Assert.Throws<AccessDeniedException>(() => new SshNetClient(options));
        Assert.Equal(ErrorIds.AuthenticationFailed, failure.ErrorId);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOf5aiwo9AV8EogPqDQY64i34xQJceGKc3uoFbx9m8FR", "is a public key")]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n", "is a public key")]
    [InlineData("no key at all", "cannot be read as a private key")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        "cannot be read as a private key")]
    [InlineData("-----BEGIN ED448 PRIVATE KEY-----\nAAAA\n-----END ED448 PRIVATE KEY-----\n",
        "cannot be read as a private key")]
    [InlineData("", "has 0 bytes")]
    public void What_is_no_private_key_is_refused(string text, string words) => RefusesKey(Write("key", text), words);

    [Fact]
    public void A_folder_and_a_file_that_is_not_there_are_refused()
    {
        RefusesKey(_folder, "is a folder");
        RefusesKey(Path.Combine(_folder, "none"), "is not there");
        RefusesKey(Path.Combine(_folder, "none", "none"), "is not there");
    }

    [Fact]
    public void A_key_that_others_may_read_is_not_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such mode");
        var path = Write("key", Encrypted);
#pragma warning disable CA1416 // Skipped on Windows.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
#pragma warning restore CA1416
        var failure = Assert.Throws<AccessDeniedException>(
            () => new SshNetClient(Options("words") with { KeyFilePath = path }));
        Assert.Contains("OtherRead", failure.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 600", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ProxyJump", "bastion")]
    [InlineData("identityfile", "/key")]
    [InlineData("StrictHostKeyChecking", "no")]
    [InlineData("StrictHostKeyChecking", "accept-new")]
    [InlineData("ControlPath", "none")]
    [InlineData("a\u001b[2Jb", "c")]
    public void An_option_that_only_OpenSSH_can_honour_is_refused_by_name(string name, string value)
    {
        var failure = Assert.Throws<InvalidRequestException>(() => Options("x").With(
            new Dictionary<string, string> { [name] = value }));
        Assert.Contains(name.Replace("\e", @"\e", StringComparison.Ordinal), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_about_known_hosts_are_honoured()
    {
        var options = Options("x").With(new Dictionary<string, string>
        {
            ["userknownhostsfile"] = "/a  /b",
            ["GlobalKnownHostsFile"] = "none",
            ["HostKeyAlias"] = "pve",
            ["StrictHostKeyChecking"] = "yes",
        });
        Assert.Equal(["/a", "/b"], options.UserKnownHostsFiles);
        Assert.Empty(options.GlobalKnownHostsFiles);
        Assert.Equal("pve", options.HostKeyAlias);
    }

    [Theory]
    [InlineData("SHA256:5EYwcG09KHFfV0RA0yFjBxYvbL3AInfxlHz2nzIZ0lM")]
    [InlineData(" SHA256:5EYwcG09KHFfV0RA0yFjBxYvbL3AInfxlHz2nzIZ0lM= ")]
    public void A_fingerprint_is_read_as_ssh_keygen_prints_it(string text) =>
        Assert.Equal("SHA256:5EYwcG09KHFfV0RA0yFjBxYvbL3AInfxlHz2nzIZ0lM", SshNetOptions.ReadFingerprint(text));

    [Theory]
    [InlineData("")]
    [InlineData("MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48")]
    [InlineData("5EYwcG09KHFfV0RA0yFjBxYvbL3AInfxlHz2nzIZ0lM")]
    [InlineData("SHA256:5EYwcG09KHFfV0RA0yFjBxYvbL3AInfxlHz2nzIZ0l")]
    [InlineData("SHA256:5EYwcG09KHFfV0RA0yFjBxYvbL3AInfxlHz2nzIZ0l!")]
    public void What_is_no_fingerprint_is_refused(string text) =>
        Assert.Throws<InvalidRequestException>(() => SshNetOptions.ReadFingerprint(text));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void RefusesKey(string path, string words)
    {
        var failure = Assert.Throws<InvalidRequestException>(
            () => new SshNetClient(Options("words") with { KeyFilePath = path }));
        Assert.Equal(path, failure.Target);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    private static SshNetOptions Options(string password)
    {
        var secret = new SecureString();
        foreach (var c in password)
        {
            secret.AppendChar(c);
        }

        return new SshNetOptions { Password = secret };
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }
}
