using System.Buffers.Binary;
using System.Numerics;

namespace VgpuPS.Core.Guests;

/// <summary>SHA-256 of what is added part by part, to compare with a guest's <c>sha256sum</c>.</summary>
/// <remarks>Source: FIPS 180-4. The library's own loads OpenSSL, which a host need not have.</remarks>
public sealed class Sha256
{
    private const int BlockSize = 64;

    private static readonly uint[] s_constants = MakeConstants();

    private readonly uint[] _state =
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    private readonly byte[] _rest = new byte[BlockSize];
    private int _left;
    private long _length;

    /// <summary>The digest of one text of bytes: 64 lower-case hex digits.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var digest = new Sha256();
        digest.Add(bytes);
        return digest.Finish();
    }

    /// <summary>Adds the next bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        while (bytes.Length > 0)
        {
            if (_left == 0 && bytes.Length >= BlockSize)
            {
                Mix(bytes[..BlockSize]);
                bytes = bytes[BlockSize..];
                continue;
            }

            var count = Math.Min(BlockSize - _left, bytes.Length);
            bytes[..count].CopyTo(_rest.AsSpan(_left));
            bytes = bytes[count..];
            if ((_left += count) == BlockSize)
            {
                Mix(_rest);
                _left = 0;
            }
        }
    }

    /// <summary>The digest of all that was added; nothing may be added after.</summary>
    public string Finish()
    {
        var bits = (ulong)_length * 8;
        Span<byte> end = stackalloc byte[2 * BlockSize];
        end.Clear();
        end[0] = 0x80;
        var length = (_left < BlockSize - 8 ? BlockSize : 2 * BlockSize) - _left;
        BinaryPrimitives.WriteUInt64BigEndian(end[(length - 8)..], bits);
        Add(end[..length]);
        Span<byte> digest = stackalloc byte[32];
        for (var i = 0; i < _state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * i)..], _state[i]);
        }

        return Convert.ToHexStringLower(digest);
    }

    private void Mix(ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (var i = 0; i < 64; i++)
        {
            w[i] = i < 16 ? BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]) : w[i - 16] + Small(w[i - 15], 7, 18, 3)
                + w[i - 7] + Small(w[i - 2], 17, 19, 10);
        }

        var s = _state;
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
    private static uint[] MakeConstants()
    {
        var found = new uint[64];
        var count = 0;
        for (var n = 2; count < found.Length; n++)
        {
            if (Enumerable.Range(2, Math.Max(0, (int)Math.Sqrt(n) - 1)).All(d => n % d != 0))
            {
                found[count++] = CubeRootFraction(n);
            }
        }

        return found;
    }

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
