using System.Buffers.Binary;
using System.Numerics;

namespace VgpuPS.Core.Proxmox;

/// <summary>A digest over blocks of 64 bytes, of what is added part by part.</summary>
/// <remarks>Source: FIPS 180-4. The library's own digests load OpenSSL, which a host need not have.</remarks>
public abstract class Digest
{
    private const int BlockSize = 64;

    private readonly uint[] _state;
    private readonly byte[] _rest = new byte[BlockSize];
    private int _left;
    private long _length;

    private protected Digest(params uint[] state) => _state = state;

    /// <summary>Adds the next bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        while (bytes.Length > 0)
        {
            if (_left == 0 && bytes.Length >= BlockSize)
            {
                Mix(_state, bytes[..BlockSize]);
                bytes = bytes[BlockSize..];
                continue;
            }

            var count = Math.Min(BlockSize - _left, bytes.Length);
            bytes[..count].CopyTo(_rest.AsSpan(_left));
            bytes = bytes[count..];
            if ((_left += count) == BlockSize)
            {
                Mix(_state, _rest);
                _left = 0;
            }
        }
    }

    /// <summary>The digest of all that was added, in lower-case hex digits; nothing may be added after.</summary>
    public string Finish()
    {
        var bits = (ulong)_length * 8;
        Span<byte> end = stackalloc byte[2 * BlockSize];
        end.Clear();
        end[0] = 0x80;
        var length = (_left < BlockSize - 8 ? BlockSize : 2 * BlockSize) - _left;
        BinaryPrimitives.WriteUInt64BigEndian(end[(length - 8)..], bits);
        Add(end[..length]);
        Span<byte> digest = stackalloc byte[sizeof(uint) * _state.Length];
        for (var i = 0; i < _state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(sizeof(uint) * i)..], _state[i]);
        }

        return Convert.ToHexStringLower(digest);
    }

    private protected abstract void Mix(Span<uint> s, ReadOnlySpan<byte> block);
}

/// <summary>SHA-256, to compare with a guest's <c>sha256sum</c>: 64 hex digits.</summary>
public sealed class Sha256() : Digest(
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19)
{
    private static readonly uint[] s_constants = MakeConstants();

    /// <summary>The digest of one text of bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var digest = new Sha256();
        digest.Add(bytes);
        return digest.Finish();
    }

    private protected override void Mix(Span<uint> s, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (var i = 0; i < 64; i++)
        {
            w[i] = i < 16 ? BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..])
                : w[i - 16] + Small(w[i - 15], 7, 18, 3) + w[i - 7] + Small(w[i - 2], 17, 19, 10);
        }

        var (a, b, c, d, e, f, g, h) = (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
        for (var i = 0; i < 64; i++)
        {
            var one = h + Big(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + s_constants[i] + w[i];
            var two = Big(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + one, c, b, a, one + two);
        }

        (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]) =
            (s[0] + a, s[1] + b, s[2] + c, s[3] + d, s[4] + e, s[5] + f, s[6] + g, s[7] + h);
    }

    private static uint Small(uint x, int one, int two, int shift) =>
        BitOperations.RotateRight(x, one) ^ BitOperations.RotateRight(x, two) ^ (x >> shift);

    private static uint Big(uint x, int one, int two, int three) =>
        BitOperations.RotateRight(x, one) ^ BitOperations.RotateRight(x, two) ^ BitOperations.RotateRight(x, three);

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static uint[] MakeConstants() =>
    [
        .. Enumerable.Range(2, 310).Where(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0))
            .Select(CubeRootFraction),
    ];

    // Exact, by halving: floor(cbrt(n) * 2^32) without its whole part.
    private static uint CubeRootFraction(int n)
    {
        var target = new BigInteger(n) << 96;
        var (low, high) = (BigInteger.Zero, BigInteger.One << 36);
        while (high - low > 1)
        {
            var middle = (low + high) >> 1;
            (low, high) = middle * middle * middle <= target ? (middle, high) : (low, middle);
        }

        return (uint)(low & uint.MaxValue);
    }
}

/// <summary>
/// The digest by which Proxmox notices that another user or program changed a configuration meanwhile.
/// </summary>
/// <remarks>Source: facts/proxmox.md (b): SHA-1 of the raw file, in hex.</remarks>
public sealed class ConfigDigest : Digest
{
    private ConfigDigest()
        : base(0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)
    {
    }

    /// <summary>The digest of a file as Proxmox prints it: 40 lower-case hex digits.</summary>
    public static string Of(ReadOnlySpan<byte> raw)
    {
        var digest = new ConfigDigest();
        digest.Add(raw);
        return digest.Finish();
    }

    private protected override void Mix(Span<uint> s, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[80];
        for (var i = 0; i < 80; i++)
        {
            words[i] = i < 16
                ? BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..])
                : BitOperations.RotateLeft(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
        }

        var (a, b, c, d, e) = (s[0], s[1], s[2], s[3], s[4]);
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

        (s[0], s[1], s[2], s[3], s[4]) = (s[0] + a, s[1] + b, s[2] + c, s[3] + d, s[4] + e);
    }
}
