using System.Globalization;
using System.Text;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Machine;

namespace VgpuPS.Lab.Platform;

/// <summary>Programs of Proxmox and Debian that decide how the machine boots, and those that tell of it.</summary>
/// <remarks>
/// Source: facts/proxmox.md (h) for what each does; journalctl(1), dmesg(1), head(1). Assumed: texts, and that
/// <c>update-grub</c> alone changes nothing where system partitions are managed.
/// </remarks>
internal static class LabPrograms
{
    public static ProcessResult Exit(int code, string output) => new(code, null, false, 0, output, "");

    public static ProcessResult Fail(int code, string error) => new(code, null, false, 0, "", error + "\n");

    public static ProcessResult Journal(LabState state, IReadOnlyList<string> arguments)
    {
        var index = arguments.ToList().IndexOf("-u");
        var lines = index >= 0 && state.Platform.Journals.TryGetValue(arguments[index + 1], out var found) ? found : [];
        return Exit(0, lines.Count == 0 ? "-- No entries --\n" : string.Concat(lines.Select(l => l + "\n")));
    }

    public static ProcessResult Head(LabState state, IReadOnlyList<string> arguments)
    {
        if (arguments is not ["-c", var count, "--", var path] || !int.TryParse(count, CultureInfo.InvariantCulture, out var limit))
        {
            return Fail(1, "head: the lab knows -c N -- FILE");
        }

        return LabDisk.Read(state, path) is { } text
            ? Exit(0, text.Length <= limit ? text : text[..limit])
            : Fail(1, $"head: cannot open '{path}' for reading: No such file or directory");
    }

    public static ProcessResult TestKey(LabState state, IReadOnlyList<string> arguments) => arguments switch
    {
        ["--test-key", var path] when LabDisk.Read(state, path) is null => Fail(255, $"Failed to open {path}"),
        ["--test-key", var path] => Exit(
            state.Platform.KeyIsEnrolled ? 1 : 0, $"{path} is {(state.Platform.KeyIsEnrolled ? "already" : "not")} enrolled\n"),
        _ => Fail(1, "mokutil: the lab knows --test-key FILE"),
    };

    public static ProcessResult UpdateGrub(LabState state)
    {
        if (state.Platform.Loader == LabLoader.SystemdBoot || LabDisk.Read(state, LabDisk.BootIds) is not null)
        {
            return Exit(0, "W: This system is booted via proxmox-boot-tool:\n");
        }

        LabDisk.WriteLoader(state);
        return Exit(0, "Generating grub configuration file ...\ndone\n");
    }

    public static ProcessResult BootTool(LabState state, IReadOnlyList<string> arguments)
    {
        var isManaged = LabDisk.Read(state, LabDisk.BootIds) is not null;
        switch (arguments)
        {
            case ["refresh"] when !isManaged:
                return Fail(2, "E: /etc/kernel/proxmox-boot-uuids does not exist, skipping.");
            case ["refresh"]:
                LabDisk.WriteLoader(state);
                return Exit(0, "Running hook script 'proxmox-auto-removal'..\nRe-executing '/etc/kernel/postinst.d/zz-proxmox-boot' in new private mount namespace..\n");
            case ["kernel", "pin", var release] when LabDisk.Kernels(state).Contains(release):
                LabDisk.Write(state, LabDisk.Pin, release + "\n");
                return Exit(0, $"Setting '{release}' as grub default entry and running update-grub.\nPinned kernel version set to '{release}'\n");
            case ["kernel", "pin", var release]:
                return Fail(1, $"E: no kernel image found in /boot for '{release}'.");
            case ["kernel", "unpin"]:
                LabTree.Remove(state, LabDisk.Pin);
                return Exit(0, "Removed /etc/kernel/proxmox-boot-pin.\n");
            default:
                return Fail(1, "USAGE: proxmox-boot-tool <commands> [ARGS]");
        }
    }

    public static ProcessResult UpdateInitramfs(LabState state, IReadOnlyList<string> arguments)
    {
        if (arguments is not ["-u", "-k", var which])
        {
            return Fail(1, "update-initramfs: the lab knows -u -k VERSION|all");
        }

        var output = new StringBuilder();
        foreach (var kernel in LabDisk.Kernels(state).Where(k => which == "all" || k == which))
        {
            LabDisk.MakeInitramfs(state, kernel);
            output.Append("update-initramfs: Generating /boot/initrd.img-").Append(kernel).Append('\n');
        }

        return output.Length > 0 ? Exit(0, output.ToString()) : Fail(1, $"initramfs for {which} not found");
    }
}
