using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;

namespace VgpuPS.Lab.Processes;

public sealed partial class LabProcesses
{
    /// <summary>Programs that change how the machine boots, or tell of it; null for others.</summary>
    private ProcessResult? RunPlatform(ProcessRequest request)
    {
        var state = _host.State;
        var arguments = request.Arguments;
        var isRoot = !state.Setup.CallersAreUnprivileged;
        Func<ProcessResult>? run = request.FileName switch
        {
            "/usr/bin/dmesg" => () => isRoot
                ? Exit(0, string.Concat(state.KernelLog.Select(l => l + "\n")))
                : LabPrograms.Fail(1, "dmesg: read kernel buffer failed: Operation not permitted"),
            "/usr/bin/journalctl" => () => LabPrograms.Journal(state, arguments),
            "/usr/bin/head" => () => LabPrograms.Head(state, arguments),
            "/usr/bin/mokutil" => () => LabPrograms.TestKey(state, arguments),
            "/usr/sbin/update-grub" => () => LabBootTool.MakeConfig(state, ["-o", LabDisk.GrubConfig], IsPartOfRefresh(request)),
            "/usr/sbin/grub-mkconfig" => () => LabBootTool.MakeConfig(state, arguments, IsPartOfRefresh(request)),
            "/usr/sbin/proxmox-boot-tool" => () => LabBootTool.Run(state, arguments),
            "/usr/bin/env" => () => RunShell(state, arguments),
            "/usr/bin/unshare" when arguments.ToArray() is ["--mount", "--propagation", "private", "/bin/sh", "-e", "-c", var script, .. var words] =>
                () => isRoot ? LabBootTool.Look(state, script, words) : LabPrograms.Fail(1, "unshare: unshare failed: Operation not permitted"),
            "/usr/sbin/update-initramfs" => () => LabPrograms.UpdateInitramfs(state, arguments),
            "/usr/bin/apt-get" => () => LabPackages.Run(state, arguments),
            "/bin/sh" when arguments.Count > 0 && arguments[0][0] != '-' => () => LabInstaller.Run(state, arguments[0], [.. arguments.Skip(1)]),
            _ => null,
        };
        if (run is null)
        {
            return null;
        }

        if (request.FileName is not ("/usr/bin/env" or "/usr/bin/unshare" or "/usr/bin/journalctl" or "/usr/bin/dmesg" or "/usr/bin/head"))
        {
            _host.Change();
        }

        return isRoot || (request.FileName.StartsWith("/usr/bin/", StringComparison.Ordinal) && request.FileName != "/usr/bin/apt-get")
            ? run()
            : LabPrograms.Fail(1, $"{request.FileName}: must be run as root");
    }

    private static bool IsPartOfRefresh(ProcessRequest request) => request.Environment.ContainsKey("PVE_EFIBOOT_UNSHARED");

    /// <summary>What <c>env -i NAME=VALUE … /bin/sh -e -c SCRIPT sh</c> does.</summary>
    private static ProcessResult RunShell(LabState state, IReadOnlyList<string> arguments)
    {
        var words = arguments.SkipWhile(a => a == "-i" || (!a.StartsWith('/') && a.Contains('=', StringComparison.Ordinal))).ToArray();
        return words is ["/bin/sh", "-e" or "-ex", "-c", var script, .. var rest]
            ? new LabShell(path => LabDisk.Read(state, path)).Run(script, stopsAtFailure: true, words[1] == "-ex", rest)
            : LabPrograms.Fail(127, $"env: not evaluated by the lab: {string.Join(' ', words)}");
    }
}
