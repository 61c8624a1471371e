using VgpuPS.Core.Layout;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Advice;

/// <summary>How GPUs of a host should be shared among tenants; <c>Sync-VgpuLayout</c> takes it.</summary>
public sealed record VgpuAdviceInfo : HostObject
{
    /// <summary>1 for the recommendation; alternatives follow. Where several hosts have a part in it, their rows have
    /// one rank.</summary>
    public required int Rank { get; init; }

    /// <summary><c>TimeSliced</c>, <c>MigBacked</c>, or <c>Mixed</c> where some GPUs are the one and some the
    /// other.</summary>
    public required string Sharing { get; init; }

    /// <summary>What each GPU is for, ascending index; those that it does not need are left out.</summary>
    public required IReadOnlyList<VgpuAdviceGpu> Gpus { get; init => field = RowList.Of(value); }

    /// <summary>What each tenant gets.</summary>
    public required IReadOnlyList<VgpuAdviceTenant> Tenants { get; init => field = RowList.Of(value); }

    /// <summary>What is not as tenants ask for it, on all hosts together; empty where all is.</summary>
    public required IReadOnlyList<VgpuAdviceGap> Unsatisfied { get; init => field = RowList.Of(value); }

    /// <summary>Why, a rule each.</summary>
    public required IReadOnlyList<VgpuAdviceReason> Reasons { get; init => field = RowList.Of(value); }

    /// <summary>VMs that tenants name, with what they get; <c>Add-VmVgpu</c> takes them.</summary>
    public required IReadOnlyList<VgpuAdviceAssignment> Assignments { get; init => field = RowList.Of(value); }

    /// <summary>The layout that makes GPUs so, VMs' GPU instances included; null where the GPUs are none of a connected
    /// host and differ.</summary>
    public required HostLayout? Layout { get; init; }

    /// <summary>Whether every distribution was weighed, and not only the more promising ones.</summary>
    public required bool IsExact { get; init; }

    /// <summary>What to know beside it, in words; empty where there is nothing.</summary>
    public required IReadOnlyList<string> Notes { get; init => field = RowList.Of(value); }

    /// <summary>All of it as a text of at most 78 columns.</summary>
    public required IReadOnlyList<string> Lines { get; init => field = RowList.Of(value); }

    /// <summary>The way of sharing and the vGPUs.</summary>
    public override string ToString() => $"{Sharing}: {string.Join("; ", Gpus)}";
}

/// <summary>What a GPU is for.</summary>
/// <param name="GpuIndex">Index of the GPU.</param>
/// <param name="GpuUuid">Its UUID; null where no host has it.</param>
/// <param name="GpuAddress">Its address; null where no host has it.</param>
/// <param name="Model">Its model.</param>
/// <param name="Sharing"><c>TimeSliced</c> or <c>MigBacked</c>.</param>
/// <param name="Scheduler">Its scheduler: <c>BestEffort</c> or <c>FixedShare</c>; null with MIG, or where it stays what
/// it is.</param>
/// <param name="Instances">New GPU instances by profile; empty without MIG.</param>
/// <param name="Types">New vGPUs by type.</param>
/// <param name="ChangesMig">Whether its MIG mode changes, for which some GPUs have to be reset.</param>
public sealed record VgpuAdviceGpu(
    int GpuIndex, string? GpuUuid, string? GpuAddress, string Model, string Sharing, string? Scheduler,
    IReadOnlyList<VgpuAdviceCount> Instances, IReadOnlyList<VgpuAdviceCount> Types, bool ChangesMig)
{
    /// <summary>Whether time-sliced vGPUs of several sizes share it.</summary>
    public bool MixedSizes { get; init; }

    /// <summary>New GPU instances by profile; empty without MIG.</summary>
    public IReadOnlyList<VgpuAdviceCount> Instances { get; init => field = RowList.Of(value); } =
        RowList.Of(Instances);

    /// <summary>New vGPUs by type.</summary>
    public IReadOnlyList<VgpuAdviceCount> Types { get; init => field = RowList.Of(value); } = RowList.Of(Types);

    /// <summary>The GPU and its vGPUs: <c>GPU 0 4 x A30-1-6C</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"GPU {GpuIndex} {Types}");
}

/// <summary>A number of profiles or types.</summary>
/// <param name="Name">Profile or type.</param>
/// <param name="Count">How many.</param>
public sealed record VgpuAdviceCount(string Name, int Count)
{
    /// <summary>As in <c>4 x A30-1-6C</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} x {Name}");
}

/// <summary>What a tenant gets on a GPU.</summary>
public sealed record VgpuAdviceTenant
{
    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>How many of its VMs.</summary>
    public required int Count { get; init; }

    /// <summary>Type of their vGPUs.</summary>
    public required string VgpuType { get; init; }

    /// <summary>Profile of their GPU instances; null for a time-sliced type.</summary>
    public required string? InstanceProfile { get; init; }

    /// <summary>Index of the GPU.</summary>
    public required int GpuIndex { get; init; }

    /// <summary>How many vGPUs share the SMs with each, itself included.</summary>
    public required int Sharing { get; init; }

    /// <summary>What each can be expected to deliver.</summary>
    public required IReadOnlyList<VgpuAdviceFigure> Figures { get; init => field = RowList.Of(value); }

    /// <summary>Tenant and vGPUs: <c>dev: 4 x A30-1-6C</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tenant}: {Count} x {VgpuType}");
}

/// <summary>What a vGPU can be expected to deliver in a workload.</summary>
/// <param name="Workload">The workload, as <c>Measure-VgpuPerformance</c> names it.</param>
/// <param name="Unit"><c>GB/s</c> or <c>GFLOP/s</c>.</param>
/// <param name="Idle">While the others idle; null where that is not known.</param>
/// <param name="Loaded">While all vGPUs of the GPU work; null where that is not known.</param>
/// <param name="Basis"><c>Measured</c> on this host, <c>Article</c> by the article's ratios, or
/// <c>NotKnown</c>.</param>
public sealed record VgpuAdviceFigure(string Workload, string Unit, double? Idle, double? Loaded, string Basis)
{
    /// <summary>Workload and figures: <c>DeviceMemory 786/160 GB/s</c>.</summary>
    public override string ToString() => Idle is null && Loaded is null ? $"{Workload} not known"
        : $"{Workload} {Text(Idle)}/{Text(Loaded)} {Unit}";

    /// <summary>A figure with three digits that count; a question mark for none.</summary>
    public static string Text(double? value) => value is not { } number ? "?"
        : number.ToString(number < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
}

/// <summary>What is not as a tenant asks for it.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Count">How many of its VMs.</param>
/// <param name="IsPlaced">Whether they have a vGPU all the same.</param>
/// <param name="Reason">What is missing, and why.</param>
public sealed record VgpuAdviceGap(string Tenant, int Count, bool IsPlaced, string Reason)
{
    /// <summary>In words.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Tenant}, {Count} {(Count == 1 ? "VM" : "VMs")}"
            + $"{(IsPlaced ? "" : " without a place")}: {Reason}");
}

/// <summary>A rule that was followed.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Tenants">Tenants that it is about.</param>
/// <param name="Text">The rule.</param>
/// <param name="Source">Where it comes from.</param>
public sealed record VgpuAdviceReason(string Rule, IReadOnlyList<string> Tenants, string Text, string Source)
{
    /// <summary>Tenants that it is about.</summary>
    public IReadOnlyList<string> Tenants { get; init => field = RowList.Of(value); } = RowList.Of(Tenants);

    /// <summary>In words.</summary>
    public override string ToString() => $"{(Tenants.Count == 0 ? "all" : Tenants)}: {Text}";
}

/// <summary>A VM that a tenant names, and the vGPU that it gets; <c>Add-VmVgpu</c> takes it.</summary>
public sealed record VgpuAdviceAssignment : HostObject
{
    /// <summary>The tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Type of its vGPU.</summary>
    public required string VgpuType { get; init; }

    /// <summary>Profile of its GPU instance; null for a time-sliced type.</summary>
    public required string? InstanceProfile { get; init; }

    /// <summary>UUID of the GPU; null where no host has it.</summary>
    public required string? GpuUuid { get; init; }

    /// <summary>Function to name in the VM's entry; null where any will do.</summary>
    public required string? FunctionAddress { get; init; }

    /// <summary>Plugin parameters that the tenant needs: <c>enable_uvm=1</c>; empty for none.</summary>
    public required string Parameter { get; init; }

    /// <summary>The VM and its type.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"VM {VmId}: {VgpuType}");
}
