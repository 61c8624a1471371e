using System.Globalization;
using System.Text;
using VgpuPS.Core.Guests;
using VgpuPS.Lab.Files;

namespace VgpuPS.Lab.Machine;

/// <summary>VMs of a new machine, to rehearse with.</summary>
public static class LabGuests
{
    /// <summary>What the lab takes for our hook: a file with this text, wherever it lies.</summary>
    public const string HookMark = "#!vgpu-hook\n";

    private const int TemplateId = 900;

    private static readonly (int Id, string Name, int Cores, int MemoryMiB)[] s_vms =
    [
        (101, "web", 4, 8192), (102, "build", 8, 16384), (103, "render", 8, 32768), (104, "desk", 4, 16384),
        (TemplateId, "ubuntu-template", 2, 4096),
    ];

    /// <summary>Puts the VMs and the installed hook in place; no VM has the hook yet.</summary>
    internal static void Make(LabState state)
    {
        LabTree.PutFile(
            state, HookVolume.InstalledPath, Encoding.ASCII.GetBytes(HookMark), LabEntry.FolderMode);
        foreach (var (id, name, cores, memory) in s_vms)
        {
            LabTree.PutFile(
                state, $"/etc/pve/nodes/{state.Setup.Node}/qemu-server/{id}.conf",
                Encoding.ASCII.GetBytes(Text(id, name, cores, memory)), LabEntry.FileMode);
        }
    }

    // As Proxmox's form makes them, written sorted.
    private static string Text(int id, string name, int cores, int memory)
    {
        var isTemplate = id == TemplateId;
        var disk = isTemplate ? $"base-{id}-disk-0" : $"vm-{id}-disk-0";
        return string.Create(CultureInfo.InvariantCulture, $"""
            agent: 1
            bios: ovmf
            boot: order=scsi0
            cores: {cores}
            cpu: host
            efidisk0: local-lvm:{disk.Replace("disk-0", "disk-1", StringComparison.Ordinal)},efitype=4m,size=4M
            machine: q35
            memory: {memory}
            name: {name}
            net0: virtio=BC:24:11:00:{id / 100:X2}:{id % 100:X2},bridge=vmbr0
            ostype: l26
            scsi0: local-lvm:{disk},iothread=1,size=64G
            scsihw: virtio-scsi-single
            smbios1: uuid={LabStart.MakeUuid($"vm {id}")}
            {(isTemplate ? "template: 1\n" : "")}vmgenid: {LabStart.MakeUuid($"generation {id}")}

            """);
    }
}
