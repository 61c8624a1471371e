using System.Runtime.InteropServices;

namespace VgpuPS.Host.Linux;

/// <summary>A null-terminated array of null-terminated texts, as exec wants it.</summary>
internal sealed unsafe class NativeTexts : IDisposable
{
    private readonly List<nint> _texts;

    /// <exception cref="ArgumentException">A text holds a null character, which would cut it short.</exception>
    public NativeTexts(IReadOnlyList<string> texts)
    {
        if (texts.FirstOrDefault(t => t.Contains('\0', StringComparison.Ordinal)) is { } broken)
        {
            throw new ArgumentException($"'{broken.Replace('\0', '?')}' holds a null character.", nameof(texts));
        }

        _texts = [.. texts.Select(Marshal.StringToCoTaskMemUTF8)];
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)_texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < _texts.Count; i++)
        {
            Pointer[i] = (byte*)_texts[i];
        }
    }

    /// <summary>The array.</summary>
    public byte** Pointer { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _texts.ForEach(Marshal.FreeCoTaskMem);
        NativeMemory.Free(Pointer);
    }
}
