using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A GPU.</summary>
public sealed record GpuInfo : HostObject
{
    /// <summary>Position among the GPUs that NVIDIA's driver has, from 0, ascending address; -1 for one that it does
    /// not have.</summary>
    [JsonPropertyName("index"), JsonPropertyOrder(-9)]
    public required int GpuIndex { get; init; }

    /// <summary>Its UUID, <c>GPU-…</c>; empty where NVIDIA's driver does not have it.</summary>
    [JsonPropertyName("uuid"), JsonPropertyOrder(-7)]
    public required string GpuUuid { get; init; }

    /// <summary>Its address, sysfs form.</summary>
    [JsonPropertyName("address"), JsonPropertyOrder(-8)]
    public required string GpuAddress { get; init; }

    /// <summary>Its model as the driver names it.</summary>
    [JsonPropertyOrder(-6)]
    public required string Model { get; init; }

    /// <summary>Memory in MiB.</summary>
    [JsonPropertyOrder(-5)]
    public required long MemoryMiB { get; init; }

    /// <summary>Driver that has it, <c>nvidia</c> where all of it is known; null for none.</summary>
    [JsonIgnore]
    public string? Driver { get; set; } = "nvidia";

    /// <summary>NUMA node; null when the host has none.</summary>
    [JsonPropertyOrder(-4)]
    public required int? NumaNode { get; init; }

    /// <summary>Whether MIG mode is on; null on a GPU without MIG.</summary>
    [JsonIgnore]
    public bool? MigCurrent => Mig?.Current;

    /// <summary>Whether MIG mode will be on after the next reset; null on a GPU without MIG.</summary>
    [JsonIgnore]
    public bool? MigPending => Mig?.Pending;

    /// <summary>Virtual functions that it can have; 0 without SR-IOV.</summary>
    public required int TotalFunctions { get; init; }

    /// <summary>Virtual functions that it has.</summary>
    public required int EnabledFunctions { get; init; }

    /// <summary>Functions that a further VM can have: without a vGPU, and named by no VM's configuration.</summary>
    [JsonIgnore]
    public int FreeFunctions => Functions.Count(f => f.IsFree);

    /// <summary><c>mdev</c>, <c>vendorVfio</c>, or <c>none</c> where no function reports it yet.</summary>
    [JsonPropertyOrder(-1)]
    public required string Backend { get; init; }

    /// <summary>Whether time-sliced vGPUs of several sizes may share it; null where it cannot do that.</summary>
    [JsonIgnore]
    public bool? MixedSizes => CanMixSizes ? HasMixedSizes : null;

    /// <summary>Memory slices that GPU instances sit on; 0 with MIG mode off.</summary>
    [JsonPropertyOrder(-2)]
    public required int MemorySlices { get; init; }

    /// <summary>Memory slices without a GPU instance; 0 with MIG mode off.</summary>
    [JsonIgnore]
    public int FreeSlices => MemorySlices - Instances.Sum(i => i.Place.Size);

    /// <summary>
    /// What may still be made on it: with MIG mode on profiles of GPU instances with a free placement, else vGPU types.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<string> Creatable => RowList.Of<string>(MigCurrent == true
        ? [.. Profiles.Where(p => p.Free > 0).Select(p => p.Profile)]
        : [.. Types.Where(t => t.IsCreatable).Select(t => t.VgpuType)]);

    /// <summary>GPU instances on it.</summary>
    [JsonIgnore]
    public int InstanceCount => Instances.Count;

    /// <summary>vGPUs on it, running or prepared.</summary>
    [JsonIgnore]
    public int VgpuCount => Vgpus.Count;

    /// <summary>VMs with a vGPU on it, ascending.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> VmIds =>
        RowList.Of<int>([.. Vgpus.Select(v => v.VmId).OfType<int>().Distinct().Order()]);

    /// <summary>MIG mode now and after the next reset; null on a GPU without MIG.</summary>
    [JsonInclude, JsonRequired, JsonPropertyOrder(-3)]
    internal MigReport? Mig { get; set; }

    /// <summary>Whether time-sliced vGPUs of several sizes may share it.</summary>
    [JsonInclude, JsonPropertyName("mixedSizes")]
    internal bool HasMixedSizes { get; set; }

    /// <summary>Whether the driver can mix sizes on it at all.</summary>
    [JsonInclude]
    internal bool CanMixSizes { get; set; }

    /// <summary>Scheduler of time-sliced vGPUs; null where the driver has none for it.</summary>
    [JsonInclude, JsonRequired]
    internal VgpuSchedulerInfo? Scheduler { get; set; }

    /// <summary>Profiles of GPU instances in the driver's order; empty without MIG.</summary>
    [JsonInclude, JsonRequired]
    internal IReadOnlyList<MigProfileInfo> Profiles { get; set; } = [];

    /// <summary>GPU instances, ascending placement.</summary>
    [JsonInclude, JsonRequired]
    internal IReadOnlyList<MigInstanceInfo> Instances { get; set; } = [];

    /// <summary>Functions, ascending index.</summary>
    [JsonInclude, JsonRequired]
    internal IReadOnlyList<SriovFunctionInfo> Functions { get; set; } = [];

    /// <summary>vGPUs, running or only prepared, in the order of their functions.</summary>
    [JsonInclude, JsonRequired]
    internal IReadOnlyList<VgpuInfo> Vgpus { get; set; } = [];

    /// <summary>vGPU types that the GPU knows, ascending number.</summary>
    [JsonInclude, JsonRequired]
    internal IReadOnlyList<VgpuTypeInfo> Types { get; set; } = [];

    internal void Stamp(string host)
    {
        VgpuHost = host;
        IEnumerable<GpuObject?> rows = [.. Profiles, .. Instances, .. Functions, .. Vgpus, .. Types, Scheduler];
        foreach (var row in rows.OfType<GpuObject>())
        {
            (row.VgpuHost, row.GpuUuid, row.GpuAddress) = (host, GpuUuid, GpuAddress);
        }

        foreach (var profile in Profiles)
        {
            profile.Stamp(host);
        }

        foreach (var instance in Instances)
        {
            instance.Stamp(host);
        }

        MigCapacity.Fill(this);
    }

    /// <summary>The GPU's UUID: what names it everywhere.</summary>
    public override string ToString() => GpuUuid;
}

/// <summary>MIG mode of a GPU.</summary>
/// <param name="Current">Whether it is on.</param>
/// <param name="Pending">Whether it will be on after the next reset.</param>
public sealed record MigReport(bool Current, bool Pending);
