using System.Runtime.InteropServices;
using System.Text;

namespace VgpuPS.Bench;

/// <summary>
/// The CUDA driver's library, looked up when the program runs: what is missing is a failure with advice. Every method
/// is one call, and a status that is not 0 a <see cref="CudaFailure"/>.
/// </summary>
/// <remarks>
/// Source: facts/measuring.md F11 and F12. Handles are pointers, devices numbers, device memory 64-bit addresses.
/// Calls belong to the thread that has made the context current: all of them are made by one.
/// </remarks>
internal sealed unsafe partial class CudaDriver
{
    /// <summary>Name of the library, as every driver installs it.</summary>
    public const string Library = "libcuda.so.1";

    private static readonly string[] s_names =
    [
        "cuInit", "cuDriverGetVersion", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName", "cuDeviceGetUuid_v2",
        "cuDeviceGetAttribute", "cuDeviceTotalMem_v2", "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2",
        "cuCtxSetCurrent", "cuMemAlloc_v2", "cuMemFree_v2", "cuMemAllocHost_v2", "cuMemFreeHost", "cuMemsetD32Async",
        "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyDtoDAsync_v2", "cuStreamCreate", "cuStreamDestroy_v2",
        "cuStreamSynchronize", "cuEventCreate", "cuEventDestroy_v2", "cuEventRecord", "cuEventSynchronize",
        "cuEventElapsedTime", "cuModuleLoadDataEx", "cuModuleGetFunction", "cuModuleUnload", "cuFuncSetAttribute",
        "cuLaunchKernel", "cuGetErrorString",
    ];

    private readonly Dictionary<string, nint> _calls = new(StringComparer.Ordinal);
    private volatile string? _pending;

    /// <summary>Every call that is made.</summary>
    public static IReadOnlyList<string> Calls => s_names;

    /// <summary>The call that has not returned; null for none.</summary>
    public string? Pending => _pending;

    /// <summary>Loads the library and looks its calls up.</summary>
    /// <exception cref="BenchFailure">It is missing, or older than one of the calls.</exception>
    public void Load()
    {
        if (!NativeLibrary.TryLoad(Library, out var library))
        {
            throw new BenchFailure(
                ExitCodes.NotReady, $"{Library} cannot be loaded: this guest has no NVIDIA driver with CUDA",
                "install the vGPU guest driver with its CUDA library, then see that nvidia-smi works in the guest");
        }

        foreach (var name in s_names)
        {
            if (!NativeLibrary.TryGetExport(library, name, out var address))
            {
                throw new BenchFailure(
                    ExitCodes.NotReady, $"{Library} of this guest has no {name}: its driver is too old",
                    "install a guest driver of CUDA 11.4 or newer that fits the host's driver");
            }

            _calls.Add(name, address);
        }
    }

    private nint Begin(string call)
    {
        _pending = call;
        return _calls[call];
    }

    private void End(int status, string log = "")
    {
        var call = _pending ?? "";
        _pending = null;
        if (status != 0)
        {
            throw CudaFailure.Of(call, status, Describe(status), log);
        }
    }

    /// <summary>The driver's own text for a status; null where it has none.</summary>
    private string? Describe(int status)
    {
        byte* text = null;
        var answer = ((delegate* unmanaged<int, byte**, int>)Begin("cuGetErrorString"))(status, &text);
        _pending = null;
        return answer == 0 && text != null ? VisibleLine.Of(Marshal.PtrToStringUTF8((nint)text) ?? "") : null;
    }

    /// <summary>Text that a call has put into a buffer, up to its first zero.</summary>
    private static string Read(ReadOnlySpan<byte> buffer) =>
        VisibleLine.Of(Encoding.UTF8.GetString(buffer.IndexOf((byte)0) is >= 0 and var end ? buffer[..end] : buffer));
}
