using VgpuPS.Lab.Files;
using VgpuPS.Lab.Guests;

namespace VgpuPS.Lab.Machine;

/// <summary>VMs of a new machine, to rehearse with.</summary>
public static class LabVms
{
    /// <summary>What the lab takes for our hook: a file with this text, wherever it lies.</summary>
    public const string HookMark = "#!vgpu-hook\n";

    /// <summary>What the lab takes for our program that measures: a file with this text, wherever it lies.</summary>
    public const string BenchMark = Guests.LabGuestTools.BenchMark;

    /// <summary>A guest driver's file on the host, with nothing in it that would run.</summary>
    public const string DriverPath = "/root/NVIDIA-Linux-x86_64-580.105.08-grid.run";

    private const string DriverText = "#!/bin/sh\n# Stands in for the guest driver on simulated hosts.\n";

    /// <summary>Where a program that is about to be installed lies; while it does, it is the one that runs.</summary>
    public const string StagedProgram = "/usr/lib/.vgpups-staged/vgpu-hook";

    private const string LocalStorage = "local-lvm";
    private const string SharedStorage = "vms";

    private const int TemplateId = 900;
    private const int WindowsId = 104;

    // Source: facts/host-behaviour.md 9, shortened from the template that the guest driver brings.
    private const string GriddTemplate = """
        # /etc/nvidia/gridd.conf.template - Configuration file for NVIDIA Grid Daemon

        # Description: Set License Server Address
        # Data type: string
        # Format:  "<address>"
        #ServerAddress=

        # Description: Set Feature to be enabled
        # Data type: integer
        # Possible values:
        # 0 => for unlicensed state
        # 1 => for NVIDIA vGPU
        # 2 => for NVIDIA RTX Virtual Workstation
        # 4 => for NVIDIA Virtual Compute Server
        # All other values reserved
        FeatureType=0

        # Description: Parameter to enable or disable Grid Licensing tab in nvidia-settings
        #EnableUI=TRUE

        """;

    private static readonly (int Id, string Name, int Cores, int MemoryMiB)[] s_vms =
    [
        (101, "web", 4, 8192), (102, "build", 8, 16384), (103, "render", 8, 32768), (104, "desk", 4, 16384),
        (TemplateId, "ubuntu-template", 2, 4096),
    ];

    private static readonly (int Id, string System, string Name, string Driver)[] s_insides =
    [
        (101, "ubuntu", "Ubuntu 24.04.2 LTS", "580.105.08"),
        (102, "debian", "Debian GNU/Linux 12 (bookworm)", "580.105.08"),
        (103, "ubuntu", "Ubuntu 24.04.2 LTS", "580.105.08"), (104, "mswindows", "Windows 11 Pro", "581.80"),
    ];

    /// <summary>Brings a program that is about to be installed, as a login does that brings one; null takes it away
    /// again.</summary>
    /// <param name="state">The machine.</param>
    /// <param name="program">The program.</param>
    public static void Stage(LabState state, byte[]? program)
    {
        if (program is not null)
        {
            LabTree.PutFile(state, StagedProgram, program, LabEntry.FolderMode);
            return;
        }

        LabTree.Remove(state, StagedProgram);
        LabTree.Remove(state, LabTree.Split(StagedProgram).Folder);
    }

    /// <summary>Puts the VMs and the installed hook in place; no VM has the hook yet.</summary>
    /// <param name="state">The machine.</param>
    /// <param name="node">Its place among the nodes of a cluster, from 0: 101, 201, …; null for none. VMs of a cluster
    /// have their disks on its shared storage.</param>
    internal static void Make(LabState state, int? node)
    {
        LabTree.PutFile(
            state, HookVolume.InstalledPath, Encoding.ASCII.GetBytes(HookMark), LabEntry.FolderMode);
        foreach (var (first, name, cores, memory) in s_vms)
        {
            var id = IdOn(first, node);
            PutConfig(state, id, Text(
                id, node > 0 ? string.Create(CultureInfo.InvariantCulture, $"{name}{node + 1}") : name,
                (cores, memory), first, node is null ? LocalStorage : SharedStorage));
        }

        LabTree.PutFile(state, DriverPath, Encoding.ASCII.GetBytes(DriverText), LabEntry.FileMode);
        foreach (var (id, system, name, driver) in s_insides)
        {
            AddGuest(
                state, new LabGuest { Vm = IdOn(id, node), System = system, PrettyName = name, Driver = driver });
        }
    }

    /// <summary>Adds a VM with an Ubuntu guest, whose driver is installed.</summary>
    /// <param name="state">The machine.</param>
    /// <param name="vm">Its number.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cores">Its CPUs, on one socket.</param>
    /// <param name="memoryMiB">Its memory in MiB.</param>
    public static void Add(LabState state, VmId vm, string name, int cores, int memoryMiB)
    {
        var isShared = state.Cluster is not null || state.Joined is not null;
        PutConfig(state, vm.Value, Text(
            vm.Value, name, (cores, memoryMiB), vm.Value, isShared ? SharedStorage : LocalStorage));
        var (_, system, pretty, driver) = s_insides[0];
        AddGuest(state, new LabGuest { Vm = vm.Value, System = system, PrettyName = pretty, Driver = driver });
    }

    private static void PutConfig(LabState state, int id, string text) => LabTree.PutFile(
        state, $"/etc/pve/nodes/{state.Setup.Node}/qemu-server/{id}.conf", Encoding.ASCII.GetBytes(text),
        LabEntry.FileMode);

    private static void AddGuest(LabState state, LabGuest guest)
    {
        if (!guest.IsWindows)
        {
            guest.Files["/etc/nvidia/gridd.conf"] =
                new LabGuestFile { Content = Encoding.ASCII.GetBytes(GriddTemplate) };
        }

        state.Guests.Add(guest);
    }

    // Numbers are a cluster's: no two nodes have the same.
    private static int IdOn(int id, int? node) => id + ((node ?? 0) * (id == TemplateId ? 1 : 100));

    // As Proxmox's form makes them, written sorted.
    private static string Text(int id, string name, (int Cores, int MemoryMiB) size, int like, string storage)
    {
        var isTemplate = like == TemplateId;
        var disk = isTemplate ? $"base-{id}-disk-0" : $"vm-{id}-disk-0";
        return string.Create(CultureInfo.InvariantCulture, $"""
            agent: 1
            bios: ovmf
            boot: order=scsi0
            cores: {size.Cores}
            cpu: host
            efidisk0: {storage}:{disk.Replace("disk-0", "disk-1", StringComparison.Ordinal)},efitype=4m,size=4M
            machine: q35
            memory: {size.MemoryMiB}
            name: {name}
            net0: virtio=BC:24:11:00:{id / 100 % 256:X2}:{id % 100:X2},bridge=vmbr0
            ostype: {(like == WindowsId ? "win11" : "l26")}
            scsi0: {storage}:{disk},iothread=1,size=64G
            scsihw: virtio-scsi-single
            smbios1: uuid={LabStart.MakeUuid($"vm {id}")}
            {(isTemplate ? "template: 1\n" : "")}vmgenid: {LabStart.MakeUuid($"generation {id}")}

            """);
    }
}
