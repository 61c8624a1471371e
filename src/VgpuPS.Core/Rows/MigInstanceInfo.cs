using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A GPU instance.</summary>
public sealed record MigInstanceInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>Its id on the GPU.</summary>
    [JsonPropertyName("id")]
    public required uint GpuInstanceId { get; init; }

    /// <summary>Name of its profile, such as <c>2g.12gb</c>.</summary>
    public required string Profile { get; init; }

    /// <summary>The profile's number, as nvidia-smi prints it.</summary>
    public required uint ProfileId { get; init; }

    /// <summary>Start and size in memory slices, such as <c>0:2</c>.</summary>
    [JsonIgnore]
    public string Placement => Place.ToString();

    [JsonInclude, JsonRequired, JsonPropertyName("placement")]
    internal Placement Place { get; set; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Names of its compute instances' profiles, ascending id.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> ComputeInstances => RowList.Of<string>([.. Compute.Select(c => c.ComputeProfile)]);

    [JsonInclude, JsonRequired, JsonPropertyName("computeInstances")]
    internal IReadOnlyList<MigComputeInstanceInfo> Compute { get; set; } = [];

    /// <summary>VMs with a running vGPU on it, ascending; several can share one on some GPUs.</summary>
    public required IReadOnlyList<int> VmIds { get; init => field = RowList.Of(value); }

    /// <summary>Whether the hook made it, and destroys it when it is no longer needed.</summary>
    public required bool IsMadeByHook { get; init; }

    internal void Stamp(string host)
    {
        foreach (var compute in Compute)
        {
            (compute.GpuUuid, compute.GpuAddress) = (GpuUuid, GpuAddress);
            (compute.GpuInstanceId, compute.VmIds) = (GpuInstanceId, VmIds);
            compute.VgpuHost = host;
        }
    }

    /// <summary>Its id.</summary>
    public override string ToString() => GpuInstanceId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
