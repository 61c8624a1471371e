using System.Text;
using VgpuPS.Host.Seams;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>How results get into the caller's memory.</summary>
/// <remarks>Source: facts/nvml.md 1.</remarks>
internal static unsafe class Buffers
{
    /// <summary>A text with its end mark; too small a buffer is refused.</summary>
    internal static NvmlStatus Put(NvmlStatus status, string text, byte* buffer, uint size)
    {
        if (status != NvmlStatus.Success)
        {
            return status;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length >= size)
        {
            return NvmlStatus.InsufficientSize;
        }

        bytes.CopyTo(new Span<byte>(buffer, bytes.Length));
        buffer[bytes.Length] = 0;
        return status;
    }

    /// <summary>A text into a field of a struct, cut to fit.</summary>
    internal static void Fill(Span<byte> field, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = Math.Min(bytes.Length, field.Length - 1);
        bytes.AsSpan(0, length).CopyTo(field);
        field[length] = 0;
    }

    /// <summary>A list with its count: asked with too little room, the room it needs.</summary>
    internal static NvmlStatus PutCounted<T>(NvmlStatus status, IReadOnlyList<T> items, uint* count, T* buffer)
        where T : unmanaged
    {
        if (status != NvmlStatus.Success)
        {
            return status;
        }

        var capacity = *count;
        *count = (uint)items.Count;
        if (capacity < items.Count)
        {
            return NvmlStatus.InsufficientSize;
        }

        return PutAll(status, items, count, buffer);
    }

    /// <summary>A list into a buffer whose size nobody checks, as with instances.</summary>
    internal static NvmlStatus PutAll<T>(NvmlStatus status, IReadOnlyList<T> items, uint* count, T* buffer)
        where T : unmanaged
    {
        if (status == NvmlStatus.Success)
        {
            *count = (uint)items.Count;
            for (var index = 0; index < items.Count; index++)
            {
                buffer[index] = items[index];
            }
        }

        return status;
    }
}
