using VgpuPS.Host.Seams;
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
            "/usr/sbin/update-grub" => () => LabPrograms.UpdateGrub(state),
            "/usr/sbin/proxmox-boot-tool" => () => LabPrograms.BootTool(state, arguments),
            "/usr/sbin/update-initramfs" => () => LabPrograms.UpdateInitramfs(state, arguments),
            "/usr/bin/apt-get" => () => LabPackages.Run(state, arguments),
            "/bin/sh" when arguments.Count > 0 => () => LabInstaller.Run(state, arguments[0], [.. arguments.Skip(1)]),
            _ => null,
        };
        if (run is null)
        {
            return null;
        }

        _host.Change();
        return isRoot || (request.FileName.StartsWith("/usr/bin/", StringComparison.Ordinal) && request.FileName != "/usr/bin/apt-get")
            ? run()
            : LabPrograms.Fail(1, $"{request.FileName}: must be run as root");
    }
}
