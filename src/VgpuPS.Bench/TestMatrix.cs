namespace VgpuPS.Bench;

/// <summary>
/// Numbers that look random and that both sides can compute: the kernel <c>fill_tf32</c> on the GPU, this on the host.
/// </summary>
/// <remarks>
/// Source: src/VgpuPS.Bench/Kernels/kernels.c, fill_tf32. A multiple of 1/1024 from -1 to 1 has ten bits of mantissa or
/// fewer, so that it is the same number in TF32.
/// </remarks>
internal static class TestMatrix
{
    /// <summary>Seed of the left factor.</summary>
    public const uint LeftSeed = 1;

    /// <summary>Seed of the right factor.</summary>
    public const uint RightSeed = 2;

    /// <summary>The element of a matrix.</summary>
    public static float Value(uint seed, uint row, uint column) =>
        ((int)(Hash(seed ^ (row * 0x9E37_79B1u) ^ (column * 0x85EB_CA77u)) & 2047) - 1024) / 1024.0f;

    /// <summary>Spreads a number over all 32 bits.</summary>
    public static uint Hash(uint x)
    {
        x ^= x >> 16;
        x *= 0x7feb_352du;
        x ^= x >> 15;
        x *= 0x846c_a68bu;
        x ^= x >> 16;
        return x;
    }
}
