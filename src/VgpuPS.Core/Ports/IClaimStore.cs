using VgpuPS.Core.Errors;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.Ports;

/// <summary>The file of claims and hook-made instances.</summary>
public interface IClaimStore
{
    /// <summary>Reads it; an absent file is an empty one.</summary>
    /// <exception cref="UnreadableDataException">It is corrupt, or of a newer version (<see cref="ErrorIds.NewerVersion"/>).</exception>
    ClaimFile Load();

    /// <summary>Writes it whole, before hardware is touched and after.</summary>
    /// <exception cref="HostNotReadyException">The storage is full or read-only.</exception>
    void Save(ClaimFile claims);

    /// <summary>Puts a corrupt file aside and says where it lies now.</summary>
    string SetAside();
}
