using System.Runtime.InteropServices;
using VgpuPS.Core.Migration;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    /// <inheritdoc/>
    public NvmlStatus DeviceGetEccMode(NvmlDevice device, out uint current, out uint pending)
    {
        current = 0;
        pending = 0;
        var call = (delegate* unmanaged[Cdecl]<nint, uint*, uint*, NvmlStatus>)_library.Export("nvmlDeviceGetEccMode");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        fixed (uint* first = &current, second = &pending)
        {
            return call(device.Value, first, second);
        }
    }

    /// <inheritdoc/>
    public NvmlStatus VgpuInstanceGetMetadata(uint vgpuInstance, out byte[] metadata)
    {
        var call = (delegate* unmanaged[Cdecl]<uint, byte*, uint*, NvmlStatus>)_library.Export(
            "nvmlVgpuInstanceGetMetadata");
        return call is null ? None(out metadata) : ReadMetadata(
            (buffer, size) => call(vgpuInstance, (byte*)buffer, (uint*)size), VgpuMetadata.HeaderSize, out metadata);
    }

    /// <inheritdoc/>
    public NvmlStatus DeviceGetVgpuMetadata(NvmlDevice device, out byte[] metadata)
    {
        var call = (delegate* unmanaged[Cdecl]<nint, byte*, uint*, NvmlStatus>)_library.Export(
            "nvmlDeviceGetVgpuMetadata");
        return call is null ? None(out metadata) : ReadMetadata(
            (buffer, size) => call(device.Value, (byte*)buffer, (uint*)size), PgpuMetadata.HeaderSize, out metadata);
    }

    /// <inheritdoc/>
    public NvmlStatus GetVgpuCompatibility(byte[] vgpu, byte[] pgpu, out uint states, out uint limits)
    {
        states = 0;
        limits = 0;
        var call = (delegate* unmanaged[Cdecl]<byte*, byte*, uint*, NvmlStatus>)_library.Export(
            "nvmlGetVgpuCompatibility");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var answer = stackalloc uint[2];
        NvmlStatus status;
        fixed (byte* first = vgpu, second = pgpu)
        {
            status = call(first, second, answer);
        }

        (states, limits) = (answer[0], answer[1]);
        return status;
    }

    /// <inheritdoc/>
    public NvmlStatus GetVgpuVersion(out NvmlVersionRange supported, out NvmlVersionRange current)
    {
        supported = current = default;
        var call = (delegate* unmanaged[Cdecl]<uint*, uint*, NvmlStatus>)_library.Export("nvmlGetVgpuVersion");
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var one = stackalloc uint[2];
        var other = stackalloc uint[2];
        var status = call(one, other);
        supported = new NvmlVersionRange(one[0], one[1]);
        current = new NvmlVersionRange(other[0], other[1]);
        return status;
    }

    private static NvmlStatus None(out byte[] metadata)
    {
        metadata = [];
        return NvmlStatus.FunctionNotFound;
    }

    // Asked with size 0 first, which is refused with the size that it takes; the driver may need more by then.
    private static NvmlStatus ReadMetadata(Func<nint, nint, NvmlStatus> read, int header, out byte[] metadata)
    {
        metadata = [];
        uint size = 0;
        var status = read(0, (nint)(&size));
        if (status != NvmlStatus.InsufficientSize || size < header || size > VgpuMetadata.MaxSize)
        {
            return status == NvmlStatus.Success || status == NvmlStatus.InsufficientSize
                ? NvmlStatus.Unknown : status;
        }

        var buffer = (byte*)NativeMemory.AllocZeroed(size);
        try
        {
            status = read((nint)buffer, (nint)(&size));
            metadata = status == NvmlStatus.Success ? new ReadOnlySpan<byte>(buffer, (int)size).ToArray() : [];
            return status;
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }
}
