using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

/// <summary>
/// The library and its exports, looked up by name when first called: it exports what the installed driver has, not what
/// the header has, so calls go through function pointers instead of imports.
/// </summary>
/// <remarks>Source: facts/nvml.md, introduction.</remarks>
internal sealed class NvmlLibrary(string path)
{
    private readonly Dictionary<string, nint> _exports = new(StringComparer.Ordinal);
    private nint _handle;

    /// <summary>Loads the library; false when it is not there.</summary>
    public bool TryLoad() => _handle != 0 || NativeLibrary.TryLoad(path, out _handle);

    /// <summary>Address of an export; 0 when the library lacks it or is not loaded.</summary>
    public nint Find(string name)
    {
        if (!_exports.TryGetValue(name, out var address))
        {
            if (_handle != 0)
            {
                NativeLibrary.TryGetExport(_handle, name, out address);
            }

            _exports[name] = address;
        }

        return address;
    }
}
