using System.Text.Json.Serialization;
using VgpuPS.Core.Boot;

namespace VgpuPS.Core.Rows;

/// <summary>What is on a host's GPUs and which VMs use it: rows as cmdlets write them.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="DriverVersion">Version of the GPU driver; null where it does not answer.</param>
/// <param name="DriverProblem">Why the GPU driver does not answer; null where it does.</param>
/// <param name="Kernel">Release of the running kernel; null where it is unknown.</param>
/// <param name="QemuServerVersion">Version of Proxmox's qemu-server package; null where it is unknown.</param>
/// <param name="IommuIsActive">Whether the kernel has an active IOMMU.</param>
/// <param name="Gpus">GPUs that the driver has, ascending address.</param>
/// <param name="Vms">All VMs configured on the node, ascending number.</param>
/// <param name="Claims">The hook's claims, ascending VM and entry.</param>
/// <param name="Reservations">Proxmox's reservations, ascending function.</param>
public sealed partial record HostReport(
    string Node,
    string? DriverVersion,
    string? DriverProblem,
    string? Kernel,
    string? QemuServerVersion,
    bool IommuIsActive,
    IReadOnlyList<GpuInfo> Gpus,
    IReadOnlyList<VmReport> Vms,
    IReadOnlyList<ClaimReport> Claims,
    IReadOnlyList<ReservationReport> Reservations) : IHostRows
{
    private const string Driver = "nvidia";

    /// <summary>Name of the host session that it came from.</summary>
    [JsonIgnore]
    public string VgpuHost { get; private set; } = "";

    /// <summary>What the boot service last did; null when it has not run since the boot.</summary>
    public BootStatus? Boot { get; init; }

    /// <summary>What could not be read, GPUs first.</summary>
    public IReadOnlyList<HostProblem> Problems { get; set; } = [];

    /// <summary>Mappings and storages; null where they were not requested.</summary>
    public ChoicesReport? Choices { get; init; }

    /// <summary>CPUs and memory of VMs with vGPUs; null where they were not requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<VmVgpuAffinityInfo>? Affinity { get; init; }

    /// <summary>Cluster mappings of vGPU functions; null where they were not requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<VgpuMappingInfo>? Mappings { get; init; }

    /// <summary>The hook's configuration; null where it was not requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VgpuConfigurationInfo? Configuration { get; init; }

    /// <summary>What the hook keeps and does right now; null where it was not requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HookStateReport? HookState { get; init; }

    /// <summary>GPUs that PCI shows and NVIDIA's driver does not have; null where they were not requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<OtherGpu>? OtherGpus { get; init; }

    /// <summary>GPUs as PCI knows them: address, board, functions, and the driver that has them.</summary>
    [JsonIgnore]
    public IReadOnlyList<GpuInfo> PciGpus => [.. (OtherGpus ?? []).Select(g => g.ToInfo(VgpuHost))];

    /// <inheritdoc/>
    public void Stamp(string host)
    {
        VgpuHost = host;
        if (Configuration is { } configuration)
        {
            configuration.VgpuHost = host;
        }

        foreach (var row in (Affinity ?? []).Concat<HostObject>(Mappings ?? []))
        {
            row.VgpuHost = host;
        }

        var named = Vms.SelectMany(v => v.NamedFunctions.Select(f => (Function: f, v.Id)))
            .ToLookup(n => n.Function, n => n.Id, StringComparer.Ordinal);
        foreach (var gpu in Gpus)
        {
            gpu.Stamp(host);
            JoinVms(gpu, named);
        }

        foreach (var vm in Vms)
        {
            vm.Stamp(host);
        }
    }

    // What public properties a row has are columns in PowerShell, so a GPU's rows are asked of the host.
#pragma warning disable CA1822
    /// <summary>Profiles of a GPU's instances in the driver's order; nothing is free with MIG mode off.</summary>
    public IReadOnlyList<MigProfileInfo> ProfilesOf(GpuInfo gpu) => gpu.Profiles;

    /// <summary>Placements by profile in the driver's order, ascending start; none is free with MIG mode off.</summary>
    public IEnumerable<MigPlacementInfo> PlacementsOf(GpuInfo gpu) =>
        gpu.Profiles.SelectMany(p => p.Placements.OrderBy(w => w.Place));

    /// <summary>GPU instances of a GPU, ascending placement.</summary>
    public IReadOnlyList<MigInstanceInfo> InstancesOf(GpuInfo gpu) => gpu.Instances;

    /// <summary>Compute instances of a GPU, by GPU instance in the order of their placement.</summary>
    public IEnumerable<MigComputeInstanceInfo> ComputeInstancesOf(GpuInfo gpu) =>
        gpu.Instances.SelectMany(i => i.Compute);

    /// <summary>Functions of a GPU, ascending index.</summary>
    public IReadOnlyList<SriovFunctionInfo> FunctionsOf(GpuInfo gpu) => gpu.Functions;

    /// <summary>vGPU types of a GPU, ascending number.</summary>
    public IReadOnlyList<VgpuTypeInfo> TypesOf(GpuInfo gpu) => gpu.Types;

    /// <summary>vGPUs of a GPU, in the order of their functions.</summary>
    public IReadOnlyList<VgpuInfo> VgpusOf(GpuInfo gpu) => gpu.Vgpus;

    /// <summary>The scheduler of a GPU's time-sliced vGPUs; null where the driver has none for it.</summary>
    public VgpuSchedulerInfo? SchedulerOf(GpuInfo gpu) => gpu.Scheduler;
#pragma warning restore CA1822

    private void JoinVms(GpuInfo gpu, ILookup<string, int> named)
    {
        foreach (var vgpu in gpu.Vgpus.Where(v => v.VmId is not null))
        {
            vgpu.VmName = Vms.FirstOrDefault(v => v.Id == vgpu.VmId)?.Name;
        }

        List<string> creatable = [.. gpu.Types.Where(t => t.IsCreatable).Select(t => t.VgpuType)];
        foreach (var function in gpu.Functions)
        {
            var reserved = Reservations.FirstOrDefault(r => r.Function == function.FunctionAddress && r.IsHeld)?.VmId
                ?? Claims.FirstOrDefault(c => c.Function == function.FunctionAddress)?.VmId;
            var isUnused = function is { VgpuTypeId: null, HasTypes: true } && function.Driver == Driver
                && reserved is null;
            // A GPU before SR-IOV carries several VMs' vGPUs itself.
            var user = function.FunctionAddress == gpu.GpuAddress ? null
                : named[function.FunctionAddress].Select(v => (int?)v).FirstOrDefault();
            function.VmId = gpu.Vgpus.FirstOrDefault(v => v.FunctionAddress == function.FunctionAddress)?.VmId
                ?? reserved ?? user;
            function.IsFree = isUnused && user is null;
            function.CreatableTypes = isUnused ? creatable : [];
            function.VgpuType = function.VgpuTypeId is { } type
                ? gpu.Types.FirstOrDefault(t => t.VgpuTypeId == type)?.VgpuType ?? $"type {type}" : null;
        }
    }
}

/// <summary>A VM's claim to a vGPU.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="Entry">Its entry, <c>hostpciN</c>.</param>
/// <param name="Type">Number of the vGPU type.</param>
/// <param name="State"><c>pending</c>, <c>live</c> or <c>held</c>.</param>
/// <param name="Function">Its function; null where Proxmox chooses.</param>
public sealed record ClaimReport(int VmId, string Entry, uint Type, string State, string? Function)
{
    /// <summary>The functions of which it may be one, in Proxmox's order; one for a raw address.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];
}

/// <summary>What the hook keeps and does right now.</summary>
/// <param name="Claims">What the claims file has beside <see cref="HostReport.Claims"/>.</param>
/// <param name="LockHolder">Who holds the host lock; null where it is free.</param>
public sealed record HookStateReport(IReadOnlyList<ClaimDetail> Claims, LockHolderInfo? LockHolder);

/// <summary>More of a claim.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="Entry">Its entry, <c>hostpciN</c>.</param>
/// <param name="Mdev">The mediated device; null with vendor VFIO.</param>
/// <param name="HeldSeconds">How long a held claim still counts; null for another.</param>
/// <param name="Since">When the hook last did something for the VM, UTC; null where the log does not say.</param>
/// <param name="IsStale">Whether the VM neither runs nor starts, so that the next sweep releases it.</param>
public sealed record ClaimDetail(
    int VmId, string Entry, string? Mdev, long? HeldSeconds, DateTime? Since, bool IsStale);

/// <summary>A VM's hold on a function, in Proxmox's own file.</summary>
/// <param name="Function">The function.</param>
/// <param name="VmId">The VM.</param>
/// <param name="IsHeld">Whether it still counts.</param>
public sealed record ReservationReport(string Function, int VmId, bool IsHeld);

/// <summary>What a user can choose from for a VM's vGPU, beside what is on the GPUs.</summary>
/// <param name="Mappings">Cluster mappings with functions of the node, ascending id.</param>
/// <param name="SnippetStorages">Storages that can hold the hook on the node, ascending id.</param>
public sealed record ChoicesReport(IReadOnlyList<MappingReport> Mappings, IReadOnlyList<string> SnippetStorages)
{
    /// <summary>Driver packages of host and guests that lie where one copies them to, by path.</summary>
    public IReadOnlyList<string> DriverFiles { get; init; } = [];
}

/// <summary>A cluster mapping of PCI devices, as far as the node goes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsMediated">Whether it is marked for mediated devices, as vGPUs need.</param>
/// <param name="Functions">The node's functions, in the order in which Proxmox tries them.</param>
public sealed record MappingReport(string Id, bool IsMediated, IReadOnlyList<string> Functions);

/// <summary>A GPU that PCI shows and NVIDIA's driver does not have.</summary>
/// <param name="Address">Its address, sysfs form.</param>
/// <param name="Model">Its board as PCI ids tell it, or the id.</param>
/// <param name="Driver">The driver that has it; null for none.</param>
/// <param name="NumaNode">NUMA node; null when the host has none.</param>
/// <param name="TotalFunctions">Virtual functions that it can have.</param>
/// <param name="EnabledFunctions">Virtual functions that it has.</param>
public sealed record OtherGpu(
    string Address, string Model, string? Driver, int? NumaNode, int TotalFunctions, int EnabledFunctions)
{
    /// <summary>The board, and who has it.</summary>
    public override string ToString() => $"{Model} ({Driver ?? "no driver"})";

    internal GpuInfo ToInfo(string host) => new()
    {
        VgpuHost = host,
        GpuIndex = -1,
        GpuUuid = "",
        GpuAddress = Address,
        Model = Model,
        Driver = Driver,
        MemoryMiB = 0,
        NumaNode = NumaNode,
        TotalFunctions = TotalFunctions,
        EnabledFunctions = EnabledFunctions,
        Backend = "none",
        MemorySlices = 0,
        Mig = null,
        Scheduler = null,
        Profiles = [],
        Instances = [],
        Functions = [],
        Vgpus = [],
        Types = [],
    };
}
