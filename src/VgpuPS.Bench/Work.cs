namespace VgpuPS.Bench;

/// <summary>What is measured: one operation that the GPU is given again and again.</summary>
internal abstract class Work
{
    /// <summary>What results are filled with before a kernel writes them, so that one it leaves out is seen.</summary>
    protected const uint NotANumber = 0x7fff_ffff;

    /// <summary>Bytes or floating-point operations of one operation.</summary>
    public abstract double Amount { get; }

    /// <summary>What a value is in: <c>GB/s</c> (1e9 bytes) or <c>GFLOP/s</c>.</summary>
    public abstract string Unit { get; }

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

    /// <summary>A kernel has computed something else than it must.</summary>
    /// <param name="fact">What is wrong where.</param>
    protected static BenchFailure Wrong(string fact) => new(
        ExitCodes.Device, fact,
        "look for NVRM, Xid and ECC lines in the guest (dmesg) and on the host (nvidia-smi -q -d ECC); where there "
            + "are none, report a bug of vgpu-bench with GPU, driver and this line");

    /// <summary>The work that options ask for.</summary>
    public static Work Of(BenchOptions options, CudaSession session) => options.Command switch
    {
        BenchOptions.Gemm => new GemmWork(session, options.M, options.N, options.K),
        BenchOptions.Tensor => new TensorWork(session),
        BenchOptions.DeviceToDevice => new DeviceCopyWork(session, options.Bytes),
        _ => new HostCopyWork(session, options.Bytes, isToDevice: options.Command == BenchOptions.HostToDevice),
    };
}
