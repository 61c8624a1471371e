using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Migration;

/// <summary>A VM that is to be migrated, as its own node knows it.</summary>
public sealed record MigrationSource
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Its node.</summary>
    public required string Node { get; init; }

    /// <summary>Whether it runs, and so is migrated live.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>The operation that blocks others; null for none.</summary>
    public string? Lock { get; init; }

    /// <summary>Version of the node's qemu-server; null where it is unknown.</summary>
    public string? QemuServerVersion { get; init; }

    /// <summary>Version of the node's GPU driver; null where it does not answer.</summary>
    public string? DriverVersion { get; init; }

    /// <summary>All its <c>hostpciN</c> entries.</summary>
    public IReadOnlyList<MigrationEntry> Entries { get; set; } = [];

    /// <summary>Its vGPUs that run.</summary>
    public IReadOnlyList<MigrationVgpu> Running { get; set; } = [];

    /// <summary>ECC modes of the GPUs that its vGPUs are on, or may be on; empty where the driver does not
    /// say.</summary>
    public IReadOnlyList<bool> Ecc { get; set; } = [];

    /// <summary>Names of its vGPU types by number, as the node's driver has them.</summary>
    public IReadOnlyDictionary<string, string> TypeNames { get; set; } = new Dictionary<string, string>();

    /// <summary>Volume of its hookscript; null for none.</summary>
    public string? Hook { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long MemoryMiB { get; init; }

    /// <summary>How many CPUs it has.</summary>
    public int VirtualCpus { get; init; }

    /// <summary>CPUs that it is pinned to, as they stand in its configuration; null for none.</summary>
    public string? Affinity { get; init; }

    /// <summary>Its <c>numaN</c> lines by key, where <c>numa</c> is on.</summary>
    public IReadOnlyDictionary<string, string> Numa { get; set; } = new Dictionary<string, string>();

    /// <summary>Whether HA manages it.</summary>
    public bool IsManagedByHa { get; init; }

    /// <summary>Rules of HA about it; restricted groups of Proxmox VE 8 as strict rules.</summary>
    public IReadOnlyList<MigrationHaRule> HaRules { get; set; } = [];

    /// <summary>Nodes that its disks are replicated to.</summary>
    public IReadOnlyList<string> Replicas { get; set; } = [];

    /// <summary>What Proxmox itself answers; null where it could not be asked.</summary>
    public ProxmoxAnswer? Answer { get; init; }

    /// <summary>Why Proxmox could not be asked; null where it was.</summary>
    public string? AnswerProblem { get; init; }

    /// <summary>Nodes of the cluster.</summary>
    public IReadOnlyList<ClusterNode> Nodes { get; set; } = [];

    /// <summary>Whether the cluster has quorum.</summary>
    public bool IsQuorate { get; set; } = true;

    /// <summary>The VM for display.</summary>
    public string Label => VmName is null ? $"VM {VmId}" : $"VM {VmId} ({VmName})";
}

/// <summary>A <c>hostpciN</c> entry of a VM that is to be migrated.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Mapping">Its mapping; null for a raw address.</param>
/// <param name="TypeId">Number of its vGPU type; null for a device that is passed whole.</param>
/// <param name="Nodes">Nodes that the mapping has devices of.</param>
/// <param name="IsLiveMigrationCapable">The mapping's flag.</param>
/// <param name="Parameters">Its plugin parameters, as the driver's attribute has them; empty for none.</param>
public sealed record MigrationEntry(
    string Key, string? Mapping, uint? TypeId, IReadOnlyList<string> Nodes, bool IsLiveMigrationCapable,
    string Parameters);

/// <summary>A vGPU that runs.</summary>
/// <param name="FunctionAddress">Its function; null where that is not known.</param>
/// <param name="License">How its licence stands, in nvidia-smi's words; null where the guest's driver is not
/// up.</param>
/// <param name="Metadata">NVML's metadata as base64; null where the driver gives none.</param>
public sealed record MigrationVgpu(string? FunctionAddress, string? License, string? Metadata);

/// <summary>A rule of HA about a VM.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="IsStrict">Whether the VM may run on no other node.</param>
/// <param name="IsGroup">Whether it is a group of Proxmox VE 8.</param>
public sealed record MigrationHaRule(string Name, IReadOnlyList<string> Nodes, bool IsStrict, bool IsGroup);

/// <summary>Proxmox's own answer to the question whether a VM can be migrated to a node.</summary>
/// <param name="LocalResources">Resources that keep it from migrating.</param>
/// <param name="Unavailable">What the node lacks: storages and mappings.</param>
/// <param name="Blocking">HA resources that keep it from the node, with the cause: <c>vm:102
/// (resource-affinity)</c>.</param>
/// <param name="NotLive">Mapped devices that are not capable of live migration.</param>
/// <remarks>Source: facts/cluster.md D6, PVE::API2::Qemu, migrate_vm_precondition.</remarks>
public sealed record ProxmoxAnswer(
    IReadOnlyList<string> LocalResources, IReadOnlyList<string> Unavailable, IReadOnlyList<string> Blocking,
    IReadOnlyList<string> NotLive);

/// <summary>A node that a VM may be migrated to, as it knows itself.</summary>
public sealed record MigrationTarget
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>Version of its qemu-server; null where it is unknown.</summary>
    public string? QemuServerVersion { get; init; }

    /// <summary>Version of its GPU driver; null where it does not answer.</summary>
    public string? DriverVersion { get; init; }

    /// <summary>Why the driver does not answer; null where it does.</summary>
    public string? DriverProblem { get; init; }

    /// <summary>GPUs that the VM's vGPUs may be on there.</summary>
    public IReadOnlyList<string> Gpus { get; set; } = [];

    /// <summary>ECC modes of these; empty where the driver does not say.</summary>
    public IReadOnlyList<bool> Ecc { get; set; } = [];

    /// <summary>Names of the VM's vGPU types by number, as these GPUs have them.</summary>
    public IReadOnlyDictionary<string, string> TypeNames { get; set; } = new Dictionary<string, string>();

    /// <summary>What the hook would do there; none where all is there.</summary>
    public IReadOnlyList<string> Steps { get; set; } = [];

    /// <summary>Why the start there would be refused; null where it would not.</summary>
    public string? Refusal { get; init; }

    /// <summary>What to do about it.</summary>
    public string? RefusalAction { get; init; }

    /// <summary>Memory that is free for another VM, in MiB; null where that is not known.</summary>
    public long? FreeMemoryMiB { get; init; }

    /// <summary>Its online CPUs.</summary>
    public string OnlineCpus { get; set; } = "";

    /// <summary>Its NUMA nodes.</summary>
    public IReadOnlyList<int> NumaNodes { get; set; } = [];

    /// <summary>CPUs next to these GPUs; empty where firmware does not say.</summary>
    public string NearCpus { get; set; } = "";

    /// <summary>What is wrong with the VM's hookscript there; null for nothing.</summary>
    public string? HookProblem { get; init; }

    /// <summary>NVML's answers, for each running vGPU and each GPU; empty where it could not be asked.</summary>
    public IReadOnlyList<VgpuCompatibility> Compatibilities { get; set; } = [];

    /// <summary>NVML's metadata of these GPUs as base64.</summary>
    public IReadOnlyList<string> Metadata { get; set; } = [];
}
