using VgpuPS.Core.Events;
using VgpuPS.Core.Steps;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Platform;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.State;
using VgpuPS.Host.Sysfs;
using VgpuPS.Host.Systemd;

namespace VgpuPS.Host;

/// <summary>One host as the use cases see it; wired by each face.</summary>
public record HostPorts
{
    /// <summary>The GPU driver.</summary>
    public required NvmlGpuDriver Driver { get; init; }

    /// <summary>PCI devices, functions, mediated devices.</summary>
    public required SysfsPciDevices Devices { get; init; }

    /// <summary>Processors, NUMA nodes, and where VMs run.</summary>
    public required CpuTopologyReader Cpus { get; init; }

    /// <summary>Memory that further VMs can have.</summary>
    public required HostMemoryReader Memory { get; init; }

    /// <summary>Enables and disables virtual functions.</summary>
    public required SriovManage Sriov { get; init; }

    /// <summary>Resets GPUs.</summary>
    public required SmiGpuReset Reset { get; init; }

    /// <summary>Programs that have GPUs open.</summary>
    public required ProcGpuClients Clients { get; init; }

    /// <summary>Options of kernel modules.</summary>
    public required ModuleOptionFiles ModuleOptions { get; init; }

    /// <summary>Proxmox on this node.</summary>
    public required ProxmoxHost Proxmox { get; init; }

    /// <summary>Changes VM configurations.</summary>
    public required QmConfigWriter ConfigWriter { get; init; }

    /// <summary>Starts and stops VMs.</summary>
    public required QmPower Power { get; init; }

    /// <summary>Asks Proxmox about migrations.</summary>
    public required MigrationQuestion MigrationQuestion { get; init; }

    /// <summary>Ways into guests.</summary>
    public required GuestChannels GuestChannels { get; init; }

    /// <summary>Large files that are uploaded into guests.</summary>
    public required PayloadFiles Payloads { get; init; }

    /// <summary>Files that a session uploads for one use.</summary>
    public required UploadFolder Uploads { get; init; }

    /// <summary>Our program as files.</summary>
    public required HookFileStore HookFiles { get; init; }

    /// <summary>What an installation puts on the host.</summary>
    public required HostInstallFiles Install { get; init; }

    /// <summary>The host lock.</summary>
    public required IHostLock Lock { get; init; }

    /// <summary>Says who holds it.</summary>
    public required HostLockHolder LockHolder { get; init; }

    /// <summary>
    /// The lock under which a function is chosen for a VM and written into its configuration. No GPU is changed under
    /// it, and no start of a VM waits for it, so that qm may run under it.
    /// </summary>
    public required IHostLock AssignmentLock { get; init; }

    /// <summary>The lock under which a VM's chained script runs.</summary>
    public required Func<VmId, IHostLock> ChainLock { get; init; }

    /// <summary>Claims and hook-managed instances.</summary>
    public required ClaimStoreFile Claims { get; init; }

    /// <summary>VMs that were stopped to be started again.</summary>
    public required RestartStore Restarts { get; init; }

    /// <summary>Removes temporary files of killed runs beside the files that the hook writes.</summary>
    public required Action RemoveOrphanedFiles { get; init; }

    /// <summary>The hook's settings.</summary>
    public required ISettings Settings { get; init; }

    /// <summary>The host's layout.</summary>
    public required LayoutFile Layout { get; init; }

    /// <summary>The cluster's mappings.</summary>
    public required PveMappings Mappings { get; init; }

    /// <summary>VMs' pins as they were before ours.</summary>
    public required AffinityStore Affinity { get; init; }

    /// <summary>The log of changes.</summary>
    public required IEventLog Events { get; init; }

    /// <summary>What the log of changes says.</summary>
    public required EventHistoryFiles EventHistory { get; init; }

    /// <summary>The host's services.</summary>
    public required IHostServices Services { get; init; }

    /// <summary>What the boot service last did.</summary>
    public required BootStatusFile BootStatus { get; init; }

    /// <summary>Runs of the hook, and what they failed with.</summary>
    public required HookCountersFile Counters { get; init; }

    /// <summary>Files of metrics for node_exporter.</summary>
    public required MetricsTextFile MetricsTextFile { get; init; }

    /// <summary>What the doctor found when its timer last ran it.</summary>
    public required DoctorRecordFile DoctorRecord { get; init; }

    /// <summary>The host below its GPUs.</summary>
    public required HostPlatform Platform { get; init; }

    /// <summary>Reads files and output of programs for a support bundle.</summary>
    public required DiagnosticReader Diagnostics { get; init; }

    /// <summary>Changes how the host boots and what is installed.</summary>
    public required HostPreparation Preparation { get; init; }

    /// <summary>The host as plans that follow others see it: with what those will have done.</summary>
    public required Func<IReadOnlyList<ForeseenChange>, HostPorts> Foresee { get; init; }

    /// <summary>What will be on GPUs, beside what is; none but for a plan that follows others.</summary>
    public IReadOnlyList<ForeseenChange> Foreseen { get; init; } = [];

    /// <summary>Clock and waits.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The time, in seconds since 1970.</summary>
    public double UnixSeconds => (Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>Takes a warning for the user who started it.</summary>
    public required Action<string> Warn { get; init; }
}
