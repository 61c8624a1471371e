using System.Reflection;

namespace VgpuPS.Bench;

/// <summary>The context of a GPU with one stream, and everything that a run has taken there.</summary>
internal sealed class CudaSession
{
    private readonly Stack<Action> _releases = new();
    private bool _hasModule;
    private nint _module;

    private CudaSession(CudaDriver driver, CudaDevice device) => (Driver, Device) = (driver, device);

    /// <summary>The driver.</summary>
    public CudaDriver Driver { get; }

    /// <summary>The GPU.</summary>
    public CudaDevice Device { get; }

    /// <summary>The one stream.</summary>
    public nint Stream { get; private set; }

    /// <summary>Opens the primary context of a GPU.</summary>
    /// <exception cref="BenchFailure">The driver refused a call.</exception>
    public static CudaSession Open(CudaDriver driver, CudaDevice device)
    {
        var session = new CudaSession(driver, device);
        try
        {
            var context = driver.RetainContext(device.Handle);
            session._releases.Push(() => driver.ReleaseContext(device.Handle));
            driver.SetCurrent(context);
            session.Stream = driver.CreateStream();
            session._releases.Push(() => driver.DestroyStream(session.Stream));
            return session;
        }
        catch (BenchFailure)
        {
            session.Abandon();
            throw;
        }
    }

    /// <summary>Refuses work that the GPU's memory cannot hold.</summary>
    /// <param name="bytes">All that it is going to allocate there.</param>
    /// <exception cref="BenchFailure">It is more than the GPU has.</exception>
    public void RequireMemory(long bytes)
    {
        if (bytes > Device.MemoryBytes)
        {
            throw Lacking(bytes, "");
        }
    }

    /// <summary>Takes memory of the GPU.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="all">How much the work takes in all, for the message.</param>
    public ulong Allocate(long bytes, long all)
    {
        try
        {
            var address = Driver.Allocate(bytes);
            _releases.Push(() => Driver.Free(address));
            return address;
        }
        catch (CudaFailure e) when (e.Status == CudaFailure.OutOfMemory)
        {
            throw Lacking(all, $": {e.Message}");
        }
    }

    /// <summary>Takes memory of the guest that the GPU reaches by itself.</summary>
    public nint AllocateHost(long bytes)
    {
        try
        {
            var address = Driver.AllocateHost(bytes);
            _releases.Push(() => Driver.FreeHost(address));
            return address;
        }
        catch (CudaFailure e) when (e.Status == CudaFailure.OutOfMemory)
        {
            throw new BenchFailure(
                ExitCodes.TryAgain, $"{bytes} bytes of the guest's memory cannot be pinned: {e.Message}",
                "take smaller copies (--bytes), free memory in the guest (free -m), or give the VM more");
        }
    }

    /// <summary>An event, for as long as the session is open.</summary>
    public nint CreateEvent()
    {
        var created = Driver.CreateEvent();
        _releases.Push(() => Driver.DestroyEvent(created));
        return created;
    }

    /// <summary>A kernel of this program; the first one has the driver compile all.</summary>
    /// <exception cref="BenchFailure">The GPU has no TF32, or the driver does not take the PTX.</exception>
    public nint FindKernel(string name)
    {
        if (Device.Capability < CudaDevice.TensorCapability)
        {
            throw new BenchFailure(
                ExitCodes.NotReady,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Device.Name} has compute capability {Device.Capability / 10.0:0.0}, and TF32 needs 8.0"),
                "measure copies only (h2d, d2h, d2d), or take a GPU of the Ampere generation or newer");
        }

        if (!_hasModule)
        {
            _module = Driver.LoadModule(ReadPtx());
            _hasModule = true;
            _releases.Push(() => Driver.UnloadModule(_module));
        }

        return Driver.GetFunction(_module, name);
    }

    /// <summary>Waits until the GPU has done all that it was given.</summary>
    public void Synchronize() => Driver.Synchronize(Stream);

    /// <summary>Gives everything back, newest first.</summary>
    /// <exception cref="BenchFailure">The driver refused a call; what could be given back was.</exception>
    public void Close()
    {
        BenchFailure? first = null;
        if (Stream != 0)
        {
            // What is under way still uses what is given back.
            _releases.Push(Synchronize);
        }

        while (_releases.TryPop(out var release))
        {
            try
            {
                release();
            }
            catch (BenchFailure e)
            {
                first ??= e;
            }
        }

        if (first is not null)
        {
            throw first;
        }
    }

    /// <summary>Releases what can be after a failure, which is what is reported.</summary>
    public void Abandon()
    {
        try
        {
            Close();
        }
        catch (BenchFailure)
        {
            // The failure before it is the cause.
        }
    }

    /// <summary>The kernels, with a zero at their end.</summary>
    internal static byte[] ReadPtx()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("kernels.ptx")!;
        var text = new byte[resource.Length + 1];
        resource.ReadExactly(text, 0, text.Length - 1);
        return text;
    }

    private BenchFailure Lacking(long bytes, string cause) => new(
        ExitCodes.TryAgain,
        $"the work needs {MiB(bytes)} MiB of the GPU's memory, and {Device.Name} has {Device.MemoryBytes >> 20} MiB "
            + $"in all{cause}",
        "take smaller sizes (--bytes, or --m, --n, --k), end what else uses the vGPU (nvidia-smi), or give the VM a "
            + "larger vGPU type");

    private static long MiB(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}
