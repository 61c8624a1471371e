using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A VM's hookscript as it is configured.</summary>
public sealed record VgpuHookInfo : HostObject
{
    /// <summary>The VM.</summary>
    [JsonIgnore]
    public int VmId { get; internal set; }

    /// <summary>Its name; null without one.</summary>
    [JsonIgnore]
    public string? VmName { get; internal set; }

    /// <summary>Whether it is our hook.</summary>
    [JsonPropertyName("isVgpuHook"), JsonPropertyOrder(-1)]
    public required bool IsRegistered { get; init; }

    /// <summary>Volume id, such as <c>local:snippets/vgpu-hook</c>; null without a hookscript.</summary>
    [JsonPropertyOrder(-2)]
    public required string? Volume { get; init; }

    /// <summary>Where the volume id leads; null without one, or where it leads nowhere.</summary>
    public required string? Path { get; init; }

    /// <summary>The other hookscript that ours runs for this VM; null for none.</summary>
    public required string? ChainedPath { get; init; }

    /// <summary><c>before</c> or <c>after</c> our own part; null for none.</summary>
    public required string? ChainOrder { get; init; }

    /// <summary>How many vGPUs the VM's configuration requests.</summary>
    [JsonIgnore]
    public int VgpuCount { get; internal set; }

    /// <summary>That of a VM without one.</summary>
    internal static VgpuHookInfo None => new()
    {
        IsRegistered = false,
        Volume = null,
        Path = null,
        ChainedPath = null,
        ChainOrder = null,
    };

    /// <summary>The VM.</summary>
    public override string ToString() => VmId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
