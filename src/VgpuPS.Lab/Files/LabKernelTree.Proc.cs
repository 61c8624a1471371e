using VgpuPS.Lab.Platform;

namespace VgpuPS.Lab.Files;

internal sealed partial class LabKernelTree
{
    /// <remarks>Source: proc(5); that GPUs get minor numbers in the order of their addresses is assumed.</remarks>
    private LabTreeNode? FindProc(string[] rest) => rest switch
    {
        [] => LabTreeNode.Folder(() => State.Processes.Select(p => Number(p.Pid))
            .Concat(State.Programs.Select(p => Number(p.Pid))).Concat(State.Locks.Select(l => Number(l.Pid))).Distinct()
            .Concat(["cmdline", "cpuinfo", "driver", "locks", "meminfo", "modules", "self", "stat", "sys"])),
        ["cmdline"] => Text(State.Platform.CommandLine),
        ["cpuinfo"] => Text(DescribeCpu()),
        ["meminfo"] => Text(DescribeMemory()),
        ["modules"] => Attribute(ReadOnlyMode, DescribeModules, null),
        ["locks"] => Attribute(ReadOnlyMode, DescribeLocks, null),
        ["stat"] =>
            Text(
                "cpu  0 0 0 0 0 0 0 0 0 0\nbtime "
                    + $"{Number(new DateTimeOffset(State.BootTicks, TimeSpan.Zero).ToUnixTimeSeconds())}\nprocesses "
                    + "4000"),
        ["self"] => Folder("exe"),
        ["self", "exe"] => LabTreeNode.Link(
            LabTree.Find(State, LabVms.StagedProgram) is null ? HookVolume.InstalledPath : LabVms.StagedProgram),
        ["sys"] => Folder("kernel"),
        ["sys", "kernel"] => Folder("hostname", "osrelease", "random"),
        ["sys", "kernel", "hostname"] => Text(State.Setup.Node),
        ["sys", "kernel", "osrelease"] => Text(State.Setup.Kernel),
        ["sys", "kernel", "random"] => Folder("boot_id"),
        ["sys", "kernel", "random", "boot_id"] => Text(State.BootId),
        ["driver"] => State.DriverIsLoaded ? Folder("nvidia") : Folder(),
        ["driver", "nvidia", .. var driver] when State.DriverIsLoaded => FindDriverProc(driver),
        [var pid, .. var inside] => FindProcess(pid) is { } process ? FindQemu(process, inside)
            : State.Programs.Find(p => Number(p.Pid) == pid) is { } program ? FindProgram(program, inside)
            : State.Locks.Find(l => Number(l.Pid) == pid && LabPids.IsAlive(l.Pid)) is { } holder
                ? FindLockHolder(holder, inside)
            : null,
        _ => null,
    };

    /// <remarks>Source: facts/proxmox.md (a): what takes the flock on a VM's configuration is a task of Proxmox, as
    /// root.</remarks>
    private static LabTreeNode? FindLockHolder(LabLock holder, string[] rest) => rest switch
    {
        [] => Folder("status"),
        ["status"] => Text(DescribeStatus(holder.Pid, holder.Uid)),
        _ => null,
    };

    /// <remarks>Source: proc_pid_status(5): real, effective, saved and file system user id.</remarks>
    private static string DescribeStatus(int pid, int uid) => $"Pid:\t{pid}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n";

    private LabTreeNode? FindDriverProc(string[] rest) => rest switch
    {
        [] => Folder("gpus", "version"),
        ["version"] => Text($"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {State.Setup.DriverVersion}"),
        ["gpus"] => LabTreeNode.Folder(() => State.Gpus.Select(g => g.Address)),
        ["gpus", var address] => State.Gpus.Exists(g => g.Address == address) ? Folder("information") : null,
        ["gpus", var address, "information"] => State.Gpus.FindIndex(g => g.Address == address) is var minor and >= 0
            ? Text($"Model: \t\t {State.Gpus[minor].Model.Name}\nBus Location: \t {address}\nDevice Minor: \t {minor}")
            : null,
        _ => null,
    };

    /// <remarks>Source: facts/numa.md C17 for numa_maps and the threads' CPUs; pages of 4 KiB.</remarks>
    private static LabTreeNode? FindQemu(LabProcess process, string[] rest) => rest switch
    {
        [] => Folder("cmdline", "fd", "numa_maps", "status", "task"),
        ["task"] => Folder(Number(process.Pid)),
        ["task", var thread, "status"] when thread == Number(process.Pid) =>
            Text(
                $"{DescribeStatus(process.Pid, process.Uid)}Cpus_allowed_list:\t"
                    + $"{List(process.Cpus.Split(',').Select(c => int.Parse(c, CultureInfo.InvariantCulture)))}"),
        ["task", var thread] when thread == Number(process.Pid) => Folder("status"),
        ["numa_maps"] => Text("7f0000000000 default anon=1 dirty=1 active=0"
            + string.Concat(process.MemoryMiB.Select(m => $" N{m.Key}={m.Value * 256}")) + " kernelpagesize_kB=4"),
        ["status"] => Text(DescribeStatus(process.Pid, process.Uid)),
        ["cmdline"] => Attribute(
            ReadOnlyMode, () => string.Concat(process.CommandLine.Select(word => word + '\0')), null),
        ["fd"] => Folder(),
        _ => null,
    };

    private LabTreeNode? FindProgram(LabProgram program, string[] rest) => rest switch
    {
        [] => Folder("cgroup", "cmdline", "comm", "fd", "status"),
        ["status"] => Text(DescribeStatus(program.Pid, 0)),
        ["cgroup"] =>
            Text(program.Unit is { } unit ? $"0::/system.slice/{unit}" : "0::/user.slice/user-0.slice/session-1.scope"),
        ["cmdline"] => Attribute(ReadOnlyMode, () => program.Name + '\0', null),
        ["comm"] => Text(program.Name),
        ["fd"] => LabTreeNode.Folder(() => program.Gpus.Select((_, i) => Number(i + 3))),
        ["fd", var fd] => program.Gpus.Where((_, i) => Number(i + 3) == fd).FirstOrDefault() is { } gpu
            ? LabTreeNode.Link($"/dev/nvidia{Number(State.Gpus.FindIndex(g => g.Address == gpu))}")
            : null,
        _ => null,
    };

    private LabProcess? FindProcess(string pid) => State.Processes.Find(process => Number(process.Pid) == pid);

    private const string SecureBoot = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    private const string LoaderInfo = "LoaderInfo-4a67b082-0a4c-47f2-8ff9-8e6ba7ad6a73";

    private bool HasEfi => State.Platform.Loader == LabLoader.SystemdBoot || State.Platform.IsSecureBoot;

    /// <summary>Names of the modules that are loaded, as far as the lab goes.</summary>
    /// <remarks>Source: facts/host-behaviour.md 7: <c>nvidia_vgpu_vfio</c> beside the vGPU host driver.</remarks>
    private IEnumerable<string> Modules =>
    [
        .. State.Platform.NouveauIsLoaded ? ["nouveau"] : Array.Empty<string>(),
        .. !State.DriverIsLoaded ? []
            : State.Platform.Driver == LabDriverFlavour.VgpuKvm ? ["nvidia_vgpu_vfio", "nvidia"] : new[] { "nvidia" },
        "vfio_pci_core", "vfio_iommu_type1", "vfio", "kvm", "i40e",
    ];

    /// <remarks>Source: efivarfs: four bytes of attributes, then the value; UEFI for the names (assumed).</remarks>
    private LabTreeNode? FindFirmware(string[] rest) => rest switch
    {
        [] => HasEfi ? Folder("efi") : Folder(),
        ["efi"] when HasEfi => Folder("efivars"),
        ["efi", "efivars"] when HasEfi => Folder(LoaderInfo, SecureBoot),
        ["efi", "efivars", SecureBoot]
            when HasEfi => Bytes([6, 0, 0, 0, State.Platform.IsSecureBoot ? (byte)1 : (byte)0]),
        ["efi", "efivars", LoaderInfo] when HasEfi => Bytes(
            [6, 0, 0, 0, .. System.Text.Encoding.Unicode.GetBytes(
                State.Platform.Loader == LabLoader.SystemdBoot ? "systemd-boot 257\0" : "GRUB 2.12\0")]),
        _ => null,
    };

    private LabTreeNode? FindModule(string[] rest) => rest switch
    {
        [] => LabTreeNode.Folder(() => Modules),
        [var name] => Modules.Contains(name) ? Folder(name == "nvidia" ? ["version"] : []) : null,
        ["nvidia", "version"] => Modules.Contains("nvidia") ? Text(State.Setup.DriverVersion) : null,
        _ => null,
    };

    private static LabTreeNode Bytes(byte[] content) => new() { Mode = ReadOnlyMode, Read = () => content };

    /// <remarks>Source: proc(5), /proc/modules: name, size, users, users' names, state, address.</remarks>
    private string DescribeModules() => string.Concat(Modules.Select(m => $"{m} 16384 0 - Live 0x0000000000000000\n"));

    /// <remarks>Source: proc_meminfo(5); that the host itself needs nothing is assumed.</remarks>
    private string DescribeMemory()
    {
        var free = Nodes.Sum(FreeMiB) * 1024;
        return $"MemTotal:       {Number(Nodes.Count() * Cpus.MemoryMiB * 1024)} kB\n"
            + $"MemFree:        {Number(free)} kB\nMemAvailable:   {Number(free)} kB";
    }

    private string DescribeCpu() =>
        $"processor\t: 0\nvendor_id\t: {(State.Platform.Cpu == LabCpu.Intel ? "GenuineIntel" : "AuthenticAMD")}\ncpu "
            + "family\t: 6\n";
}
