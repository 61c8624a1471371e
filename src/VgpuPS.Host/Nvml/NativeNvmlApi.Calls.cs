using System.Text;

namespace VgpuPS.Host.Nvml;

public sealed unsafe partial class NativeNvmlApi
{
    // A list that grows between asking and filling is requested again, but not for ever.
    private const int CountAttempts = 8;

    // The library writes all instances without a size check; no GPU has more slices than this.
    private const uint LeastInstances = 16;

    private static string Text(ReadOnlySpan<byte> buffer)
    {
        var end = buffer.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? buffer : buffer[..end]);
    }

    private NvmlStatus Call(string export)
    {
        var call = (delegate* unmanaged[Cdecl]<NvmlStatus>)_library.Export(export);
        return call is null ? NvmlStatus.FunctionNotFound : call();
    }

    private NvmlStatus CallWith(string export, nint handle)
    {
        var call = (delegate* unmanaged[Cdecl]<nint, NvmlStatus>)_library.Export(export);
        return call is null ? NvmlStatus.FunctionNotFound : call(handle);
    }

    private NvmlStatus Read<T>(string export, nint handle, ref T value)
        where T : unmanaged
    {
        var call = (delegate* unmanaged[Cdecl]<nint, T*, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        fixed (T* target = &value)
        {
            return call(handle, target);
        }
    }

    private NvmlStatus ReadById<T>(string export, uint id, ref T value)
        where T : unmanaged
    {
        var call = (delegate* unmanaged[Cdecl]<uint, T*, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        fixed (T* target = &value)
        {
            return call(id, target);
        }
    }

    private NvmlStatus ReadOf<T>(string export, nint handle, uint id, ref T value)
        where T : unmanaged
    {
        var call = (delegate* unmanaged[Cdecl]<nint, uint, T*, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        fixed (T* target = &value)
        {
            return call(handle, id, target);
        }
    }

    private NvmlStatus ReadText(string export, nint handle, int size, out string text)
    {
        text = string.Empty;
        var call = (delegate* unmanaged[Cdecl]<nint, byte*, uint, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var buffer = stackalloc byte[size];
        var status = call(handle, buffer, (uint)size);
        text = status == NvmlStatus.Success ? Text(new ReadOnlySpan<byte>(buffer, size)) : string.Empty;
        return status;
    }

    private NvmlStatus ReadTextById(string export, uint id, int size, out string text)
    {
        text = string.Empty;
        var call = (delegate* unmanaged[Cdecl]<uint, byte*, uint, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var buffer = stackalloc byte[size];
        var status = call(id, buffer, (uint)size);
        text = status == NvmlStatus.Success ? Text(new ReadOnlySpan<byte>(buffer, size)) : string.Empty;
        return status;
    }

    private NvmlStatus ReadSizedTextById(string export, uint id, int size, out string text)
    {
        text = string.Empty;
        var call = (delegate* unmanaged[Cdecl]<uint, byte*, uint*, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var length = (uint)size;
        var buffer = stackalloc byte[size];
        var status = call(id, buffer, &length);
        text = status == NvmlStatus.Success ? Text(new ReadOnlySpan<byte>(buffer, size)) : string.Empty;
        return status;
    }

    private NvmlStatus ReadCounted<T>(string export, NvmlDevice device, out T[] items)
        where T : unmanaged
    {
        items = [];
        var call = (delegate* unmanaged[Cdecl]<nint, uint*, T*, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        uint count = 0;
        var status = call(device.Value, &count, null);
        for (var attempt = 0; attempt < CountAttempts && status == NvmlStatus.InsufficientSize && count > 0; attempt++)
        {
            // Twice the size: the first R535 drivers write longer entries for processes than later ones (assumed).
            var buffer = new T[count * 2];
            fixed (T* first = buffer)
            {
                status = call(device.Value, &count, first);
            }

            if (status == NvmlStatus.Success)
            {
                items = buffer[..(int)Math.Min(count, (uint)buffer.Length)];
            }
        }

        return status;
    }

    private NvmlStatus ReadInstances(string export, nint parent, uint profileId, uint capacity, out nint[] handles)
    {
        handles = [];
        var call = (delegate* unmanaged[Cdecl]<nint, uint, nint*, uint*, NvmlStatus>)_library.Export(export);
        if (call is null)
        {
            return NvmlStatus.FunctionNotFound;
        }

        var buffer = new nint[Math.Max(capacity, LeastInstances)];
        var count = (uint)buffer.Length;
        NvmlStatus status;
        fixed (nint* first = buffer)
        {
            status = call(parent, profileId, first, &count);
        }

        if (status == NvmlStatus.Success)
        {
            handles = buffer[..(int)Math.Min(count, (uint)buffer.Length)];
        }

        return status;
    }

    private static bool IsFormUnknown(NvmlStatus status) =>
        status is NvmlStatus.FunctionNotFound or NvmlStatus.InvalidArgument or NvmlStatus.ArgumentVersionMismatch;

    /// <summary>The oldest form's status; where the library lacks that form, what the newer one said of the
    /// slot.</summary>
    private static NvmlStatus OfLastForm(NvmlStatus oldest, NvmlStatus newer) =>
        oldest == NvmlStatus.FunctionNotFound ? newer : oldest;
}
