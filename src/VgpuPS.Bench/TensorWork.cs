namespace VgpuPS.Bench;

/// <summary>Tensor cores alone: a loop over registers, without memory.</summary>
/// <remarks>Source: src/VgpuPS.Bench/Kernels/kernels.c, tensor_loop.</remarks>
internal sealed unsafe class TensorWork(CudaSession session) : Work
{
    private const uint Threads = 256;
    private const int WarpsPerBlock = 8;
    private const int Warp = (int)Threads / WarpsPerBlock;
    private const int BlocksPerMultiprocessor = 4;
    private const int FirstIterations = 16;
    private const int MaxIterations = 1 << 20;
    private const float LeastMilliseconds = 2;

    // Four accumulators, each one product of 16 x 8 by 8 x 16.
    private const double OperationsPerIteration = 4 * 2.0 * 16 * 16 * 8;

    private readonly uint _blocks = (uint)Math.Max(1, session.Device.Multiprocessors) * BlocksPerMultiprocessor;
    private nint _kernel;
    private ulong _out;
    private int _iterations = FirstIterations;

    /// <inheritdoc/>
    public override double Amount => _blocks * WarpsPerBlock * (double)_iterations * OperationsPerIteration;

    /// <inheritdoc/>
    public override string Unit => "GFLOP/s";

    /// <inheritdoc/>
    public override void SetUp(CancellationToken cancellationToken)
    {
        var bytes = sizeof(float) * (long)_blocks * Threads;
        session.RequireMemory(bytes);
        _kernel = session.FindKernel("tensor_loop");
        _out = session.Allocate(bytes, bytes);
        var found = session.AllocateHost(bytes);
        session.Driver.Fill(_out, NotANumber, bytes / sizeof(float), session.Stream);
        Enqueue();
        session.Driver.CopyToHost(found, _out, bytes, session.Stream);
        session.Synchronize();
        Require(new((float*)found, (int)(bytes / sizeof(float))), _iterations);
        var (begin, end) = (session.CreateEvent(), session.CreateEvent());
        // A launch must take long beside what it costs to start one.
        while (Time(begin, end) < LeastMilliseconds && _iterations < MaxIterations)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _iterations *= 4;
        }
    }

    /// <inheritdoc/>
    public override void Enqueue() =>
        session.Driver.Launch(_kernel, (_blocks, 1), Threads, 0, session.Stream, [_out, (uint)_iterations]);

    /// <summary>Checks what a launch of up to 1000 iterations has written.</summary>
    /// <remarks>Source: src/VgpuPS.Bench/Kernels/kernels.c, tensor_loop: the floats of a warp add up to 1536 + 8 times
    /// the iterations, whichever of its threads holds which.</remarks>
    /// <exception cref="BenchFailure">A warp's sum is another.</exception>
    internal static void Require(ReadOnlySpan<float> found, int iterations)
    {
        var right = 1536.0 + (8.0 * iterations);
        for (var start = 0; start < found.Length; start += Warp)
        {
            var sum = 0.0;
            foreach (var value in found.Slice(start, Warp))
            {
                sum += value;
            }

            // Not a number is not equal either.
            if (sum != right)
            {
                throw Wrong(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the tensor cores' loop is wrong in block {start / Threads}, warp {start % Threads / Warp}: its "
                        + $"sum after {iterations} iterations is {sum} instead of {right}"));
            }
        }
    }

    private float Time(nint begin, nint end)
    {
        session.Driver.Record(begin, session.Stream);
        Enqueue();
        session.Driver.Record(end, session.Stream);
        session.Driver.Await(end);
        return session.Driver.GetElapsed(begin, end);
    }
}
