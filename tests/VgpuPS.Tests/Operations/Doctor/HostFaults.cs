using VgpuPS.Core.Claims;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using static VgpuPS.Tests.Operations.Doctor.HostFault;
using LabNode = VgpuPS.LabHook.LabHostNode;

namespace VgpuPS.Tests.Operations.Doctor;

/// <summary>Every fault that the doctor knows, one at a time.</summary>
internal static class HostFaults
{
    private const string Kernel = "6.14.11-4-pve";
    private const string Newer = "7.0.2-1-pve";

    private static readonly LabOptions s_older = new() { Kernel = Newer, DriverVersion = "580.105.06" };

    public static IEnumerable<HostFault> All =>
        [.. Platform, .. Driver, .. Gpus, .. Vgpus, .. Starts, .. Placing, .. Files];

    private static IEnumerable<HostFault> Platform =>
    [
        Set("NotAProxmoxHost", s => Remove(s, "/usr/sbin/qm")),
        new("QemuServerTooOld", node =>
        {
            EnableFunctions(node);
            node.Host.Put("/var/lib/dpkg/status", Read(node, "/var/lib/dpkg/status")
                .Replace("Version: 9.2.6", "Version: 8.2.2", StringComparison.Ordinal));
        }),
        Boots("IommuOff", s => SetGrub(s, "quiet intel_iommu=off", true)),
        Boots("IommuOff", s => SetGrub(s, "quiet", true),
            new LabOptions { PveVersion = "8.4", Kernel = "6.5.13-6-pve", DriverVersion = "550.90.05" }) with
        {
            Name = "IommuOff by an old kernel"
        },
        Boots("IommuOff", s => SetGrub(s, "quiet amd_iommu=off", true),
            new LabOptions { Cpu = LabCpu.Amd }) with { Name = "IommuOff on AMD" },
        Boots("IommuOffInFirmware", s => s.Platform.FirmwareIommuIsOff = true),
        Boots("IommuOffInFirmware", s =>
        {
            s.Platform.FirmwareIommuIsOff = true;
            s.Setup.GroupsWithoutIommu = true;
        }) with { Name = "IommuOffInFirmware with groups of VFIO's mode without IOMMU" },
        Set("RestartPending", s => SetGrub(s, "quiet iommu=pt intel_iommu=on", true)),
        File("CommandLineInWrongFile", "/etc/kernel/cmdline", "root=x intel_iommu=on\n"),
        File("BootFilesUnusable", LabDisk.Grub,
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt\"\n[ -f /etc/none ] && GRUB_TIMEOUT=1\n"),
        File("BootFilesUnusable", "/etc/default/grub.d/exit.cfg",
            "exit 0\n") with { Name = "BootFilesUnusable by an exit" },
        File("BootFilesUnusable", "/etc/kernel/cmdline", "iommu=pt\n",
            options: new LabOptions { Loader = LabLoader.SystemdBoot }) with
        {
            Name = "BootFilesUnusable without root="
        },
        Set("CommandLineInWrongFile", s => SetGrub(s, "quiet intel_iommu=on", false),
            new LabOptions { Loader = LabLoader.SystemdBoot }) with
        {
            Name = "CommandLineInWrongFile with systemd-boot"
        },
        Log("MmioTooSmall", "nvidia 0000:4b:00.0: not enough MMIO resources for SR-IOV"),
        Log("MmioTooSmall", "NVRM: Failed to enable PCI sriov: -12") with { Name = "MmioTooSmall by its other line" },
        new("NoGpu", _ => { }, new LabOptions { Gpus = [] }),
        Set("GpuOnVfioPci", s => s.Gpus[1].Driver = "vfio-pci"),
        Set("GpuWithoutDriver", s => s.Gpus[1].Driver = null),
        Set("GpuWithoutDriver", s => s.Gpus[1].Driver = "pci-pf-stub") with { Name = "GpuWithoutDriver but a stub" },
        File("VfioIdsOption", "/etc/rc.local", "echo 10de 20b7 > /sys/bus/pci/drivers/pci-pf-stub/new_id\n") with
        {
            Name = "VfioIdsOption by a stub's script"
        },
        File("VfioIdsOption", "/etc/modprobe.d/vfio.conf", "options vfio-pci ids=10DE:20b7 disable_vga=1\n"),
        File("VfioIdsOption", "/etc/udev/rules.d/90-vfio.rules",
            "KERNELS==\"0000:ca:00.0\", ATTR{driver_override}=\"vfio-pci\"\n") with
        {
            Name = "VfioIdsOption by a udev rule"
        },
        File("VfioIdsOption", "/etc/driverctl.d/0000:ca:00.0",
            "vfio-pci\n") with { Name = "VfioIdsOption by driverctl" },
        File("VfioIdsOption", "/etc/initramfs-tools/modules",
            "vfio_pci ids=10de:20b7\n") with { Name = "VfioIdsOption in the initramfs" },
    ];

    private static IEnumerable<HostFault> Driver =>
    [
        Boots("NouveauLoaded", s =>
        {
            Remove(s, "/etc/modprobe.d/blacklist-nouveau.conf");
            LabDisk.MakeInitramfs(s, Kernel);
        }),
        Set("NouveauNotBlacklisted", s => Remove(s, "/etc/modprobe.d/blacklist-nouveau.conf")),
        Boots("SecureBootRefusesModule", s => s.Platform.KeyIsEnrolled = false, new LabOptions { IsSecureBoot = true }),
        Boots("KernelUnsupported", s => LabDisk.Write(s, LabDisk.Module(Newer), "patched\n"), s_older),
        new("KernelUnsupported", _ => { }, s_older) { Name = "KernelUnsupported, not built" },
        Set("NextKernelUnsupported", s => LabBootTool.Run(s, ["kernel", "unpin"]),
            new LabOptions { OtherKernels = [Newer] }),
        Set("HeadersMissing", s => LabDisk.RemovePackage(s, $"proxmox-headers-{Kernel}")),
        Boots("HeadersMissing", s =>
        {
            LabDisk.RemovePackage(s, $"proxmox-headers-{Kernel}");
            Remove(s, LabDisk.Module(Kernel));
        }) with { Name = "HeadersMissing after a kernel update" },
        Set("DkmsMissing", s => LabDisk.RemovePackage(s, "dkms")),
        Boots("ModuleNotBuilt", s => Remove(s, LabDisk.Module(Kernel))),
        Set("NextKernelNotBuilt", s => LabDisk.AddKernel(s, "6.14.12-1-pve")),
        new("DriverMissing", _ => { }, new LabOptions { IsBare = true, NouveauIsOff = true }),
        Set("DriverNotLoaded", s =>
        {
            s.Setup.DriverIsUnloaded = true;
            s.Gpus.ForEach(g => g.Driver = null);
        }),
        Set("DriverNotLoaded", s =>
        {
            s.Setup.DriverIsUnloaded = true;
            s.Gpus.ForEach(g => g.Driver = null);
            LabDisk.Write(s, "/etc/modprobe.d/old.conf", "install nvidia /bin/false\n");
        }) with { Name = "DriverNotLoaded, since it is kept from it" },
        File("DriverBlacklisted", "/etc/modprobe.d/old.conf", "blacklist nvidia_vgpu_vfio\n"),
        new("DriverWrongFlavour", _ => { }, new LabOptions { Driver = LabDriverFlavour.Grid }),
        Set("DriverLibraryMismatch", s => s.Setup.VersionsDiffer = true),
        Set("DriverNotAnswering", s => s.Setup.LibraryIsMissing = true),
        Set("GpuNotAnswering", s => s.Gpus[1].IsLost = true),
        Journal("BoardNotVgpuCapable", "error: vmiop_log: (0x0): vGPU is supported only on VGX capable boards"),
        Log("VgpuManagerTimeout", "NVRM: Timeout occurred in event processing by vgpu_mgr daemon"),
        Set("BoardDropped", _ => { }, new LabOptions { Gpus = ["V100"], DriverVersion = "595.58.02", Kernel = Newer }),
        Set("VgpudFailed", s => Unit(s, LabBootSetup.TypesUnit, "failed")),
        Set("SriovUnitFailed", s => s.Units.Add(
            new LabUnit
            {
                Name = "pve-nvidia-sriov@ALL.service",
                ActiveState = "failed",
                SubState = "failed",
                Result = "exit-code"
            })),
        Set("SweepFailed", s => s.Units.Add(
            new LabUnit
            {
                Name = "vgpups-sweep.service",
                ActiveState = "failed",
                SubState = "failed",
                Result = "exit-code"
            })),
        Set("VgpuManagerDown", s => Unit(s, LabBootSetup.ManagerUnit, "inactive")),
        File(
            "BootServiceDisabled", "/usr/lib/systemd/system/vgpups.service", "[Install]\nWantedBy=multi-user.target\n"),
        File("SweepTimerDisabled", "/usr/lib/systemd/system/vgpups-sweep.timer", "[Install]\nWantedBy=timers.target\n"),
        Set("BootServiceFailed",
            s =>
                s.Units.Add(
                    new LabUnit
                    {
                        Name = "vgpups.service",
                        ActiveState = "failed",
                        SubState = "failed",
                        Result = "exit-code"
                    })),
    ];

    private static IEnumerable<HostFault> Gpus =>
    [
        Set("SriovToolMissing", s => Remove(s, "/usr/lib/nvidia/sriov-manage")),
        Set("SriovUnsupported", s => s.Gpus[0].IsInDisplayMode = true),
        Vm("FunctionsOff", $"{Function},mdev={TimeSliced}",
            n => n.Host.Put("/etc/vgpups/config.json", "{\"version\": 1, \"sriov\": \"never\"}")),
        Set("FunctionsIncomplete", s => s.Gpus[0].FunctionCount = 7),
        new("FunctionUnbound", n =>
        {
            EnableFunctions(n);
            n.Host.Edit(s => s.Gpus[0].FunctionDrivers[Function] = null);
        }),
        new("FunctionWithoutTypes", n =>
        {
            EnableFunctions(n);
            n.Host.Edit(s => s.Gpus[0].FunctionsHaveTypes = false);
        }),
        new HostFault("FunctionWithoutTypes", n =>
        {
            EnableFunctions(n);
            n.Host.Edit(s => s.Gpus[0].FunctionsHaveTypes = false);
        }, new LabOptions { WithVms = true, Backend = LabBackend.Mdev }) with
        {
            Name = "FunctionWithoutTypes, mediated devices"
        },
        Set("UnbindLockHeld", s => s.Programs.Add(
            new LabProgram { Pid = 900, Name = "nv-hostengine", Unit = "nvidia-dcgm.service", Gpus = [Gpu] })),
        Set("InstancesBeforeFunctions", AddInstance),
        Set("SriovUnitUnordered",
            s => LabTree.PutLink(s, "/etc/systemd/system/multi-user.target.wants/pve-nvidia-sriov@ALL.service",
                "/usr/lib/systemd/system/pve-nvidia-sriov@.service")),
        Log("VgpuCreateRefused", "NVRM: Failed to add vgpu create request: 0x38"),
        Set("MigModePending", s => s.Gpus[0].MigPending = true),
        Vm("MigModeOff", $"{Function},mdev=nvidia-690"),
        Vm("MigModeOn", $"{Function},mdev={TimeSliced}", n => n.Host.Edit(SetMig)),
        new("MigUnsupported", n => PutLayout(n, new GpuLayout { Gpu = "*L40S", Mig = true }),
            new LabOptions { Gpus = ["L40S"] }),
        new("IdleHookInstance", n =>
        {
            EnableFunctions(n);
            n.Host.Edit(AddInstance);
            Connect(n).Claims.Save(new ClaimFile(
                [], [new ManagedInstance(PciAddress.Parse(Gpu), new ProfileId(14), new Placement(0, 1),
                    new GpuInstanceId(3), true, null)], ClaimFile.Empty.Demand));
        }),
    ];

    private static IEnumerable<HostFault> Vgpus =>
    [
        Set("NoVgpuTypes", s => s.Gpus.ForEach(g => g.HasTypes = false)),
        new("StaleClaim", n => Connect(n).Claims.Save(new ClaimFile(
            [new VgpuClaim(new VmId(101), 0, new VgpuTypeId(686), ClaimState.Pending, [PciAddress.Parse(Function)],
                null, null, false, 0)], [], ClaimFile.Empty.Demand))),
        new("VgpuLeftOver", n =>
        {
            EnableFunctions(n);
            n.Host.Files.WriteAttribute($"/sys/bus/pci/devices/{Function}/nvidia/current_vgpu_type", "686");
            n.Host.Put("/run/qemu-server/pci-id-reservations", $"{Function} 102 pid:99999\n");
        }),
        new("VgpuParametersMissing", n =>
        {
            EnableFunctions(n);
            CreateVm(n, 201, $"{Function},mdev={TimeSliced}");
            n.Start(201);
            n.Host.Put(
                "/etc/vgpups/config.json", "{\"vgpuParameters\": {\"201\": {\"hostpci0\": {\"disable_vnc\": 1}}}}");
        }),
        Journal("VmUuidMissing", "error: vmiop_log: Failed to get VM UUID from QEMU command-line 0x57"),
        Journal(
            "GuestDriverTooOld", "error: vmiop_log: (0x0): Incompatible Guest/Host drivers: Guest VGX version is older "
                + "than the minimum version supported by the Host. Disabling vGPU."),
        Running("LicenseRestricted", 3),
        Running("LicenseMissing", 2),
        new("LicenseExpired", n =>
        {
            EnableFunctions(n);
            n.Host.Put(Snippet, LabVms.HookMark, LabEntry.FolderMode);
            Append(n, 101, $"hookscript: {LabNode.HookVolume}\nhostpci0: {Function},mdev={TimeSliced}");
            n.Start(101);
            n.Host.Edit(s =>
            {
                var guest = s.Guests.Find(g => g.Vm == 101)!;
                guest.Events.Clear();
                guest.LicenseState = 5;
                guest.LicenseExpiry = new DateTimeOffset(s.WallTicks, TimeSpan.Zero).AddHours(-1).ToUnixTimeSeconds();
            });
        }),
    ];

    private static IEnumerable<HostFault> Starts =>
    [
        Set("HookNotInstalled", s => Remove(s, HookVolume.InstalledPath)),
        new("HookNotRegistered", n => Append(n, 101, $"hostpci0: {Function},mdev={TimeSliced}")),
        Vm("HookFileMissing", $"{Function},mdev={TimeSliced}", n => n.Host.Edit(s => Remove(s, Snippet))),
        Vm("SnippetsNotAllowed", $"{Function},mdev={TimeSliced}",
            n => n.Host.Put("/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent iso,backup\n\n")),
        Vm("HookNotExecutable", $"{Function},mdev={TimeSliced}", n => n.Host.Put(Snippet, LabVms.HookMark)),
        Vm("HookOutdated", $"{Function},mdev={TimeSliced}",
            n => n.Host.Put(Snippet, "#!vgpu-hook of before\n", LabEntry.FolderMode)),
        Vm("ChainBroken", $"{Function},mdev={TimeSliced}", n => n.Host.Put(
            "/etc/vgpups/config.json", "{\"version\": 1, \"chain\": {\"201\": {\"path\": \"/root/none.sh\"}}}")),
        Vm("VgpuEntryUnusable", $"{Function},mdev=A30-8C"),
        Vm("VgpuEntryUnusable", $"{Function},mdev={TimeSliced}", n => Append(n, 201, "hostpci1: 0000:03:00.0,pcie=1"))
            with
        { Name = "PCI Express without q35" },
        new("VgpuMixRefused", n =>
        {
            EnableFunctions(n);
            CreateVm(n, 201, $"{Function},mdev=nvidia-555");
            Append(n, 201, "hostpci1: 0000:4b:00.5,mdev=nvidia-555");
        }, new LabOptions { WithVms = true, Gpus = ["A40"] }),
        Vm("VgpuTypeUnknown", $"{Function},mdev={TimeSliced}", n => Wait(n, $"hostpci0: {Function},mdev=nvidia-9999"))
            with
        { Name = "unknown type that waits" },
        Vm("MigModeOff", $"{Function},mdev={TimeSliced}", n => Wait(n, $"hostpci0: {Function},mdev=nvidia-690")) with
        {
            Name = "MIG-backed type that waits",
        },
        Vm("VgpuFunctionMissing", $"0000:99:00.4,mdev={TimeSliced}"),
        new("VmConfigUnreadable", n => n.Host.Put(n.ConfigPath(new VmId(104)), new string('x', 3 << 20))),
        Vm("MappingMismatch", $"mapping=a30,mdev={TimeSliced}", n =>
        {
            EnableFunctions(n);
            n.MapFunctions("a30", [.. Enumerable.Range(0, 16).Select(i => $"{n.Host.State.Gpus[0].FunctionAt(i)}")]);
            n.Host.Put("/etc/pve/mapping/pci.cfg",
                Read(n, "/etc/pve/mapping/pci.cfg").Replace("id=10de:", "id=10df:", StringComparison.Ordinal));
        }),
        Vm("VgpuTypeUnknown", $"{Function},mdev=nvidia-9999"),
        Vm("VgpuParametersRefused", $"{Function},mdev={TimeSliced}", n => n.Host.Put(
            "/etc/vgpups/config.json", "{\"vgpuParameters\": {\"201\": {\"hostpci0\": {\"enable_uvm\": 1}}}}")),
        new("FunctionNamedTwice", n =>
        {
            EnableFunctions(n);
            CreateVm(n, 201, $"{Function},mdev={TimeSliced}");
            CreateVm(n, 202, $"{Function},mdev={TimeSliced}");
            n.Start(201);
        }),
    ];

    private static IEnumerable<HostFault> Placing =>
    [
        Pinned("AffinityUnusable", "affinity: 1, 2"),
        Pinned("AffinityUnusable", "affinity: 400-410") with { Name = "AffinityUnusable on another host" },
        Pinned("AffinityCpuMissing", "affinity: 1-2,400"),
        Pinned("AffinityFar", "affinity: 24-27"),
        Pinned("AffinityOverlaps", "affinity: 4-6", "affinity: 6-8"),
        Containers("AffinitySharedWithContainers", "hostname: dns\n"),
        Containers("AffinitySharedWithContainers", "hostname: dns\nlxc.cgroup2.cpuset.cpus: 5-30\n") with
        {
            Name = "AffinitySharedWithContainers by a list",
        },
        Unbound("HaNodesUnbound", ""),
        Unbound("HaNodesUnbound", "node-affinity: near\n\tnodes pve1\n\tresources vm:201\n") with
        {
            Name = "HaNodesUnbound by a rule that is not strict"
        },
        Unbound("HaNodesUnbound", "node-affinity: far\n\tnodes pve1,pve2\n\tresources vm:201\n\tstrict 1\n") with
        {
            Name = "HaNodesUnbound by a rule with another node"
        },
        new("MappingIncomplete", n =>
        {
            EnableFunctions(n);
            n.MapFunctions("a30", Function);
        }),
        Pinned("AffinityIsolated", "affinity: 20-21"),
        Pinned("MemoryBindingUnusable", "numa: 1\nnuma0: cpus=0-3,memory=1024,hostnodes=0,policy=bind"),
        Pinned("MemoryBindingUnusable", "numa: 1\nnuma0: cpus=0-3,memory=8192,hostnodes=7,policy=bind") with
        {
            Name = "MemoryBindingUnusable by a node",
        },
        Pinned("MemoryBindingUnusable", "numa: 1\nnuma0: cpus=0-3,memory=8192,hostnodes=0") with
        {
            Name = "MemoryBindingUnusable without a policy",
        },
        Pinned(
            "MemoryBindingUnusable",
            "hotplug: disk,memory\nnuma: 1\nnuma0: cpus=0-3,memory=8192,hostnodes=0,policy=bind") with
        {
            Name = "MemoryBindingUnusable by memory hotplug",
        },
    ];

    private static HostFault Containers(string id, string config) => new(id, n =>
    {
        Pinned(id, "affinity: 4-6").Inject(n);
        n.Host.Put($"/etc/pve/nodes/{n.Host.State.Setup.Node}/lxc/200.conf", config, LabEntry.FileMode);
    });

    /// <summary>Lines of VM 101, and of VM 102, on two sockets.</summary>
    private static HostFault Unbound(string id, string rules) => new(id, n =>
    {
        CreateVm(n, 201, $"{Function},mdev={TimeSliced}");
        n.Host.Put("/etc/pve/nodes/pve2/lrm_status", "{}");
        n.Host.Put("/etc/pve/ha/resources.cfg", "vm: 201\n\tstate started\n");
        n.Host.Put("/etc/pve/ha/rules.cfg", rules);
    });

    private static HostFault Pinned(string id, string lines, string? others = null) => new(id, n =>
    {
        n.Host.Edit(s => s.Setup.Cpus = LabCpus.Parse("2x24x2,isolated=20-21"));
        n.Host.Put(Snippet, LabVms.HookMark, LabEntry.FolderMode);
        EnableFunctions(n);
        Append(n, 101, $"hookscript: {LabNode.HookVolume}\nhostpci0: {Function},mdev={TimeSliced}\n{lines}");
        if (others is not null)
        {
            Append(n, 102, $"hookscript: {LabNode.HookVolume}");
            Append(n, 102, $"hostpci0: 0000:4b:00.5,mdev={TimeSliced}\n{others}");
        }
    });

    private static IEnumerable<HostFault> Files =>
    [
        File("ConfigUnreadable", "/etc/vgpups/config.json", "{\"version\": 1, \"sriow\": \"never\"}"),
        File("LayoutUnreadable", "/etc/vgpups/layout.json", "{"),
        File("ClaimsUnreadable", "/run/vgpups/claims.json", "no JSON"),
        File("ClaimsNewer", "/run/vgpups/claims.json", "{\"version\": 99, \"claims\": [], \"instances\": []}"),
        File("ConfigNamesMissingVm", "/etc/vgpups/config.json",
            "{\"version\": 1, \"keepTypes\": {\"777\": {\"hostpci0\": \"nvidia-686\"}}}"),
        File("ConfigNamesMissingVm", "/etc/vgpups/config.json",
            "{\"vgpuParameters\": {\"777\": {\"hostpci0\": {\"disable_vnc\": 1}}}}") with
        {
            Name = "ConfigNamesMissingVm by plugin parameters",
        },
        File("ConfigNamesMissingVgpu", "/etc/vgpups/config.json",
            "{\"vgpuParameters\": {\"101\": {\"hostpci0\": {\"disable_vnc\": 1}}}}"),
        File("ConfigNamesMissingProfile", "/etc/vgpups/config.json",
            "{\"version\": 1, \"demand\": {\"1g.6gb\": 2, \"1g.6bg+me\": 1}}"),
        new("FileNotTrusted",
            n => n.Host.Put("/etc/vgpups/layout.json", "{\"version\": 1, \"gpus\": []}", FileModes.Mode666)),
        new("HookFileNotTrusted", n => n.Host.Edit(s => LabTree.Find(s, "/usr/lib/vgpups")!.Owner = 65534)),
        new("LayoutGpuMissing", n => PutLayout(n, new GpuLayout { Gpu = "0000:99:00.0", Sriov = true })),
        new HostFault("LayoutGpuMissing", n => PutLayout(n, new GpuLayout { Gpu = "NVIDIA A3O", Sriov = true })) with
        {
            Name = "LayoutGpuMissing by a mistyped model"
        },
        new HostFault("LayoutGpuMissing", n => PutLayout(
            n, new GpuLayout { Gpu = "GPU-00000000-0000-0000-0000-000000000000", Sriov = true })) with
        {
            Name = "LayoutGpuMissing by a UUID"
        },
        new("LayoutDiffers", n => PutLayout(n, new GpuLayout { Gpu = Gpu, Sriov = true })),
    ];

    private static HostFault Running(string id, uint license) => new(id, n =>
    {
        EnableFunctions(n);
        CreateVm(n, 201, $"{Function},mdev={TimeSliced}");
        n.Start(201);
        n.Host.Edit(s => (s.Gpus[0].Vgpus[0].GuestDriver, s.Gpus[0].Vgpus[0].LicenseState) = ("580.105.06", license));
    });

    private static HostPorts Connect(LabNode node) => node.Connect(_ => { });

    private static string Read(LabNode node, string path) =>
        System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 20));

    private static void Append(LabNode node, int vm, string line)
    {
        var path = node.ConfigPath(new VmId(vm));
        node.Host.Put(path, line + "\n" + Read(node, path));
    }

    /// <summary>A change of VM 201 that waits for its next cold start.</summary>
    private static void Wait(LabNode node, string line)
    {
        var path = node.ConfigPath(new VmId(201));
        node.Host.Put(path, $"{Read(node, path)}\n[PENDING]\n{line}\n");
    }

    private static void Unit(LabState state, string name, string active)
    {
        var unit = state.Units.Find(u => u.Name == name)!;
        (unit.ActiveState, unit.Result) = (active, active == "failed" ? "exit-code" : "success");
    }

    private static void PutLayout(LabNode node, GpuLayout layout) =>
        Connect(node).Layout.Save(new HostLayout([layout]));
}
