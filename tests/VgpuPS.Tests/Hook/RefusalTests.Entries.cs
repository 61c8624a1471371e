using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using static VgpuPS.Tests.Hosts.RefusalCase;

namespace VgpuPS.Tests.Hook;

/// <content>Entries that Proxmox takes and no vGPU can come of: addresses, types, mappings, driver=keep.</content>
public sealed partial class RefusalTests
{
    private static RefusalCase[] Entries =>
    [
        .. Each("address of nothing", b => With(LabNodes.A30(b), "0000:99:00.4,mdev=nvidia-689"),
            66, ["hostpci0", "0000:99:00.4", "does not exist"], "vgpu-hook show"),
        .. Each("address behind the last function", b => With(LabNodes.A30(b), "0000:4b:03.0,mdev=nvidia-689"),
            66, ["0000:4b:03.0", "does not exist"], "qm set 101 --hostpci0"),
        .. Each("the GPU itself", b => With(LabNodes.A30(b), "0000:4b:00.0,mdev=nvidia-689"),
            64, ["0000:4b:00.0", "the GPU itself", "16 virtual functions"], "vgpu-hook show"),
        .. Each("the GPU itself while its functions are off",
            b => With(LabNodes.A30(b, functions: false), "0000:4b:00.0,mdev=nvidia-689"),
            64, ["0000:4b:00.0", "the GPU itself"], "vgpu-hook show"),
        .. Each("a network card", b => With(LabNodes.A30(b), "0000:03:00.0,mdev=nvidia-689"),
            64, ["0000:03:00.0", "not an NVIDIA GPU", "8086"], "vgpu-hook show"),
        .. Each("another vendor's GPU", b => With(LabNodes.A30(b), "0000:0a:00.0,mdev=nvidia-689"),
            64, ["0000:0a:00.0", "not an NVIDIA GPU", "1002"], "vgpu-hook show"),
        .. Each("all functions of a slot", b => With(LabNodes.A30(b), "0000:4b:00,mdev=nvidia-689"),
            64, ["0000:4b:00 ", "without a function", "0000:4b:00.0"], "vgpu-hook show"),
        .. Each("slot of nothing", b => With(LabNodes.A30(b), "0000:99:00,mdev=nvidia-689"),
            64, ["hostpci0 names 0000:99:00, and no such PCI device exists"], "vgpu-hook show"),
        .. Each("two functions joined", b => With(LabNodes.A30(b), "0000:4b:00.4;0000:4b:00.5,mdev=nvidia-689"),
            64, ["lists 2 functions"], "qm set 101 --hostpci0"),
        .. Each("one function twice", b =>
        {
            var node = LabNodes.A30(b);
            node.CreateVm(new VmId(Vm), $"0={First},mdev=nvidia-689", $"1={First},mdev=nvidia-689,rombar=0");
            return node;
        }, 64, [First, "hostpci0 and hostpci1"], "qm set 101 --hostpci1 <function>,mdev=nvidia-689,rombar=0"),
        .. Each("entry without a device", b => With(LabNodes.A30(b), "mdev=nvidia-684,pcie=1"),
            64, ["hostpci0 'mdev=nvidia-684,pcie=1'", "Either 'host' or 'mapping' must be set"],
            "qm set 101 --hostpci0"),
        .. Each("entry with two devices", b => With(LabNodes.A30(b), $"{First},mapping=gpus,mdev=nvidia-684"),
            64, ["hostpci0", "Cannot set both 'host' and 'mapping'"], "qm set 101 --hostpci0"),
        .. Each("type that no GPU has", b => With(LabNodes.A30(b), 4711),
            66, ["NVIDIA A30", "no vGPU type 4711"], "vgpu-hook show"),
        .. Each("type of another model", b => With(LabNodes.A30(b), 917),
            66, ["NVIDIA A30", "no vGPU type 917"], "qm set 101 --hostpci0"),
        .. Each("type by its name", b => With(LabNodes.A30(b), $"{First},mdev=A30-1-6C"),
            64, ["mdev=A30-1-6C", "nvidia-<number>"], "vgpu-hook show"),
        .. Each("type with leading zeros", b => With(LabNodes.A30(b), $"{First},mdev=nvidia-0689"),
            64, ["mdev=nvidia-0689", "leading zeros"], "vgpu-hook show"),
        .. Each("function without a type", b => With(LabNodes.A30(b), First),
            64, [First, "without mdev="], $"qm set 101 --hostpci0 {First},mdev=nvidia-"),
        .. Mappings, .. Kept,
    ];

    private static RefusalCase[] Mappings =>
    [
        .. Each("mapping that does not exist", b => With(LabNodes.A30(b), "mapping=gpus,mdev=nvidia-689"),
            66, ["mapping gpus", "pci.cfg"], "pvesh get /cluster/mapping/pci"),
        .. Each("mapping for another node", b =>
        {
            var node = Mapped(b);
            Rewrite(node, text => text.Replace("node=pve1", "node=pve2", StringComparison.Ordinal));
            return node;
        }, 66, ["mapping gpus", "no entry for node pve1"], "pvesh set /cluster/mapping/pci/gpus --map node=pve2,path="),
        .. Each("mapping of a slot", b => Paths(b, "0000:4b:00"),
            64, ["entry 0000:4b:00 of mapping gpus (hostpci0)", "without a function", "0000:4b:00.0"], Corrected),
        .. Each("mapping of a slot of nothing", b => Paths(b, "0000:99:00", First),
            64, ["entry 0000:99:00 of mapping gpus (hostpci0)", "no such PCI device exists"], Corrected),
        .. Each("mapping of a function that is none", b => Paths(b, First, "0000:99:00.4"),
            66, ["entry 0000:99:00.4 of mapping gpus (hostpci0)", "does not exist"], Corrected),
        .. Each("mapping of the GPU itself", b => Paths(b, "0000:4b:00.0"),
            64, ["entry 0000:4b:00.0 of mapping gpus (hostpci0)", "the GPU itself"], Corrected),
        .. Each("mapping of two functions joined", b => Paths(b, "0000:4b:00.4;0000:4b:00.5"),
            64, ["entry 0000:4b:00.4;0000:4b:00.5 of mapping gpus (hostpci0) lists 2 functions"], Corrected),
        .. Each("mapping of a network card", b => Paths(b, "0000:03:00.0"),
            64, ["entry 0000:03:00.0 of mapping gpus (hostpci0)", "not an NVIDIA GPU"],
            "pvesh set /cluster/mapping/pci/gpus --map node=pve1,path=<function>"),
        .. Each("mapping of another device", b =>
        {
            var node = Mapped(b);
            Rewrite(node, text => text.Replace("id=10de:", "id=10df:", StringComparison.Ordinal));
            return node;
        }, 69, ["mapping gpus", First, "10df"], Corrected),
        .. Each("mapping of another IOMMU group", b =>
        {
            var node = Mapped(b);
            Rewrite(node, text => text.Replace("iommugroup=", "iommugroup=9", StringComparison.Ordinal));
            return node;
        }, 69, ["mapping gpus", "iommugroup"], Corrected),
        .. Each("mapping without the mdev flag", b =>
        {
            var node = Mapped(b);
            Rewrite(node, text => text.Replace("\tmdev 1\n", "", StringComparison.Ordinal));
            return node;
        }, 69, ["mapping gpus", "mdev"], Corrected),
    ];

    private static RefusalCase[] Kept =>
    [
        new("driver=keep without a type", () => With(LabNodes.A30(LabBackend.Vfio), $"{First},driver=keep"),
            64, ["driver=keep", "keepTypes", "VM 101"], "qm set 101 --hostpci0"),
        new("driver=keep of a mapping", () =>
        {
            var node = With(LabNodes.A30(LabBackend.Vfio), "mapping=gpus,driver=keep");
            node.MapFunctions("gpus", First);
            node.Host.Put(Settings, """{"keepTypes":{"101":{"hostpci0":"nvidia-689"}}}""");
            return node;
        }, 64, ["driver=keep", "names mapping gpus"], "qm set 101 --hostpci0"),
        new("driver=keep of mediated devices", () =>
        {
            var node = With(LabNodes.Of(["A30"], LabBackend.Mdev, pve: "9.2"), $"{First},driver=keep");
            node.Host.Put(Settings, """{"keepTypes":{"101":{"hostpci0":"nvidia-689"}}}""");
            AddLine(node, "args: -uuid 00000000-0000-0000-0000-000000000101");
            return node;
        }, 64, ["driver=keep", "offers mediated devices"], $"qm set 101 --hostpci0 {First},mdev=nvidia-689"),
        new("PCI domain that this qemu-server does not know", () => With(
            LabNodes.Of(["A30"], LabBackend.Vfio, pve: "8.4"), "0001:4b:00.4,mdev=nvidia-689"),
            64, ["hostpci0 names 0001:4b:00.4 outside PCI domain 0000"], "apt full-upgrade"),
        new("driver=keep without -uuid", () =>
        {
            var node = With(LabNodes.A30(LabBackend.Vfio), $"{First},driver=keep");
            node.Host.Put(Settings, """{"keepTypes":{"101":{"hostpci0":"nvidia-689"}}}""");
            return node;
        }, 64, ["driver=keep", "-uuid"], "qm set 101 --hostpci0"),
        new("keepTypes of a type that the GPU has not", () =>
        {
            var node = With(LabNodes.A30(LabBackend.Vfio), $"{First},driver=keep");
            node.Host.Put(Settings, """{"keepTypes":{"101":{"hostpci0":"nvidia-4711"}}}""");
            AddLine(node, "args: -uuid 00000000-0000-0000-0000-000000000101");
            return node;
        }, 66, ["no vGPU type 4711"], "vgpu-hook show"),
    ];

    private const string Corrected =
        "pvesh set /cluster/mapping/pci/gpus --map node=pve1,path=0000:4b:00.4,id=10de:20b7,subsystem-id=";

    private const string MappingFile = "/etc/pve/mapping/pci.cfg";

    private static LabHostNode Mapped(LabBackend backend)
    {
        var node = With(LabNodes.A30(backend), "mapping=gpus,mdev=nvidia-689");
        node.MapFunctions("gpus", First, "0000:4b:00.5");
        return node;
    }

    /// <summary>A mapping whose entries name these paths, all with the ids of a function.</summary>
    private static LabHostNode Paths(LabBackend backend, params string[] paths)
    {
        var node = With(LabNodes.A30(backend), "mapping=gpus,mdev=nvidia-689,rombar=0");
        node.MapFunctions("gpus", [.. paths.Select(_ => First)]);
        var index = 0;
        Rewrite(node, text => System.Text.RegularExpressions.Regex.Replace(
            text, "path=[^,]*", _ => $"path={paths[index++]}"));
        return node;
    }

    private static void Rewrite(LabHostNode node, Func<string, string> change) =>
        node.Host.Put(MappingFile, change(ReadText(node, MappingFile)));

    private static void AddLine(LabHostNode node, string line)
    {
        var path = node.ConfigPath(new VmId(Vm));
        node.Host.Put(path, $"{ReadText(node, path)}{line}\n");
    }

    private static string ReadText(LabHostNode node, string path) =>
        System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 20));
}
