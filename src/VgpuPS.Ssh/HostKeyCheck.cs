using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Ssh;

/// <summary>Decides whether a host is who it should be.</summary>
/// <param name="known">Keys that are known here.</param>
/// <param name="options">Fingerprints that were named, and the file that a user would add a key to.</param>
internal sealed class HostKeyCheck(KnownHosts known, SshNetOptions options)
{
    /// <summary>Algorithms of the host's known keys: a host shows the key that is requested first.</summary>
    public IReadOnlyList<string> Algorithms(SshDestination destination)
    {
        var (host, port) = Name(destination);
        return [.. known.KeyTypes(host, port).SelectMany(HostKeys.AlgorithmsOf)];
    }

    /// <summary>Why the key of a host is not taken; null where it is.</summary>
    /// <param name="destination">The host.</param>
    /// <param name="key">The key that it shows.</param>
    public HostConnectionException? Refuse(SshDestination destination, ReadOnlySpan<byte> key)
    {
        var (host, port) = Name(destination);
        var (type, shown) = (HostKeys.TypeOf(key), HostKeys.Fingerprint(key));
        var verdict = known.Check(host, port, key);
        if (verdict is { Trust: HostKeyTrust.Revoked, Line: { } revoked })
        {
            return Refusal(
                destination, ErrorIds.HostKeyRevoked,
                $"host {destination.Name} shows a key that {Place(revoked)} revokes: {type} {shown}",
                "do not connect; give the host new keys (ssh-keygen -A there), or remove the line if it is wrong");
        }

        if (options.HostKeyFingerprints.Count > 0)
        {
            return options.HostKeyFingerprints.Contains(shown, StringComparer.Ordinal) ? null : Refusal(
                destination, ErrorIds.HostKeyChanged,
                $"host {destination.Name} shows the key {type} {shown}, which is not given by -HostKeyFingerprint",
                $"compare it with the host's own, of the same kind: {OwnKey(type)}");
        }

        return verdict switch
        {
            { Trust: HostKeyTrust.Known } => null,
            { Trust: HostKeyTrust.Changed, Line: { } line } => Refusal(
                destination, ErrorIds.HostKeyChanged,
                $"host {destination.Name} shows another host key than the known one: "
                    + $"{type} {shown} instead of {line.Fingerprint} ({Place(line)}): it was reinstalled, "
                    + "or the connection is intercepted",
                $"compare it with the host's own ({OwnKey(type)}); only then remove the old line: "
                    + $"ssh-keygen -R '{KnownHosts.NameOf(host, port)}'; or name the new one: "
                    + $"-HostKeyFingerprint {shown}"),
            { Trust: HostKeyTrust.Authority, Line: { } line } => Refusal(
                destination, ErrorIds.HostKeyUnknown,
                $"host {destination.Name} is known through a certificate authority only ({Place(line)}), which "
                    + $"-Credential cannot check: it shows {type} {shown}",
                "connect through OpenSSH, without -Credential; or compare the key with the host's own and name it: "
                    + $"-HostKeyFingerprint {shown}"),
            _ => Refusal(
                destination, ErrorIds.HostKeyUnknown,
                $"the host key of {destination.Name} is not known here: {type} {shown}",
                $"compare it with the host's own ({OwnKey(type)}), then name it: -HostKeyFingerprint {shown}; "
                    + "or keep it: "
                + $"Add-Content '{options.UserKnownHostsFiles.FirstOrDefault() ?? "known_hosts"}' "
                + $"'{KnownHosts.NameOf(host, port)} {type} {Convert.ToBase64String(key)}'"),
        };
    }

    private (string Host, int? Port) Name(SshDestination destination) => options.HostKeyAlias is { } alias
        ? (alias, null) : (destination.Host, destination.Port);

    private static string Place(KnownHostLine line) => $"{line.Path} line {line.Number}";

    /// <summary>What shows the fingerprint on the host itself.</summary>
    private static string OwnKey(string type)
    {
        var kind = type.StartsWith("ecdsa", StringComparison.Ordinal) ? "ecdsa" : type == "ssh-rsa" ? "rsa" : "ed25519";
        return $"ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub";
    }

    private static HostConnectionException Refusal(
        SshDestination destination, string id, string message, string action) =>
        new(id, message, action, destination.Name);
}

/// <summary>Public keys as SSH writes them.</summary>
/// <remarks>Source: RFC 4253 6.6: a key begins with the name of its kind, a string with its length in four
/// bytes.</remarks>
internal static class HostKeys
{
    private const int LengthSize = 4;

    /// <summary>SHA-256 as OpenSSH prints it: <c>SHA256:</c> and base64 without its padding.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> key) =>
        "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');

    /// <summary>Kind of a key; empty where that cannot be read.</summary>
    public static string TypeOf(ReadOnlySpan<byte> key)
    {
        if (key.Length < LengthSize)
        {
            return "";
        }

        var size = BinaryPrimitives.ReadUInt32BigEndian(key);
        var type = size <= key.Length - LengthSize ? Encoding.ASCII.GetString(key.Slice(LengthSize, (int)size)) : "";
        return type.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '@' or '.') ? type : "";
    }

    /// <summary>Whether a key in base64 is one, and of the kind that its line says.</summary>
    public static bool IsOfType(ReadOnlySpan<char> key, ReadOnlySpan<char> type)
    {
        // Its head is enough: a file may have 100,000 lines.
        const int HeadChars = 64;
        Span<byte> head = stackalloc byte[HeadChars];
        var part = key.Length <= HeadChars ? key : key[..HeadChars];
        return Convert.TryFromBase64Chars(part, head, out var count) && Base64.IsValid(key)
            && type.SequenceEqual(TypeOf(head[..count]));
    }

    /// <summary>Names of the signature algorithms of a kind of key, best first.</summary>
    /// <remarks>Source: RFC 8332: an RSA key is called ssh-rsa whatever it signs with.</remarks>
    public static IReadOnlyList<string> AlgorithmsOf(string type) =>
        type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}
