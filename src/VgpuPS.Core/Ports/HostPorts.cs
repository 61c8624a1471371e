using VgpuPS.Core.Guests;

namespace VgpuPS.Core.Ports;

/// <summary>One host as the use cases see it; wired by each face.</summary>
public record HostPorts
{
    /// <summary>The GPU driver.</summary>
    public required IGpuDriver Driver { get; init; }

    /// <summary>PCI devices, functions, mediated devices.</summary>
    public required IPciDevices Devices { get; init; }

    /// <summary>Switches virtual functions.</summary>
    public required ISriovControl Sriov { get; init; }

    /// <summary>Resets GPUs.</summary>
    public required IGpuReset Reset { get; init; }

    /// <summary>Programs that have GPUs open.</summary>
    public required IGpuClients Clients { get; init; }

    /// <summary>Options of kernel modules.</summary>
    public required IModuleOptions ModuleOptions { get; init; }

    /// <summary>Proxmox on this node.</summary>
    public required IGuestHost Guests { get; init; }

    /// <summary>Changes VM configurations.</summary>
    public required IGuestConfig GuestConfig { get; init; }

    /// <summary>Ways into guests.</summary>
    public required IGuestChannels GuestChannels { get; init; }

    /// <summary>Large files that are carried into guests.</summary>
    public required IPayloadFiles Payloads { get; init; }

    /// <summary>Our program as files.</summary>
    public required IHookFiles HookFiles { get; init; }

    /// <summary>What an installation puts on the host.</summary>
    public required IHostInstall Install { get; init; }

    /// <summary>The host lock.</summary>
    public required IHostLock Lock { get; init; }

    /// <summary>
    /// The lock under which a function is chosen for a VM and written into its configuration. No GPU is changed under it, and
    /// no start of a VM waits for it, so that qm may run under it.
    /// </summary>
    public required IHostLock AssignmentLock { get; init; }

    /// <summary>The lock under which a VM's chained script runs.</summary>
    public required Func<VmId, IHostLock> ChainLock { get; init; }

    /// <summary>Claims and hook-made instances.</summary>
    public required IClaimStore Claims { get; init; }

    /// <summary>Removes temporary files of killed runs beside the files that the hook writes.</summary>
    public required Action RemoveLeftFiles { get; init; }

    /// <summary>The hook's settings.</summary>
    public required ISettings Settings { get; init; }

    /// <summary>The host's layout.</summary>
    public required ILayoutFile Layout { get; init; }

    /// <summary>The log of changes.</summary>
    public required IEventLog Events { get; init; }

    /// <summary>What the log of changes says.</summary>
    public required IEventHistory EventHistory { get; init; }

    /// <summary>The host's services.</summary>
    public required IHostServices Services { get; init; }

    /// <summary>What the boot service last did.</summary>
    public required IBootStatusFile BootStatus { get; init; }

    /// <summary>The host below its GPUs.</summary>
    public required IHostPlatform Platform { get; init; }

    /// <summary>Changes how the host boots and what is installed.</summary>
    public required IHostPreparation Preparation { get; init; }

    /// <summary>Clock and waits.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Takes a warning for the person who started it.</summary>
    public required Action<string> Warn { get; init; }
}
