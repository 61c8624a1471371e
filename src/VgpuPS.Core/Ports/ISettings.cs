using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;

namespace VgpuPS.Core.Ports;

/// <summary>The hook's configuration file.</summary>
public interface ISettings
{
    /// <summary>Reads and checks it; an absent file means the defaults.</summary>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member or a value out of range; names line and column.</exception>
    HookSettings Load();

    /// <summary>Sets or removes the script that is chained to ours for a VM; all else in the file stays as it is.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="script">The script; null to remove it.</param>
    /// <exception cref="UnreadableDataException">The file is not readable; nothing is written.</exception>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    void SetChain(VmId vm, ChainedScript? script);
}
