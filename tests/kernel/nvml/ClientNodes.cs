using Microsoft.Win32.SafeHandles;

namespace VgpuPS.KernelBed.Nvml;

/// <summary>Open <c>/dev/nvidiaN</c> of attached GPUs: the kernel counts them, and drops those of a killed
/// process.</summary>
internal sealed class ClientNodes
{
    private readonly Dictionary<int, SafeFileHandle> _open = [];

    /// <summary>Opens a GPU's node, once.</summary>
    /// <param name="index">Index of the GPU.</param>
    /// <returns>False when the driver refuses, as it does while the GPU is locked for unbinding.</returns>
    internal bool Open(int index)
    {
        if (_open.ContainsKey(index))
        {
            return true;
        }

        try
        {
            // Not File.OpenHandle's usual locks: several processes hold the node at once.
            _open.Add(index, File.OpenHandle($"/dev/nvidia{index}", share: FileShare.ReadWrite));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Closes all of them.</summary>
    internal void Close()
    {
        foreach (var handle in _open.Values)
        {
            handle.Dispose();
        }

        _open.Clear();
    }
}
