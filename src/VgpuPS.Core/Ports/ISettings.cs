using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>The hook's configuration file.</summary>
public interface ISettings
{
    /// <summary>Reads and checks it; an absent file means the defaults.</summary>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member or a value out of range; names line and column.</exception>
    HookSettings Load();
}
