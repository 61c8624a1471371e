using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A compute instance within a GPU instance.</summary>
public sealed record MigComputeInstanceInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>Id of the GPU instance.</summary>
    [JsonIgnore]
    public uint GpuInstanceId { get; internal set; }

    /// <summary>Its id within the GPU instance.</summary>
    [JsonPropertyName("id")]
    public required uint ComputeInstanceId { get; init; }

    /// <summary>Name of its profile: <c>1c.2g.12gb</c>, or the GPU instance's where it fills it.</summary>
    [JsonPropertyName("profile")]
    public required string ComputeProfile { get; init; }

    /// <summary>Compute slices.</summary>
    public required int ComputeSlices { get; init; }

    /// <summary>SMs.</summary>
    public required int Multiprocessors { get; init; }

    /// <summary>VMs with a running vGPU on the GPU instance, ascending.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> VmIds { get; internal set => field = RowList.Of(value); } = RowList.Of<int>([]);

    /// <summary>Its id.</summary>
    public override string ToString() => ComputeInstanceId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
