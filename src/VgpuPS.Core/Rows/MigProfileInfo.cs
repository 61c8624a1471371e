using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A size in which a GPU can be cut.</summary>
public sealed record MigProfileInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>Its name, such as <c>2g.12gb</c>.</summary>
    [JsonPropertyName("name"), JsonPropertyOrder(-5)]
    public required string Profile { get; init; }

    /// <summary>Its number, as nvidia-smi prints it.</summary>
    [JsonPropertyName("id"), JsonPropertyOrder(-6)]
    public required uint ProfileId { get; init; }

    /// <summary>How many can still be made; 0 with MIG mode off.</summary>
    [JsonIgnore]
    public int Free { get; internal set; }

    /// <summary>How many fit on an empty GPU.</summary>
    [JsonPropertyName("maxInstances"), JsonPropertyOrder(-1)]
    public required int Total { get; init; }

    /// <summary>Memory in MiB.</summary>
    [JsonPropertyOrder(-3)]
    public required long MemoryMiB { get; init; }

    /// <summary>Compute slices.</summary>
    [JsonPropertyOrder(-4)]
    public required int ComputeSlices { get; init; }

    /// <summary>Memory slices; 0 where the driver reports no placements (MIG mode off).</summary>
    [JsonIgnore]
    public int MemorySlices => Placements.Count == 0 ? 0 : Placements[0].Size;

    /// <summary>SMs.</summary>
    [JsonPropertyOrder(-2)]
    public required int Multiprocessors { get; init; }

    /// <summary>Copy engines.</summary>
    [JsonIgnore]
    public int CopyEngines => Engines.Copy;

    /// <summary>Video decoders (NVDEC).</summary>
    [JsonIgnore]
    public int Decoders => Engines.Decoder;

    /// <summary>Video encoders (NVENC).</summary>
    [JsonIgnore]
    public int Encoders => Engines.Encoder;

    /// <summary>JPEG decoders.</summary>
    [JsonIgnore]
    public int JpegEngines => Engines.Jpeg;

    /// <summary>Optical flow engines (OFA).</summary>
    [JsonIgnore]
    public int OpticalFlowEngines => Engines.OpticalFlow;

    /// <summary>vGPU types that run on an instance of it, by name.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> VgpuTypes { get; internal set => field = RowList.Of(value); } = RowList.Of<string>([]);

    [JsonInclude, JsonRequired]
    internal EngineCounts Engines { get; set; } = new(0, 0, 0, 0, 0);

    /// <summary>Whether it needs the media engines, which one instance of a GPU can have.</summary>
    [JsonInclude]
    internal bool TakesMedia { get; set; }

    /// <summary>Where it may sit, in the driver's order; none where the driver reports none (MIG mode off).</summary>
    [JsonInclude, JsonRequired]
    internal IReadOnlyList<MigPlacementInfo> Placements { get; set; } = [];

    internal void Stamp(string host)
    {
        foreach (var place in Placements)
        {
            (place.GpuUuid, place.GpuAddress, place.Profile) = (GpuUuid, GpuAddress, Profile);
            place.VgpuHost = host;
        }
    }

    /// <summary>Its name.</summary>
    public override string ToString() => Profile;
}
