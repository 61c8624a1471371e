using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VgpuPS.Core.Errors;

namespace VgpuPS.Ssh;

/// <summary>What known_hosts says about a host's key.</summary>
public enum HostKeyTrust
{
    /// <summary>The key stands there for this host.</summary>
    Known = 0,

    /// <summary>No key of its kind stands there for this host.</summary>
    Unknown,

    /// <summary>Another key of its kind stands there.</summary>
    Changed,

    /// <summary>The key is marked as revoked.</summary>
    Revoked,

    /// <summary>Only a certificate authority stands there for this host.</summary>
    Authority,
}

/// <summary>A verdict, and the line that it comes from.</summary>
/// <param name="Trust">The verdict.</param>
/// <param name="Line">The line that decides; null where none does.</param>
internal sealed record HostKeyVerdict(HostKeyTrust Trust, KnownHostLine? Line = null);

/// <summary>A line of a known_hosts file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Marker"><c>@revoked</c>, <c>@cert-authority</c>, or empty.</param>
/// <param name="Names">Names as they stand there: patterns, or one that is hashed.</param>
/// <param name="KeyType">Kind of key: <c>ssh-ed25519</c>.</param>
/// <param name="Key">The key in base64.</param>
internal readonly record struct KnownHostLine(
    string Path, int Number, ReadOnlyMemory<char> Marker, ReadOnlyMemory<char> Names, ReadOnlyMemory<char> KeyType,
    ReadOnlyMemory<char> Key)
{
    /// <summary>SHA-256 of its key, as users compare it; null where the key cannot be read.</summary>
    public string? Fingerprint => KnownHosts.Decode(Key.Span) is { } blob ? HostKeys.Fingerprint(blob) : null;

    internal bool IsPlain => Marker.IsEmpty;

    internal bool IsRevoked => Marker.Span.SequenceEqual(KnownHosts.Revoked);

    internal bool IsAuthority => Marker.Span.SequenceEqual(KnownHosts.Authority);
}

/// <summary>Keys of hosts, as OpenSSH keeps them.</summary>
/// <remarks>
/// Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT; OpenSSH's hostfile.c, match.c and sshconnect.c: names count without
/// their case; a negated pattern that matches takes the whole line out; a hashed name is <c>|1|salt|hash</c> with
/// HMAC-SHA1; where nothing stands for <c>[host]:port</c> a key of the bare host counts; of several keys of one kind
/// any counts. Lines that cannot be read are skipped there and here.
/// </remarks>
internal sealed class KnownHosts
{
    internal const string Revoked = "@revoked";
    internal const string Authority = "@cert-authority";

    private const int DefaultPort = 22;
    private const int HashSize = 20;

    private readonly List<KnownHostLine> _lines = [];

    /// <summary>Reads files; their order does not count.</summary>
    /// <param name="files">Path and text of each.</param>
    public KnownHosts(IEnumerable<(string Path, string Text)> files)
    {
        foreach (var (path, text) in files)
        {
            Read(path, text.AsMemory());
        }
    }

    /// <summary>What it says about a key that a host shows.</summary>
    /// <param name="host">Name or address, as it was connected to.</param>
    /// <param name="port">Its port; null for a name that has none, as an alias.</param>
    /// <param name="key">The key as the host shows it.</param>
    public HostKeyVerdict Check(string host, int? port, ReadOnlySpan<byte> key)
    {
        var named = Matching(host, port);
        var bare = port is null or DefaultPort ? [] : Matching(host, null);
        foreach (var line in named.Concat(bare))
        {
            if (line.IsRevoked && IsKey(line, key))
            {
                return new HostKeyVerdict(HostKeyTrust.Revoked, line);
            }
        }

        var verdict = Decide(named, key);
        return verdict.Trust != HostKeyTrust.Known && Decide(bare, key) is { Trust: HostKeyTrust.Known } known
            ? known : verdict;
    }

    /// <summary>Kinds of the keys that stand there for a host, without those of authorities and revoked ones.</summary>
    public IReadOnlyList<string> KeyTypes(string host, int? port)
    {
        var named = Matching(host, port).Where(l => l.IsPlain).ToList();
        var lines = named.Count > 0 || port is null or DefaultPort
            ? named : [.. Matching(host, null).Where(l => l.IsPlain)];
        return [.. lines.Select(l => l.KeyType.ToString()).Distinct()];
    }

    /// <summary>The name that a host's keys stand under.</summary>
    public static string NameOf(string host, int? port) =>
        port is null or DefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"[{host}]:{port}");

    internal static byte[]? Decode(ReadOnlySpan<char> base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64Chars(base64, bytes, out var count) ? bytes[..count] : null;
    }

    private static HostKeyVerdict Decide(List<KnownHostLine> lines, ReadOnlySpan<byte> key)
    {
        KnownHostLine? other = null, authority = null;
        var type = HostKeys.TypeOf(key);
        var hasKeys = false;
        foreach (var line in lines)
        {
            if (line.IsPlain && IsKey(line, key))
            {
                return new HostKeyVerdict(HostKeyTrust.Known, line);
            }

            hasKeys |= line.IsPlain;
            other ??= line.IsPlain && line.KeyType.Span.SequenceEqual(type) ? line : null;
            authority ??= line.IsAuthority ? line : null;
        }

        return other is not null ? new HostKeyVerdict(HostKeyTrust.Changed, other)
            : authority is not null && !hasKeys ? new HostKeyVerdict(HostKeyTrust.Authority, authority)
            : new HostKeyVerdict(HostKeyTrust.Unknown);
    }

    private static bool IsKey(KnownHostLine line, ReadOnlySpan<byte> key) =>
        Decode(line.Key.Span) is { } known && known.AsSpan().SequenceEqual(key);

    private List<KnownHostLine> Matching(string host, int? port)
    {
        var name = NameOf(host, port).ToLowerInvariant();
        var bytes = Encoding.UTF8.GetBytes(name);
        return [.. _lines.Where(l => IsNamed(l.Names.Span, name, bytes))];
    }

    private static bool IsNamed(ReadOnlySpan<char> names, string name, byte[] bytes)
    {
        if (names.StartsWith('|'))
        {
            return IsHashed(names, bytes);
        }

        var isNamed = false;
        foreach (var part in names.Split(','))
        {
            var pattern = names[part];
            var isNegated = pattern.StartsWith('!');
            if (IsMatch(isNegated ? pattern[1..] : pattern, name))
            {
                if (isNegated)
                {
                    return false;
                }

                isNamed = true;
            }
        }

        return isNamed;
    }

    [SuppressMessage(
        "Security", "CA5350", Justification = "It is what the format says; nothing rests on its strength.")]
    private static bool IsHashed(ReadOnlySpan<char> names, byte[] name)
    {
        const string Magic = "|1|";
        var rest = names.StartsWith(Magic) ? names[Magic.Length..] : default;
        var end = rest.IndexOf('|');
        Span<byte> salt = stackalloc byte[HashSize], hash = stackalloc byte[HashSize], own = stackalloc byte[HashSize];
        if (end < 0 || !Convert.TryFromBase64Chars(rest[..end], salt, out var saltSize) || saltSize != HashSize
            || !Convert.TryFromBase64Chars(rest[(end + 1)..], hash, out var hashSize) || hashSize != HashSize)
        {
            return false;
        }

        HMACSHA1.HashData(salt, name, own);
        return own.SequenceEqual(hash);
    }

    /// <summary>Whether a pattern with * and ? fits; no time grows beyond pattern times name.</summary>
    private static bool IsMatch(ReadOnlySpan<char> pattern, string name)
    {
        var (at, star, from) = (0, -1, 0);
        for (var i = 0; i < name.Length;)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, from) = (at++, i);
            }
            else if (at < pattern.Length && (pattern[at] == '?' || char.ToLowerInvariant(pattern[at]) == name[i]))
            {
                (at, i) = (at + 1, i + 1);
            }
            else if (star >= 0)
            {
                (at, i) = (star + 1, ++from);
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].Trim('*').IsEmpty;
    }

    private void Read(string path, ReadOnlyMemory<char> text)
    {
        var number = 0;
        foreach (var range in text.Span.Split('\n'))
        {
            number++;
            var rest = text[range];
            var first = Take(ref rest);
            if (first.IsEmpty || first.Span[0] == '#')
            {
                continue;
            }

            var marker = first.Span[0] == '@' ? first : default;
            var names = marker.IsEmpty ? first : Take(ref rest);
            var (type, key) = (Take(ref rest), Take(ref rest));
            if (key.IsEmpty
                || !(marker.IsEmpty || marker.Span.SequenceEqual(Revoked) || marker.Span.SequenceEqual(Authority))
                || !HostKeys.IsOfType(key.Span, type.Span))
            {
                continue;
            }

            _lines.Add(new KnownHostLine(path, number, marker, names, type, key));
        }
    }

    private static ReadOnlyMemory<char> Take(ref ReadOnlyMemory<char> rest)
    {
        const string Blanks = " \t\r";
        var trimmed = rest.TrimStart(Blanks);
        var end = trimmed.Span.IndexOfAny(Blanks);
        rest = end < 0 ? default : trimmed[end..];
        return end < 0 ? trimmed : trimmed[..end];
    }
}

/// <summary>Files of known hosts on this machine.</summary>
internal static class KnownHostsFiles
{
    private const long LargestFile = 256L << 20;

    /// <summary>Reads those that are there.</summary>
    /// <exception cref="UnreadableDataException">One is there and cannot be read: it might revoke a key.</exception>
    public static KnownHosts Read(IReadOnlyList<string> paths) =>
        new(paths.Where(File.Exists).Select(p => (p, ReadFile(p))));

    private static string ReadFile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > LargestFile)
            {
                throw new IOException($"it has {file.Length >> 20} MiB");
            }

            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableDataException(
                ErrorIds.ReadFailed, $"{path}, which host keys are compared with, cannot be read: {e.Message}",
                $"make it readable: ls -l '{path}'", path, e);
        }
    }
}
