using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace VgpuPS.Ssh;

/// <summary>Public keys as SSH writes them.</summary>
/// <remarks>Source: RFC 4253 6.6: a key begins with the name of its kind, a string with its length in four bytes.</remarks>
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
