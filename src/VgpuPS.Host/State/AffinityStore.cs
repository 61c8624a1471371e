using VgpuPS.Core.Cpu;

namespace VgpuPS.Host.State;

/// <summary>What VMs' lines were before ours, in the cluster's file system: it moves with the VM.</summary>
/// <param name="files">The host's files.</param>
public sealed class AffinityStore(IHostFiles files)
{
    /// <summary>Its place.</summary>
    public const string Path = "/etc/pve/priv/vgpups-affinity.json";

    private const int SizeLimit = 1024 * 1024;

    private readonly CheckedFiles _files = new(files, "the file of VMs' affinity before ours");

    /// <summary>Reads it; empty where there is none.</summary>
    /// <exception cref="UnreadableDataException">It is not readable.</exception>
    public AffinityFile Load() =>
        _files.Find(Path, SizeLimit) is { } content ? AffinityFile.Read(content, Path) : AffinityFile.Empty;

    /// <summary>Writes it whole, and reads it back.</summary>
    /// <exception cref="HostNotReadyException">The cluster's file system is read-only, or did not keep it.</exception>
    public void Save(AffinityFile file) =>
        _files.Write(Path, file.Write(), StatePaths.PrivateMode, StatePaths.RunFolderMode);
}
