namespace VgpuPS.Bench;

/// <summary>Products of two matrices in TF32 on tensor cores.</summary>
/// <remarks>Source: facts/measuring.md F4: a product of m x k by k x n has 2 m n k operations.</remarks>
internal sealed unsafe class GemmWork(CudaSession session, int m, int n, int k) : Work
{
    /// <summary>Shared memory of a block of <c>gemm_tf32</c>, in bytes, as its PTX says.</summary>
    public const int SharedBytes = 71_680;

    private const uint Threads = 256;
    private const int Tile = 128;
    private const uint FillBlocks = 4096;

    // Source: cuda.h, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES; facts/measuring.md F11.
    private const int MaxDynamicSharedBytes = 8;

    private readonly int _strideA = RoundUp(k);
    private readonly int _strideB = RoundUp(n);
    private readonly int _strideD = RoundUp(n);
    private nint _kernel;
    private nint _host;
    private ulong _a;
    private ulong _b;
    private ulong _d;

    /// <inheritdoc/>
    public override double Amount => 2.0 * m * n * k;

    /// <inheritdoc/>
    public override string Unit => "GFLOP/s";

    /// <inheritdoc/>
    public override void SetUp(CancellationToken cancellationToken)
    {
        var (bytesA, bytesB, bytesD) = (Bytes(m, _strideA), Bytes(k, _strideB), Bytes(m, _strideD));
        var all = bytesA + bytesB + bytesD;
        session.RequireMemory(all);
        var fill = session.FindKernel("fill_tf32");
        _kernel = session.FindKernel("gemm_tf32");
        session.Driver.SetFunctionAttribute(_kernel, MaxDynamicSharedBytes, SharedBytes);
        cancellationToken.ThrowIfCancellationRequested();
        _a = session.Allocate(bytesA, all);
        _b = session.Allocate(bytesB, all);
        _d = session.Allocate(bytesD, all);
        _host = session.AllocateHost(sizeof(float) * MaxElements);
        FillMatrix(fill, _a, m, k, _strideA, TestMatrix.LeftSeed);
        FillMatrix(fill, _b, k, n, _strideB, TestMatrix.RightSeed);
        session.Driver.Fill(_d, NotANumber, bytesD / sizeof(float), session.Stream);
        Enqueue();
        session.Synchronize();
        cancellationToken.ThrowIfCancellationRequested();
        Require(new(m, n, k, draw: 1), cancellationToken);
    }

    /// <inheritdoc/>
    public override void Enqueue() => session.Driver.Launch(
        _kernel, (Blocks(n), Blocks(m)), Threads, SharedBytes, session.Stream,
        [_a, _b, _d, (uint)m, (uint)n, (uint)k, (uint)_strideA, (uint)_strideB, (uint)_strideD]);

    /// <inheritdoc/>
    public override void CheckAgain(CancellationToken cancellationToken) =>
        Require(new(m, n, k, draw: 3), cancellationToken);

    private const int MaxElements = 1024;

    private void FillMatrix(nint fill, ulong address, int rows, int columns, int stride, uint seed) =>
        session.Driver.Launch(
            fill, ((uint)Math.Min(FillBlocks, ((long)rows * stride / Threads) + 1), 1), Threads, 0, session.Stream,
            [address, (uint)rows, (uint)columns, (uint)stride, seed]);

    private void Require(GemmReference reference, CancellationToken cancellationToken)
    {
        var found = (float*)_host;
        var places = reference.Rows.SelectMany(r => reference.Columns.Select(c => (Row: r, Column: c))).ToList();
        for (var i = 0; i < places.Count; i++)
        {
            var offset = sizeof(float) * (((long)places[i].Row * _strideD) + places[i].Column);
            session.Driver.CopyToHost((nint)(found + i), _d + (ulong)offset, sizeof(float), session.Stream);
        }

        session.Synchronize();
        foreach (var (index, element) in reference.Compute(cancellationToken).Index())
        {
            // Not a number is no smaller than the tolerance either.
            if (!(Math.Abs(found[index] - element.Value) <= element.Tolerance))
            {
                throw Wrong(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the product of {m} x {k} by {k} x {n} is wrong at row {element.Row}, column "
                        + $"{element.Column}: {found[index]} instead of {element.Value}, with a tolerance of "
                        + $"{element.Tolerance:g3}"));
            }
        }
    }

    private static int RoundUp(int length) => (length + 3) & ~3;

    private static uint Blocks(int length) => (uint)((length + Tile - 1) / Tile);

    private static long Bytes(int rows, int stride) => sizeof(float) * (long)rows * stride;
}
