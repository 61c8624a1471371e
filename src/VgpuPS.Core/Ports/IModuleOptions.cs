using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>Files of kernel module options (<c>/etc/modprobe.d</c>).</summary>
public interface IModuleOptions
{
    /// <summary>Where options go that are in no file yet.</summary>
    string DefaultPath { get; }

    /// <summary>Path and text of each, ascending path.</summary>
    /// <exception cref="UnreadableDataException">One cannot be read.</exception>
    IReadOnlyList<(string Path, string Text)> Read();

    /// <summary>Writes one whole and reads it back; null removes it.</summary>
    /// <exception cref="HostNotReadyException">The storage is full, read-only or failing.</exception>
    void Write(string path, string? text);
}
