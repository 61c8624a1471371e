using VgpuPS.Core.Borders;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>Our program as files: the installed one, copies in snippets storages, systemd's units.</summary>
public interface IHookFiles
{
    /// <summary>Whether the package's program is there.</summary>
    bool IsInstalled { get; }

    /// <summary>What a path names, links followed; null when it is no file.</summary>
    /// <exception cref="UnreadableDataException">It cannot be read.</exception>
    HookFile? Find(string path);

    /// <summary>Who can change a file that root acts on; null when nothing is there.</summary>
    /// <exception cref="UnreadableDataException">It cannot be looked at.</exception>
    FileTrust? FindTrust(string path);

    /// <summary>Puts a copy of the installed program there, whole and executable, and reads it back.</summary>
    /// <exception cref="HostNotReadyException">It cannot be written, or does not read back.</exception>
    /// <exception cref="AccessDeniedException">We are not root.</exception>
    void Install(string path);

    /// <summary>Whether systemd starts a unit by itself; null when it has no such unit.</summary>
    bool? IsUnitEnabled(string unit);
}
