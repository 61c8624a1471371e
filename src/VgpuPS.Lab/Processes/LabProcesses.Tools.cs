using System.Text;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Processes;

public sealed partial class LabProcesses
{
    private const int LargestFile = 256 << 20;

    /// <summary>Runs one of the small programs that every host has.</summary>
    private ProcessResult RunTool(ProcessRequest request) => request.FileName switch
    {
        HostInstallFiles.RemoveFolderTool => RunRemoveFolder(request.Arguments),
        HostInstallFiles.StorageTool => RunStorage(request.Arguments),
        _ => new ProcessResult(null, null, false, Errno.ENOENT, "", ""),
    };

    /// <summary>Removes folders that are empty.</summary>
    /// <remarks>Source: rmdir(1), --ignore-fail-on-non-empty.</remarks>
    private ProcessResult RunRemoveFolder(IReadOnlyList<string> arguments) => _host.With(state =>
    {
        var path = arguments[^1];
        var entry = LabTree.Find(state, path);
        if (entry?.Entries is null)
        {
            return new ProcessResult(1, null, false, 0, "", $"rmdir: failed to remove '{path}': No such file or directory\n");
        }

        if (entry.Entries.Count == 0)
        {
            LabTree.Remove(state, path);
        }

        _host.Change();
        return Exit(0, "");
    });

    /// <summary>What <c>pvesm set STORAGE --content LIST</c> does to the list of storages.</summary>
    /// <remarks>Source: facts/proxmox.md (a): content of storages; the text of a failure is assumed.</remarks>
    private ProcessResult RunStorage(IReadOnlyList<string> arguments)
    {
        if (arguments is not ["set", var name, "--content", var content])
        {
            return new ProcessResult(255, null, false, 0, "", "400 Parameter verification failed.\n");
        }

        var raw = _host.Files.GetInfo(PvePaths.Storages) is null ? [] : _host.Files.Read(PvePaths.Storages, LargestFile);
        if (StorageConfig.Read(raw).Find(name) is null)
        {
            return new ProcessResult(255, null, false, 0, "", $"update storage failed: storage '{name}' does not exist\n");
        }

        var lines = Encoding.UTF8.GetString(raw).Split('\n').ToList();
        var start = lines.FindIndex(l => l.EndsWith($": {name}", StringComparison.Ordinal));
        if (start < 0)
        {
            // Storage local is there without being listed.
            lines.InsertRange(0, [$"dir: {name}", "\tpath /var/lib/vz", $"\tcontent {content}", ""]);
        }
        else
        {
            var at = lines.FindIndex(start + 1, l => l.TrimStart().StartsWith("content ", StringComparison.Ordinal) || l.Length == 0);
            var hasContent = at >= 0 && lines[at].Length > 0;
            lines[hasContent ? at : start] += hasContent ? "" : $"\n\tcontent {content}";
            if (hasContent)
            {
                lines[at] = $"\tcontent {content}";
            }
        }

        _host.Files.WriteWhole(PvePaths.Storages, Encoding.UTF8.GetBytes(string.Join('\n', lines)), FileModes.Mode640);
        return Exit(0, "");
    }
}
