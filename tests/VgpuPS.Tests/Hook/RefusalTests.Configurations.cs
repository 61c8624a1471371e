using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Hook;

/// <content>VM configurations as a whole, and lines that Proxmox drops.</content>
public sealed partial class RefusalTests
{
    private const string ConfigLink = "/etc/pve/qemu-server/101.conf";

    private static RefusalCase[] Configurations =>
    [
        new("no configuration", () => LabNodes.A30(LabBackend.Vfio), 66, ["no configuration", "node pve1"], "qm list"),
        new("configuration cannot be read", () =>
        {
            var node = RefusalCase.With(LabNodes.A30(LabBackend.Vfio));
            node.Host.Gate.Fail($"read {ConfigLink}", Errno.EIO, times: 9);
            return node;
        }, 65, [ConfigLink, "Input/output error"], "systemctl status pve-cluster"),
        new("configuration may not be read", () =>
        {
            var node = RefusalCase.With(LabNodes.A30(LabBackend.Vfio));
            node.Host.Gate.Fail($"read {ConfigLink}", Errno.EACCES, times: 9);
            return node;
        }, 77, [ConfigLink, "Permission denied"], "su -"),
        new("huge configuration", () => Config("hostpci0: 0000:4b:00.4,mdev=nvidia-689\n" + new string('#', 2 << 20)),
            65, [ConfigLink, "too large"], "ls -l"),
        new("binary configuration", () => Config("\0\u0001\u00ff\nhostpci0: 0000:4b:00.4,mdev=\u0002\u0003\n"),
            64, ["hostpci0", "requests mdev=", "nvidia-<number>"],
            "qm set 101 --hostpci0 0000:4b:00.4,mdev=nvidia-<number>"),
        new("hostpci16", () => Config("hostpci16: 0000:4b:00.4,mdev=nvidia-689\n"),
            64, ["hostpci16", "is dropped by Proxmox", "hostpci0 to hostpci15"], "qm set 101 --hostpci0"),
        new("hostpci without a number", () => Config("hostpci: 0000:4b:00.4,mdev=nvidia-689\n"),
            64, ["'hostpci: 0000:4b:00.4,mdev=nvidia-689'", "hostpci0 to hostpci15"], "qm set 101 --hostpci0"),
        new("leading blank", () => Config(" hostpci0: 0000:4b:00.4,mdev=nvidia-689\n"),
            64, ["line 2 ", "hostpci0", "is dropped by Proxmox", "without its GPU"], "qm set 101 --hostpci0"),
        new("unknown option of an entry", () => Config("hostpci3: 0000:4b:00.4,mdev=nvidia-689,colour=red\n"),
            64, ["hostpci3", "colour"], "qm set 101 --hostpci3"),
        new("mapping without its key", () =>
        {
            var node = Config("hostpci0: gpus,pcie=1\n");
            node.MapFunctions("gpus", RefusalCase.First);
            return node;
        }, 64, ["hostpci0", "gpus,pcie=1", "is dropped by Proxmox"], "qm set 101 --hostpci0"),
        new("driver=keep before 9.0.25", () => Config(
            "hostpci0: 0000:4b:00.4,mdev=nvidia-689,driver=keep\n", LabBackend.Mdev),
            64, ["hostpci0", "driver"], "qm set 101 --hostpci0"),
    ];

    private static LabHostNode Config(string lines, LabBackend backend = LabBackend.Vfio)
    {
        var node = LabNodes.A30(backend);
        PutBytes(node, node.ConfigPath(new VmId(RefusalCase.Vm)), "memory: 8192\n" + lines);
        return node;
    }
}
