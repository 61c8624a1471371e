using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>What an installation puts on a host and takes away again.</summary>
public interface IHostInstall
{
    /// <summary>Version of the Debian package that the host has the product by; null where it has none.</summary>
    string? PackageVersion { get; }

    /// <summary>The program that runs now, as a file.</summary>
    string RunningProgram { get; }

    /// <summary>Our systemd units by the path that they are installed at.</summary>
    IReadOnlyDictionary<string, byte[]> Units { get; }

    /// <summary>Nodes of the cluster and their addresses, this one included; this one alone where there is no cluster.</summary>
    IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>What a file holds; null where there is no file.</summary>
    /// <exception cref="VgpuException">It cannot be read.</exception>
    byte[]? Read(string path);

    /// <summary>Writes a file whole, readable by all, and reads it back.</summary>
    /// <exception cref="VgpuException">It cannot be written, or does not read back.</exception>
    void Write(string path, ReadOnlySpan<byte> content, bool isExecutable);

    /// <summary>Removes a file; nothing happens where there is none.</summary>
    /// <exception cref="VgpuException">It cannot be removed.</exception>
    void Remove(string path);

    /// <summary>Removes a folder that is empty; one with something in it stays.</summary>
    Task RemoveFolderAsync(string path, CancellationToken cancellationToken);

    /// <summary>Lets systemd read its units anew.</summary>
    /// <exception cref="HostCommandException">It failed.</exception>
    Task ReloadUnitsAsync(CancellationToken cancellationToken);

    /// <summary>Lets systemd start a unit by itself from now on, or no more, and reads it back.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="isEnabled">Whether it is started by itself.</param>
    /// <param name="now">Whether it is started, or stopped, at once as well.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HostCommandException">It failed.</exception>
    Task EnableUnitAsync(string unit, bool isEnabled, bool now, CancellationToken cancellationToken);

    /// <summary>Sets what a storage may hold, and reads it back.</summary>
    /// <exception cref="HostCommandException">It failed.</exception>
    Task SetStorageContentAsync(string storage, IReadOnlyList<string> content, CancellationToken cancellationToken);
}
