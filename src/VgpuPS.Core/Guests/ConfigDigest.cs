using System.Buffers.Binary;
using System.Numerics;

namespace VgpuPS.Core.Guests;

/// <summary>The digest by which Proxmox notices that somebody else changed a configuration meanwhile.</summary>
/// <remarks>
/// Source: facts/proxmox.md (b): SHA-1 of the raw file, in hex; the algorithm is that of FIPS 180-4. The library's own
/// loads OpenSSL, which a host need not have.
/// </remarks>
public static class ConfigDigest
{
    private const int BlockSize = 64;

    /// <summary>The digest of a file as Proxmox prints it: 40 lower-case hex digits.</summary>
    public static string Of(ReadOnlySpan<byte> raw)
    {
        Span<uint> state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];
        var whole = raw.Length / BlockSize * BlockSize;
        for (var at = 0; at < whole; at += BlockSize)
        {
            Mix(state, raw.Slice(at, BlockSize));
        }

        Span<byte> rest = stackalloc byte[2 * BlockSize];
        rest.Clear();
        raw[whole..].CopyTo(rest);
        var left = raw.Length - whole;
        rest[left] = 0x80;
        var length = left < BlockSize - 8 ? BlockSize : 2 * BlockSize;
        BinaryPrimitives.WriteUInt64BigEndian(rest[(length - 8)..], (ulong)raw.Length * 8);
        for (var at = 0; at < length; at += BlockSize)
        {
            Mix(state, rest.Slice(at, BlockSize));
        }

        Span<byte> digest = stackalloc byte[20];
        for (var i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * i)..], state[i]);
        }

        return Convert.ToHexStringLower(digest);
    }

    private static void Mix(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[80];
        for (var i = 0; i < 80; i++)
        {
            words[i] = i < 16
                ? BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..])
                : BitOperations.RotateLeft(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
        }

        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4]);
        for (var i = 0; i < 80; i++)
        {
            var (f, k) = i switch
            {
                < 20 => ((b & c) | (~b & d), 0x5A827999u),
                < 40 => (b ^ c ^ d, 0x6ED9EBA1u),
                < 60 => ((b & c) | (b & d) | (c & d), 0x8F1BBCDCu),
                _ => (b ^ c ^ d, 0xCA62C1D6u),
            };
            (a, b, c, d, e) = (
                BitOperations.RotateLeft(a, 5) + f + e + k + words[i], a, BitOperations.RotateLeft(b, 30), c, d);
        }

        (state[0], state[1], state[2], state[3], state[4]) =
            (state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e);
    }
}
