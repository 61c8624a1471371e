using System.Text;
using FsCheck.Fluent;
using VgpuPS.Ssh;
using Xunit;

namespace VgpuPS.Tests.Ssh;

/// <remarks>Source: the hashed lines and the fingerprint are ssh-keygen's own (OpenSSH 9.2), of keys made for
/// this.</remarks>
public sealed class KnownHostsTests
{
    private const string Ed = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOf5aiwo9AV8EogPqDQY64i34xQJceGKc3uoFbx9m8FR";
    private const string OtherEd = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICKPzfLc/L7DdPwjPVRccjfThjATGAD6xbYD66dI19QA";
    private const string Ecdsa =
        "ecdsa-sha2-nistp256 "
            + "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBIFR1B/C3C311QfDzz319n0B5W11JBWBsUolSeM9TrZ5WCtQto0TutW/tmwaUDIV8xyeWXjdsR6L/tpMj2HpXIA=";
    private const string Hashed = "|1|kiMFX50Yumrm3F9V57LTtDA+N7U=|kxoKnm66BDT121ErHfgct4DP/3A= " + Ed;
    private const string HashedPort = "|1|wpuVl/6l8dq0qZR99MgL16y207w=|MmaTnzJv/tyfSQOK0ZOZ2dUD1oU= " + Ed;

    [Theory]
    [InlineData("pve1 " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("pve1 " + Ed, "PVE1", 22, HostKeyTrust.Known)]
    [InlineData("PVE1 " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("pve1,10.0.0.7 " + Ed, "10.0.0.7", null, HostKeyTrust.Known)]
    [InlineData("pve1\t " + Ed + " comment with blanks\r", "pve1", null, HostKeyTrust.Known)]
    [InlineData("  pve1 " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("pve10 " + Ed, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("# pve1 " + Ed, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("", "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("[pve1]:2222 " + Ed, "pve1", 2222, HostKeyTrust.Known)]
    [InlineData("[pve1]:2222 " + Ed, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("[pve1]:2222 " + Ed, "pve1", 2223, HostKeyTrust.Unknown)]
    [InlineData("pve1 " + Ed, "pve1", 2222, HostKeyTrust.Known)]
    [InlineData("pve1 " + OtherEd, "pve1", 2222, HostKeyTrust.Unknown)]
    [InlineData("[pve1]:2222 " + OtherEd + "\npve1 " + Ed, "pve1", 2222, HostKeyTrust.Known)]
    [InlineData("[fe80::1]:2222 " + Ed, "fe80::1", 2222, HostKeyTrust.Known)]
    [InlineData("*.example " + Ed, "pve1.example", null, HostKeyTrust.Known)]
    [InlineData("*.example " + Ed, "pve1.elsewhere", null, HostKeyTrust.Unknown)]
    [InlineData("pve? " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("pve? " + Ed, "pve", null, HostKeyTrust.Unknown)]
    [InlineData("*,!pve1 " + Ed, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("!pve1,* " + Ed, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("*,!pve1 " + Ed, "pve2", null, HostKeyTrust.Known)]
    [InlineData("!pve1 " + Ed, "pve2", null, HostKeyTrust.Unknown)]
    [InlineData("pve1 " + OtherEd, "pve1", null, HostKeyTrust.Changed)]
    [InlineData("pve1 " + OtherEd + "\npve1 " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("pve1 " + Ecdsa, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("pve1 " + Ecdsa + "\npve1 " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("@revoked * " + Ed + "\npve1 " + Ed, "pve1", null, HostKeyTrust.Revoked)]
    [InlineData("pve1 " + Ed + "\n@revoked pve1 " + Ed, "pve1", 2222, HostKeyTrust.Revoked)]
    [InlineData("@revoked pve2 " + Ed + "\npve1 " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("@revoked * " + OtherEd + "\npve1 " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("@cert-authority * " + OtherEd, "pve1", null, HostKeyTrust.Authority)]
    [InlineData("@cert-authority * " + Ed, "pve1", null, HostKeyTrust.Authority)]
    [InlineData("@cert-authority * " + OtherEd + "\npve1 " + Ed, "pve1", null, HostKeyTrust.Known)]
    [InlineData("@cert-authority *.example " + OtherEd, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("@something pve1 " + Ed, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData(Hashed, "pve1.example", null, HostKeyTrust.Known)]
    [InlineData(Hashed, "pve2.example", null, HostKeyTrust.Unknown)]
    [InlineData(HashedPort, "10.0.0.7", 2222, HostKeyTrust.Known)]
    [InlineData(HashedPort, "10.0.0.7", null, HostKeyTrust.Unknown)]
    [InlineData("@revoked " + Hashed, "pve1.example", null, HostKeyTrust.Revoked)]
    [InlineData("|1|kiMFX50= " + Ed, "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("pve1 ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOf5aiwo9AV8EogPqDQY64i34xQJceGKc3uoFbx9m8FR", "pve1", null,
        HostKeyTrust.Unknown)]
    [InlineData("pve1 ssh-ed25519 AAAA!", "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("pve1 ssh-ed25519", "pve1", null, HostKeyTrust.Unknown)]
    [InlineData("pve1 2048 65537 12345", "pve1", null, HostKeyTrust.Unknown)]
    public void A_key_is_taken_as_OpenSSH_takes_it(string text, string host, int? port, HostKeyTrust trust) =>
        Assert.Equal(trust, Read(text).Check(host, port, Blob(Ed)).Trust);

    [Fact]
    public void The_line_that_decides_is_named_with_its_fingerprint()
    {
        var known = new KnownHosts([("/a", "# nothing\n"), ("/b", "x " + OtherEd + "\n\npve1 " + Ed)]);
        var verdict = known.Check("pve1", null, Blob(OtherEd));
        Assert.Equal(HostKeyTrust.Changed, verdict.Trust);
        Assert.Equal(("/b", 3), (verdict.Line!.Value.Path, verdict.Line.Value.Number));
        Assert.Equal("SHA256:5EYwcG09KHFfV0RA0yFjBxYvbL3AInfxlHz2nzIZ0lM", verdict.Line.Value.Fingerprint);
    }

    [Theory]
    [InlineData("pve1 " + Ecdsa + "\npve1 " + Ed + "\npve1 " + Ed, "ecdsa-sha2-nistp256,ssh-ed25519")]
    [InlineData("@revoked pve1 " + Ed + "\n@cert-authority pve1 " + Ecdsa, "")]
    [InlineData("[pve1]:2222 " + Ecdsa + "\npve1 " + Ed, "ecdsa-sha2-nistp256")]
    public void Kinds_of_known_keys_are_asked_for_first(string text, string types) =>
        Assert.Equal(types, string.Join(',', Read(text).KeyTypes("pve1", 2222)));

    [Fact]
    public void A_hundred_thousand_lines_are_read_and_each_is_looked_at()
    {
        var text = new StringBuilder();
        for (var n = 0; n < 100_000; n++)
        {
            text.Append(n % 2 == 0 ? Hashed : "other.example " + OtherEd).Append('\n');
        }

        var known = Read(text.Append("pve1 " + Ed).ToString());
        Assert.Equal(100_001, known.Check("pve1", null, Blob(Ed)).Line!.Value.Number);
    }

    [Fact]
    public void A_pattern_of_many_stars_costs_no_more_than_its_length()
    {
        var known = Read(string.Concat(Enumerable.Repeat("*a", 500)) + "b " + Ed);
        Assert.Equal(HostKeyTrust.Unknown, known.Check(new string('a', 250), null, Blob(Ed)).Trust);
    }

    [Fact]
    public void No_text_makes_it_throw_or_trust_a_key_that_does_not_stand_in_it()
    {
        string[] pieces =
        [
            "pve1", ",", "!", "*", "?", "[pve1]:22", "@revoked", "@cert-authority", "@", "|1|", "|", "=", " ", "\t",
            "\n", "\r", "\0",
            "#", "\ud800", "ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5", "kiMFX50Yumrm3F9V57LTtDA+N7U=", Ecdsa, OtherEd,
        ];
        var stranger = Blob(Ed);
        var texts = Gen.Elements(pieces).ListOf(40).Select(string.Concat).ToArbitrary();
        Prop.ForAll(texts, text =>
        {
            var known = Read(text);
            known.KeyTypes("pve1", 2222);
            return known.Check("pve1", 2222, stranger).Trust is not (HostKeyTrust.Known or HostKeyTrust.Revoked);
        }).Holds(2_000);
    }

    private static KnownHosts Read(string text) => new([("known_hosts", text)]);

    private static byte[] Blob(string key) => Convert.FromBase64String(key.Split(' ')[1]);
}
