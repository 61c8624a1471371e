using System.Runtime.InteropServices;
using VgpuPS.Host.Linux;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>
/// The driver's library: loaded on first use, its exports looked up by name once each. It stays loaded until the
/// process ends.
/// </summary>
/// <remarks>Source: facts/nvml.md (the library exports what the driver has, not what the header has).</remarks>
internal sealed class NvmlLibrary(string path)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, nint> _exports = new(StringComparer.Ordinal);
    private nint _handle;

    /// <summary>Loads the library if it is not; a failed load is tried again on the next call.</summary>
    /// <returns>Whether it is loaded.</returns>
    internal bool TryLoad()
    {
        lock (_gate)
        {
            if (_handle == 0)
            {
                CallTrace.Note(path);
                _ = NativeLibrary.TryLoad(path, out _handle);
            }

            return _handle != 0;
        }
    }

    /// <summary>Address of an export.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The address, 0 where the library is missing or lacks it.</returns>
    internal nint Export(string name)
    {
        CallTrace.Note(name);
        lock (_gate)
        {
            if (_exports.TryGetValue(name, out var known))
            {
                return known;
            }

            if (!TryLoad())
            {
                return 0;
            }

            _ = NativeLibrary.TryGetExport(_handle, name, out var address);
            _exports.Add(name, address);
            return address;
        }
    }
}
