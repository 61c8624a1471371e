namespace VgpuPS.Bench;

/// <summary>Copies between pinned memory of the guest and the GPU.</summary>
internal sealed class HostCopyWork(CudaSession session, long bytes, bool isToDevice) : Work
{
    private nint _host;
    private ulong _device;

    /// <inheritdoc/>
    public override double Amount => bytes;

    /// <inheritdoc/>
    public override string Unit => "GB/s";

    /// <inheritdoc/>
    public override void SetUp(CancellationToken cancellationToken)
    {
        session.RequireMemory(bytes);
        _host = session.AllocateHost(bytes);
        _device = session.Allocate(bytes, bytes);
        CopyPattern.Write(_host, bytes);
        session.Driver.CopyToDevice(_device, _host, bytes, session.Stream);
        session.Synchronize();
        cancellationToken.ThrowIfCancellationRequested();
        CopyPattern.Clear(_host, bytes);
        session.Driver.CopyToHost(_host, _device, bytes, session.Stream);
        session.Synchronize();
        CopyPattern.Require(_host, bytes, bytes, 0);
    }

    /// <inheritdoc/>
    public override void Enqueue()
    {
        if (isToDevice)
        {
            session.Driver.CopyToDevice(_device, _host, bytes, session.Stream);
        }
        else
        {
            session.Driver.CopyToHost(_host, _device, bytes, session.Stream);
        }
    }
}

/// <summary>Copies within the GPU's memory.</summary>
/// <remarks>Source: facts/measuring.md F3: each byte counts twice, read and written.</remarks>
internal sealed class DeviceCopyWork(CudaSession session, long bytes) : Work
{
    // The first and the last bytes are looked at after a copy: all of them would need as much memory in the guest.
    private const long MaxLooked = 1 << 20;

    private ulong _source;
    private ulong _target;

    /// <inheritdoc/>
    public override double Amount => 2.0 * bytes;

    /// <inheritdoc/>
    public override string Unit => "GB/s";

    /// <inheritdoc/>
    public override void SetUp(CancellationToken cancellationToken)
    {
        session.RequireMemory(2 * bytes);
        _source = session.Allocate(bytes, 2 * bytes);
        _target = session.Allocate(bytes, 2 * bytes);
        var looked = Math.Min(bytes, MaxLooked);
        var host = session.AllocateHost(looked);
        if (bytes >= sizeof(uint))
        {
            session.Driver.Fill(_source, 0, bytes / sizeof(uint), session.Stream);
            session.Driver.Fill(_target, 0, bytes / sizeof(uint), session.Stream);
        }

        CopyPattern.Write(host, looked);
        foreach (var start in Starts(looked))
        {
            session.Driver.CopyToDevice(_source + (ulong)start, host, looked, session.Stream);
            Enqueue();
            session.Synchronize();
            cancellationToken.ThrowIfCancellationRequested();
            CopyPattern.Clear(host, looked);
            session.Driver.CopyToHost(host, _target + (ulong)start, looked, session.Stream);
            session.Synchronize();
            CopyPattern.Require(host, looked, bytes, start);
        }
    }

    /// <inheritdoc/>
    public override void Enqueue() => session.Driver.CopyOnDevice(_target, _source, bytes, session.Stream);

    private long[] Starts(long looked) => looked == bytes ? [0] : [0, bytes - looked];
}

/// <summary>Bytes by which a copy is checked.</summary>
internal static unsafe class CopyPattern
{
    /// <summary>Writes the pattern.</summary>
    public static void Write(nint target, long bytes)
    {
        var to = (byte*)target;
        for (var i = 0L; i < bytes; i++)
        {
            to[i] = At(i);
        }
    }

    /// <summary>Writes zeros, so that what was there before is not taken for what arrived.</summary>
    public static void Clear(nint target, long bytes)
    {
        for (var i = 0L; i < bytes; i += int.MaxValue)
        {
            new Span<byte>((byte*)target + i, (int)Math.Min(int.MaxValue, bytes - i)).Clear();
        }
    }

    /// <summary>Looks for the first byte that is not the pattern's.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="all">How many were copied.</param>
    /// <param name="start">Where among them these begin.</param>
    /// <exception cref="BenchFailure">There is one.</exception>
    public static void Require(nint source, long bytes, long all, long start)
    {
        var from = (byte*)source;
        for (var i = 0L; i < bytes; i++)
        {
            if (from[i] != At(i))
            {
                throw new BenchFailure(
                    ExitCodes.Device,
                    $"byte {start + i} of {all} that were copied to the GPU and back is 0x{from[i]:x2}, and must be "
                        + $"0x{At(i):x2}",
                    "look for NVRM, Xid and ECC lines in the guest (dmesg) and on the host (nvidia-smi -q -d ECC); "
                        + "restart the guest and try again");
            }
        }
    }

    private static byte At(long index) => (byte)TestMatrix.Hash((uint)index);
}
