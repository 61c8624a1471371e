namespace VgpuPS.Bench;

/// <content>The calls, in the order in which a run makes them.</content>
internal sealed unsafe partial class CudaDriver
{
    private const int LogSize = 8192;

    // Options of cuModuleLoadDataEx; their values are numbers in the place of pointers.
    private const int ErrorLogBuffer = 5;
    private const int ErrorLogBufferSize = 6;

    public void Initialize() => End(((delegate* unmanaged<uint, int>)Begin("cuInit"))(0));

    /// <summary>1000 times the major and 10 times the minor number of CUDA.</summary>
    public int GetVersion()
    {
        int version;
        End(((delegate* unmanaged<int*, int>)Begin("cuDriverGetVersion"))(&version));
        return version;
    }

    public int GetDeviceCount()
    {
        int count;
        End(((delegate* unmanaged<int*, int>)Begin("cuDeviceGetCount"))(&count));
        return count;
    }

    public int GetDevice(int ordinal)
    {
        int device;
        End(((delegate* unmanaged<int*, int, int>)Begin("cuDeviceGet"))(&device, ordinal));
        return device;
    }

    public string GetName(int device)
    {
        var buffer = stackalloc byte[256];
        End(((delegate* unmanaged<byte*, int, int, int>)Begin("cuDeviceGetName"))(buffer, 256, device));
        return Read(new(buffer, 256));
    }

    /// <summary>Sixteen bytes, in the order in which they are printed.</summary>
    public Guid GetUuid(int device)
    {
        var buffer = stackalloc byte[16];
        End(((delegate* unmanaged<byte*, int, int>)Begin("cuDeviceGetUuid_v2"))(buffer, device));
        return new(new ReadOnlySpan<byte>(buffer, 16), bigEndian: true);
    }

    public int GetAttribute(int attribute, int device)
    {
        int value;
        End(((delegate* unmanaged<int*, int, int, int>)Begin("cuDeviceGetAttribute"))(&value, attribute, device));
        return value;
    }

    public long GetTotalMemory(int device)
    {
        nuint bytes;
        End(((delegate* unmanaged<nuint*, int, int>)Begin("cuDeviceTotalMem_v2"))(&bytes, device));
        return (long)bytes;
    }

    public nint RetainContext(int device)
    {
        nint context;
        End(((delegate* unmanaged<nint*, int, int>)Begin("cuDevicePrimaryCtxRetain"))(&context, device));
        return context;
    }

    public void ReleaseContext(int device) =>
        End(((delegate* unmanaged<int, int>)Begin("cuDevicePrimaryCtxRelease_v2"))(device));

    public void SetCurrent(nint context) => End(((delegate* unmanaged<nint, int>)Begin("cuCtxSetCurrent"))(context));

    public ulong Allocate(long bytes)
    {
        ulong address;
        End(((delegate* unmanaged<ulong*, nuint, int>)Begin("cuMemAlloc_v2"))(&address, (nuint)bytes));
        return address;
    }

    public void Free(ulong address) => End(((delegate* unmanaged<ulong, int>)Begin("cuMemFree_v2"))(address));

    /// <summary>Memory of the host that the GPU reads and writes without a copy on the way.</summary>
    public nint AllocateHost(long bytes)
    {
        nint address;
        End(((delegate* unmanaged<nint*, nuint, int>)Begin("cuMemAllocHost_v2"))(&address, (nuint)bytes));
        return address;
    }

    public void FreeHost(nint address) => End(((delegate* unmanaged<nint, int>)Begin("cuMemFreeHost"))(address));

    /// <summary>Writes a number over memory.</summary>
    /// <param name="address">Where it begins; a multiple of 4.</param>
    /// <param name="value">The number.</param>
    /// <param name="count">How often, not how many bytes.</param>
    /// <param name="stream">The stream.</param>
    public void Fill(ulong address, uint value, long count, nint stream) =>
        End(((delegate* unmanaged<ulong, uint, nuint, nint, int>)Begin("cuMemsetD32Async"))(
            address, value, (nuint)count, stream));

    public void CopyToDevice(ulong target, nint source, long bytes, nint stream) =>
        End(((delegate* unmanaged<ulong, nint, nuint, nint, int>)Begin("cuMemcpyHtoDAsync_v2"))(
            target, source, (nuint)bytes, stream));

    public void CopyToHost(nint target, ulong source, long bytes, nint stream) =>
        End(((delegate* unmanaged<nint, ulong, nuint, nint, int>)Begin("cuMemcpyDtoHAsync_v2"))(
            target, source, (nuint)bytes, stream));

    public void CopyOnDevice(ulong target, ulong source, long bytes, nint stream) =>
        End(((delegate* unmanaged<ulong, ulong, nuint, nint, int>)Begin("cuMemcpyDtoDAsync_v2"))(
            target, source, (nuint)bytes, stream));

    public nint CreateStream()
    {
        nint stream;
        End(((delegate* unmanaged<nint*, uint, int>)Begin("cuStreamCreate"))(&stream, 0));
        return stream;
    }

    public void Synchronize(nint stream) =>
        End(((delegate* unmanaged<nint, int>)Begin("cuStreamSynchronize"))(stream));

    public void DestroyStream(nint stream) =>
        End(((delegate* unmanaged<nint, int>)Begin("cuStreamDestroy_v2"))(stream));

    public nint CreateEvent()
    {
        nint created;
        End(((delegate* unmanaged<nint*, uint, int>)Begin("cuEventCreate"))(&created, 0));
        return created;
    }

    public void Record(nint recorded, nint stream) =>
        End(((delegate* unmanaged<nint, nint, int>)Begin("cuEventRecord"))(recorded, stream));

    public void Await(nint recorded) =>
        End(((delegate* unmanaged<nint, int>)Begin("cuEventSynchronize"))(recorded));

    /// <summary>Milliseconds from one event to another, both of which the GPU has passed.</summary>
    public float GetElapsed(nint first, nint last)
    {
        float milliseconds;
        End(((delegate* unmanaged<float*, nint, nint, int>)Begin("cuEventElapsedTime"))(&milliseconds, first, last));
        return milliseconds;
    }

    public void DestroyEvent(nint destroyed) =>
        End(((delegate* unmanaged<nint, int>)Begin("cuEventDestroy_v2"))(destroyed));

    /// <summary>Has the driver compile PTX; what its compiler says of a mistake goes into the failure.</summary>
    /// <param name="text">The PTX, with a zero at its end.</param>
    public nint LoadModule(ReadOnlySpan<byte> text)
    {
        nint module;
        var log = new byte[LogSize];
        var options = stackalloc int[] { ErrorLogBuffer, ErrorLogBufferSize };
        fixed (byte* image = text)
        {
            fixed (byte* buffer = log)
            {
                var values = stackalloc nint[] { (nint)buffer, LogSize };
                var status = ((delegate* unmanaged<nint*, byte*, uint, int*, nint*, int>)Begin("cuModuleLoadDataEx"))(
                    &module, image, 2, options, values);
                End(status, status == 0 ? "" : Read(log));
            }
        }

        return module;
    }

    public nint GetFunction(nint module, string name)
    {
        nint function;
        Span<byte> text = stackalloc byte[64];
        text.Clear();
        _ = System.Text.Encoding.ASCII.GetBytes(name, text);
        fixed (byte* entry = text)
        {
            End(((delegate* unmanaged<nint*, nint, byte*, int>)Begin("cuModuleGetFunction"))(&function, module, entry));
        }

        return function;
    }

    public void UnloadModule(nint module) =>
        End(((delegate* unmanaged<nint, int>)Begin("cuModuleUnload"))(module));

    public void SetFunctionAttribute(nint function, int attribute, int value) =>
        End(((delegate* unmanaged<nint, int, int, int>)Begin("cuFuncSetAttribute"))(function, attribute, value));

    /// <summary>Starts a kernel on a grid of blocks.</summary>
    /// <param name="function">The kernel.</param>
    /// <param name="grid">Blocks, across and down.</param>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="sharedBytes">Shared memory of a block that the kernel does not declare itself.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="arguments">The kernel's arguments in order, each as the bits of 8 bytes, of which it takes those
    /// that it needs.</param>
    public void Launch(
        nint function, (uint X, uint Y) grid, uint threads, int sharedBytes, nint stream, ReadOnlySpan<ulong> arguments)
    {
        var places = stackalloc nint[arguments.Length];
        fixed (ulong* first = arguments)
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                places[i] = (nint)(first + i);
            }

            End(((delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, nint*, nint*, int>)Begin(
                "cuLaunchKernel"))(
                function, grid.X, grid.Y, 1, threads, 1, 1, (uint)sharedBytes, stream, places, null));
        }
    }
}
