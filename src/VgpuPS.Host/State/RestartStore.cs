using VgpuPS.Core.Claims;

namespace VgpuPS.Host.State;

/// <summary>
/// VMs that were stopped to be started again, in <c>/run/vgpups/restarts.json</c>: a reboot starts VMs as Proxmox does.
/// </summary>
/// <param name="files">The host's files.</param>
public sealed class RestartStore(IHostFiles files)
{
    private const int SizeLimit = 1024 * 1024;

    private readonly CheckedFiles _files = new(files, "the file of VMs that are restarted");

    /// <summary>Reads it; empty where there is none.</summary>
    /// <exception cref="UnreadableDataException">It is not readable.</exception>
    public RestartFile Load() => _files.Find(StatePaths.Restarts, SizeLimit) is { } content
        ? RestartFile.Read(content, StatePaths.Restarts) : RestartFile.Empty;

    /// <summary>Says of a VM that it was stopped to be started again, or that it runs.</summary>
    /// <exception cref="HostNotReadyException">The storage is full or read-only, or did not keep it.</exception>
    public void Mark(VmId vm, bool isStopped)
    {
        var file = Load();
        if (file.Vms.Contains(vm) != isStopped)
        {
            _files.Write(
                StatePaths.Restarts, file.With(vm, isStopped).Write(), StatePaths.PrivateMode,
                StatePaths.RunFolderMode);
        }
    }
}
