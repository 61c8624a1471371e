using VgpuPS.Core.Claims;
using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Settings;

namespace VgpuPS.Core.Capacity;

/// <summary>Everything that decides what a start needs, read under the host lock.</summary>
public sealed record AssignmentInput
{
    /// <summary>The VM.</summary>
    public required VmId Vm { get; init; }

    /// <summary>Whether it runs already, so that its vGPUs are rightly open.</summary>
    public bool IsRunning { get; init; }

    /// <summary>What its configuration requests, ascending entry.</summary>
    public required IReadOnlyList<VmVgpuRequest> Requests { get; init; }

    /// <summary>The GPUs of all candidates.</summary>
    public required IReadOnlyList<GpuState> Gpus { get; init; }

    /// <summary>Claims of all VMs, this one included.</summary>
    public required IReadOnlyList<VgpuClaim> Claims { get; init; }

    /// <summary>Proxmox's reservations; one of a VM that runs, starts or stops counts as held, whatever its
    /// time.</summary>
    public required IReadOnlyList<FunctionReservation> Reservations { get; init; }

    /// <summary>Mediated devices anywhere on the host that carry this VM's UUIDs.</summary>
    public required IReadOnlyList<MediatedDevice> OwnDevices { get; init; }

    /// <summary>The hook's settings.</summary>
    public required HookSettings Settings { get; init; }

    /// <summary>Instances that the hook made: those go when no one uses them.</summary>
    public IReadOnlyList<ManagedInstance> Managed { get; init; } = [];

    /// <summary>GPUs that the host's layout wants in MIG mode: consent to switch it on.</summary>
    public IReadOnlySet<PciAddress> MigByLayout { get; init; } = new HashSet<PciAddress>();

    /// <summary>
    /// Other VMs that run, start or stop and name a mapping with a function of a GPU, by GPU; only for GPUs whose
    /// functions would have to go for MIG mode.
    /// </summary>
    public IReadOnlyDictionary<PciAddress, IReadOnlyList<VmId>> MappedBy { get; init; } =
        new Dictionary<PciAddress, IReadOnlyList<VmId>>();

    /// <summary>VMs by the UUID of their QEMU, where the configuration sets one (smbios1).</summary>
    public IReadOnlyDictionary<string, VmId> VmsByUuid { get; init; } =
        new Dictionary<string, VmId>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Functions that the driver has refused to this start, with its reasons.</summary>
    public IReadOnlyDictionary<PciAddress, VgpuException> Refused { get; init; } =
        new Dictionary<PciAddress, VgpuException>();

    /// <summary>What puts a mapping right of which a function is missing, with a command.</summary>
    public Func<string, string> AdviseMapping { get; init; } = id => $"correct it: pvesh get /cluster/mapping/pci/{id}";

    /// <summary>
    /// Places for a profile, best first, over GPUs as they stand in the plan so far; only legal, free ones.
    /// </summary>
    public required Func<string, IReadOnlyList<GpuState>, IReadOnlyList<PlacementChoice>> RankPlacements { get; init; }
}
