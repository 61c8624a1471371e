namespace VgpuPS.Bench;

/// <summary>What is measured: one operation that the GPU is given again and again.</summary>
internal abstract class Work
{
    /// <summary>Bytes or floating-point operations of one operation.</summary>
    public abstract double Amount { get; }

    /// <summary>What a value is in: <c>GB/s</c> (1e9 bytes) or <c>GFLOP/s</c>.</summary>
    public abstract string Unit { get; }

    /// <summary>What <see cref="SetUp"/> says of the result: <c>passed</c>, or <c>none</c> where there is none to
    /// check.</summary>
    public abstract string Check { get; }

    /// <summary>Takes memory, fills it, and checks one operation's result.</summary>
    /// <exception cref="BenchFailure">No memory, a refused call, or a wrong result.</exception>
    public abstract void SetUp(CancellationToken cancellationToken);

    /// <summary>Gives the GPU one operation, without waiting for it.</summary>
    public abstract void Enqueue();

    /// <summary>Checks the result again, once all is done.</summary>
    /// <exception cref="BenchFailure">It is wrong.</exception>
    public virtual void CheckAgain(CancellationToken cancellationToken)
    {
    }

    /// <summary>The work that options ask for.</summary>
    public static Work Of(BenchOptions options, CudaSession session) => options.Command switch
    {
        BenchOptions.Gemm => new GemmWork(session, options.M, options.N, options.K),
        BenchOptions.Tensor => new TensorWork(session),
        BenchOptions.DeviceToDevice => new DeviceCopyWork(session, options.Bytes),
        _ => new HostCopyWork(session, options.Bytes, isToDevice: options.Command == BenchOptions.HostToDevice),
    };
}
