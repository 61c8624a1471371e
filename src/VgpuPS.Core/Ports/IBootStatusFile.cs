using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>What the boot service last did, <c>/run/vgpups/boot.json</c>.</summary>
public interface IBootStatusFile
{
    /// <summary>Reads it; null when it has not run since the boot.</summary>
    /// <exception cref="UnreadableDataException">It is not readable as what it should be.</exception>
    BootStatus? Load();

    /// <summary>Writes it whole.</summary>
    /// <exception cref="HostNotReadyException">The storage is full, read-only or failing.</exception>
    void Save(BootStatus status);
}
