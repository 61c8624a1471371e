using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>The host's layout file, <c>/etc/vgpups/layout.json</c>.</summary>
public interface ILayoutFile
{
    /// <summary>Reads and checks it; null when there is none.</summary>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member, a newer version; names line and column.</exception>
    HostLayout? Load();

    /// <summary>Writes it whole and reads it back.</summary>
    /// <exception cref="HostNotReadyException">The storage is full, read-only or failing.</exception>
    void Save(HostLayout layout);
}
