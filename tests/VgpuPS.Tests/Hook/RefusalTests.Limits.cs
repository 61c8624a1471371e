using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using static VgpuPS.Tests.Hosts.RefusalCase;

namespace VgpuPS.Tests.Hook;

/// <content>vGPUs that one VM cannot have at once, machines without PCI Express, and chained scripts.</content>
public sealed partial class RefusalTests
{
    private const string Second = "0000:4b:00.5";

    private static RefusalCase[] Limits =>
    [
        .. Each("more vGPUs than a type allows a VM", b => Two(LabNodes.Of(["A40"], b, mig: false), 555, 555),
            75, ["VM 101 requests 2 vGPUs (hostpci0: A40-1B, hostpci1: A40-1B)", "A40-1B allows a VM at most 1"],
            "qm set 101 --delete hostpci1"),
        .. Each("two series in one VM", b => Two(LabNodes.Of(["L4"], b, mig: false), 914, 935),
            64, ["hostpci0: L4-6Q, hostpci1: L4-6C", "L4-6Q (Quadro) and L4-6C (Compute) are of different series"],
            "qm set 101 --delete hostpci1"),
        .. Each("two boards in one VM", b =>
        {
            var node = LabNodes.Of(["A30", "L4"], b, mig: false);
            node.CreateVm(new VmId(Vm), $"0={First},mdev=nvidia-685", "1=0000:ca:00.4,mdev=nvidia-935");
            return node;
        }, 64, ["A30-6C and L4-6C are of different boards"], "qm set 101 --delete hostpci1"),
        .. Each("type that must be alone", b =>
        {
            var node = Two(LabNodes.A30(b), 689, 690);
            node.Host.Edit(s => s.Setup.ExclusiveTypes.Add(690));
            return node;
        }, 64, ["A30-2-12C cannot be in one VM with vGPUs of another type"], "qm set 101 --delete hostpci1"),
        .. Each("unified memory on a part of the frame buffer", b => Parameterised(b, 685, "enable_uvm"),
            64, ["plugin parameters of hostpci0: enable_uvm=1 is for MIG-backed types", "A30-6C is one of 4 on a GPU"],
            "nano /etc/vgpups/config.json"),
        .. Each("PCI Express on a machine without", b => WithoutQ35(With(LabNodes.A30(b),
            $"{First},mdev=nvidia-689,pcie=1,rombar=0")),
            64, ["hostpci0 has pcie=1", "machine type i440fx", "q35 machine model is not enabled"],
            $"qm set 101 --hostpci0 {First},mdev=nvidia-689,rombar=0; or change the machine: "
                + "qm set 101 --machine q35"),
        .. Each("PCI Express of another device on a machine without", b =>
        {
            var node = With(LabNodes.A30(b));
            AddLine(node, "machine: pc-i440fx-9.2");
            AddLine(node, "hostpci4: 0000:03:00.0;0000:0a:00.0,pcie=1");
            return node;
        }, 64, ["hostpci4 has pcie=1", "machine type pc-i440fx-9.2"],
            "qm set 101 --hostpci4 '0000:03:00.0;0000:0a:00.0'"),
    ];

    private static RefusalCase[] Chains =>
    [
        .. Each("chained script that is not there", b => Chained(b, "/root/none.sh", null),
            74, ["chained script /root/none.sh could not be started: No such file or directory"],
            "/etc/vgpups/config.json"),
        .. Each("chained script that others can change", b => Chained(b, "/root/open.sh", 0x1FF),
            69, ["chained script /root/open.sh is not used", "mode 0777"], "chmod go-w"),
    ];

    private static LabHostNode Two(LabHostNode node, int first, int second)
    {
        node.CreateVm(new VmId(Vm), $"0={First},mdev=nvidia-{first}", $"1={Second},mdev=nvidia-{second}");
        return node;
    }

    private static LabHostNode Parameterised(LabBackend backend, int type, string name)
    {
        var node = With(LabNodes.Of(["A30"], backend, mig: false), type);
        node.Host.Put(
            "/etc/vgpups/config.json", $$"""{"vgpuParameters":{"101":{"hostpci0":{"{{name}}":1} } } }""");
        return node;
    }

    private static LabHostNode WithoutQ35(LabHostNode node)
    {
        var path = node.ConfigPath(new VmId(Vm));
        node.Host.Put(path, ReadText(node, path).Replace("machine: q35\n", "", StringComparison.Ordinal));
        return node;
    }

    private static LabHostNode Chained(LabBackend backend, string path, int? mode)
    {
        var node = With(LabNodes.A30(backend));
        node.Host.Put(Settings, $$"""{"chain":{"101":{"path":"{{path}}","order":"before"} } }""");
        if (mode is { } bits)
        {
            node.Host.Put(path, "#!/bin/sh\n", bits);
        }

        return node;
    }
}
