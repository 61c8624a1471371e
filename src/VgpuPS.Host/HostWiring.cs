using VgpuPS.Host.Linux;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Platform;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.State;
using VgpuPS.Host.Sysfs;
using VgpuPS.Host.Systemd;

namespace VgpuPS.Host;

/// <summary>Puts the adapters on the three seams together, for a real host and for a simulated one alike.</summary>
public static class HostWiring
{
    /// <summary>Wires a host.</summary>
    /// <param name="nvml">The driver's library.</param>
    /// <param name="files">Files of kernel, Proxmox and product.</param>
    /// <param name="processes">Runs programs.</param>
    /// <param name="clock">Clock and waits.</param>
    /// <param name="processId">Our process, named to those who wait for the host lock.</param>
    /// <param name="warn">Takes a warning for the user who started it.</param>
    public static HostPorts Connect(
        INvmlApi nvml, IHostFiles files, IProcessRunner processes, TimeProvider clock, int processId,
        Action<string> warn)
    {
        var hostLock = new HostLockFile(files, clock, processId);
        var services = new SystemctlServices(files, processes);
        return new HostPorts
        {
            Driver = new NvmlGpuDriver(nvml),
            Devices = new SysfsPciDevices(files, processes),
            Cpus = new CpuTopologyReader(files),
            Memory = new HostMemoryReader(files),
            Sriov = new SriovManage(files, processes, clock, () => hostLock.Held),
            Reset = new SmiGpuReset(processes),
            Clients = new ProcGpuClients(files, processId),
            ModuleOptions = new ModuleOptionFiles(files),
            Proxmox = new ProxmoxHost(files, clock),
            ConfigWriter = new QmConfigWriter(files, processes),
            Power = new QmPower(processes),
            MigrationQuestion = new MigrationQuestion(processes),
            GuestChannels = new GuestChannels(processes, clock),
            Payloads = new PayloadFiles(files),
            Uploads = new UploadFolder(files, processes, clock, processId),
            HookFiles = new HookFileStore(files),
            Install = new HostInstallFiles(files, processes),
            Lock = hostLock,
            LockHolder = new HostLockHolder(files),
            AssignmentLock = new HostLockFile(
                files, clock, processId, StatePaths.AssignmentLock, "lock for changes of VMs", "run the command again"),
            ChainLock = vm => new HostLockFile(
                files, clock, processId, StatePaths.ChainLock(vm), $"lock of VM {vm}'s chained script",
                "run the command again"),
            Claims = new ClaimStoreFile(files),
            Restarts = new RestartStore(files),
            RemoveOrphanedFiles = () => TemporaryFiles.RemoveOrphaned(files, StatePaths.Written),
            Settings = new SettingsFile(files),
            Layout = new LayoutFile(files),
            Mappings = new PveMappings(processes),
            Affinity = new AffinityStore(files),
            Events = new EventLogFile(files, clock, warn),
            EventHistory = new EventHistoryFiles(files),
            Services = services,
            BootStatus = new BootStatusFile(files),
            Counters = new HookCountersFile(
                files, new HostLockFile(
                    files, clock, processId, StatePaths.CountersLock, "lock of the hook's counters", "run it again")),
            DoctorRecord = new DoctorRecordFile(files),
            MetricsTextFile = new MetricsTextFile(files),
            Platform = new HostPlatform(files, processes, new ModuleOptionFiles(files), services),
            Diagnostics = new DiagnosticReader(files, processes),
            Preparation = new HostPreparation(files, processes),
            Foresee = changes => Connect(
                nvml, new ForeseenFiles(files, changes), processes, clock, processId, warn) with
            { Foreseen = changes },
            Clock = clock,
            Warn = warn,
        };
    }
}
