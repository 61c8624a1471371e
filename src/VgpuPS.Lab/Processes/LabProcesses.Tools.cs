using VgpuPS.Host.Proxmox;
using VgpuPS.Host.State;
using VgpuPS.Lab.Cluster;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Platform;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Processes;

public sealed partial class LabProcesses
{
    private const int LargestFile = 256 << 20;

    private static readonly string[] s_byHand =
    [
        SmiTool, SriovTool, SystemctlTool, LabQm.Path, LabPvesh.Path, LabHaManager.Path, "/usr/sbin/update-grub",
        "/usr/sbin/grub-mkconfig", "/usr/sbin/proxmox-boot-tool",
        "/usr/sbin/update-initramfs", "/usr/bin/apt-get", "/usr/bin/dpkg",
        "/usr/bin/journalctl", "/usr/bin/dmesg", "/usr/bin/mokutil", "/bin/sh", HostInstallFiles.StorageTool,
        HostInstallFiles.RemoveFolderTool,
    ];

    /// <summary>Names of the programs that an administrator may type.</summary>
    public static IReadOnlyList<string> ProgramNames => [.. s_byHand.Select(p => p[(p.LastIndexOf('/') + 1)..])];

    /// <summary>Path of a program by its name or its path; null for none.</summary>
    /// <param name="name">Such as <c>update-grub</c>.</param>
    public static string? FindProgram(string name) =>
        Array.Find(s_byHand, p => p == name || p.EndsWith("/" + name, StringComparison.Ordinal));

    /// <summary>Runs one of the small programs that every host has.</summary>
    private ProcessResult RunTool(ProcessRequest request) => request.FileName switch
    {
        HostInstallFiles.RemoveFolderTool => RunRemoveFolder(request.Arguments),
        UploadFolder.FreeSpaceTool => Exit(
            0, string.Create(CultureInfo.InvariantCulture, $"      Avail\n{_host.State.Setup.FreeBytes}\n")),
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
            return new ProcessResult(
                1, null, false, 0, "", $"rmdir: failed to remove '{path}': No such file or directory\n");
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

        var raw = _host.Files.GetInfo(PvePaths.Storages) is null
            ? [] : _host.Files.Read(PvePaths.Storages, LargestFile);
        if (StorageConfig.Read(raw).Find(name) is null)
        {
            return new ProcessResult(
                255, null, false, 0, "", $"update storage failed: storage '{name}' does not exist\n");
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
            var at = lines.FindIndex(
                start + 1, l => l.TrimStart().StartsWith("content ", StringComparison.Ordinal) || l.Length == 0);
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

    /// <summary>Programs that change how the machine boots, or report it; null for others.</summary>
    private ProcessResult? RunPlatform(ProcessRequest request)
    {
        var state = _host.State;
        var arguments = request.Arguments;
        var isRoot = !state.Setup.CallersAreUnprivileged;
        Func<ProcessResult>? run = request.FileName switch
        {
            "/usr/bin/dmesg" => () => isRoot
                ? Exit(0, string.Concat(
                    state.KernelLog.Select(l => l.StartsWith('[') ? $"{l}\n" : $"[    0.000000] {l}\n")))
                : LabPrograms.Fail(1, "dmesg: read kernel buffer failed: Operation not permitted"),
            "/usr/bin/journalctl" => () => LabPrograms.Journal(state, arguments),
            "/usr/bin/head" => () => LabPrograms.Head(state, arguments),
            "/usr/bin/mokutil" => () => LabPrograms.TestKey(state, arguments),
            "/usr/sbin/update-grub" =>
                () => LabBootTool.MakeConfig(state, ["-o", LabDisk.GrubConfig], IsPartOfRefresh(request)),
            "/usr/sbin/grub-mkconfig" => () => LabBootTool.MakeConfig(state, arguments, IsPartOfRefresh(request)),
            "/usr/sbin/proxmox-boot-tool" => () => LabBootTool.Run(state, arguments),
            "/usr/bin/env" => () => RunShell(state, arguments),
            "/usr/bin/unshare"
                when arguments.ToArray() is ["--mount", "--propagation", "private", "/bin/sh", "-e", "-c", var script,
                    .. var words] =>
                () => isRoot ? LabBootTool.Look(state, script, words)
                    : LabPrograms.Fail(1, "unshare: unshare failed: Operation not permitted"),
            "/usr/sbin/update-initramfs" => () => LabPrograms.UpdateInitramfs(state, arguments),
            "/usr/sbin/dkms" => () => LabPackages.RunDkms(state, arguments),
            "/usr/bin/apt-get" => () => LabPackages.Run(state, arguments),
            "/usr/bin/dpkg" => () => LabPackages.Query(state, arguments),
            "/bin/sh" when arguments.Count > 0 && arguments[0][0] != '-' =>
                () => LabInstaller.Run(state, arguments[0], [.. arguments.Skip(1)]),
            _ => null,
        };
        if (run is null)
        {
            return null;
        }

        if (request.FileName is not ("/usr/bin/env" or "/usr/bin/unshare" or "/usr/bin/journalctl" or "/usr/bin/dmesg"
            or "/usr/bin/head" or "/usr/bin/dpkg"))
        {
            _host.Change();
        }

        return isRoot
            || (request.FileName.StartsWith("/usr/bin/", StringComparison.Ordinal)
                && request.FileName != "/usr/bin/apt-get")
            ? run()
            : LabPrograms.Fail(1, $"{request.FileName}: must be run as root");
    }

    private static bool IsPartOfRefresh(ProcessRequest request) =>
        request.Environment.ContainsKey("PVE_EFIBOOT_UNSHARED");

    /// <summary>What <c>env -i NAME=VALUE … /bin/sh -e -c SCRIPT sh</c> does.</summary>
    private static ProcessResult RunShell(LabState state, IReadOnlyList<string> arguments)
    {
        var words = arguments.SkipWhile(
            a => a == "-i" || (!a.StartsWith('/') && a.Contains('=', StringComparison.Ordinal))).ToArray();
        return words is ["/bin/sh", "-e" or "-ex", "-c", var script, .. var rest]
            ? new LabShell(path => LabDisk.Read(state, path)).Run(script, stopsAtFailure: true, words[1] == "-ex", rest)
            : LabPrograms.Fail(127, $"env: not evaluated by the lab: {string.Join(' ', words)}");
    }
}
