using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A vGPU that a VM's configuration requests.</summary>
public sealed record VmVgpuInfo : HostObject
{
    /// <summary>The VM.</summary>
    [JsonIgnore]
    public int VmId { get; internal set; }

    /// <summary>Its name; null without one.</summary>
    [JsonIgnore]
    public string? VmName { get; internal set; }

    /// <summary>Its entry, <c>hostpciN</c>.</summary>
    [JsonPropertyOrder(-9)]
    public required string Entry { get; init; }

    /// <summary>Number of the type; null where the line's text is none.</summary>
    [JsonPropertyName("type"), JsonPropertyOrder(-4)]
    public required uint? VgpuTypeId { get; init; }

    /// <summary>Name of the type; null where no GPU of the host knows it.</summary>
    [JsonPropertyName("typeName"), JsonPropertyOrder(-3)]
    public required string? VgpuType { get; init; }

    /// <summary>Frame buffer in MiB; null where no GPU of the host knows the type.</summary>
    [JsonPropertyOrder(-2)]
    public required long? FramebufferMiB { get; init; }

    /// <summary>Name of the GPU instance profile that it needs; null for a time-sliced or unknown type.</summary>
    [JsonPropertyOrder(-1)]
    public required string? Profile { get; init; }

    /// <summary>Address of its virtual function; null with a mapping.</summary>
    [JsonPropertyName("function"), JsonPropertyOrder(-7)]
    public required string? FunctionAddress { get; init; }

    /// <summary>Id of its cluster mapping, of which Proxmox takes a function at the start; null with a
    /// function.</summary>
    [JsonPropertyOrder(-6)]
    public required string? Mapping { get; init; }

    /// <summary>Address of the GPU of its function; null with a mapping, or where no GPU has such a function.</summary>
    [JsonPropertyOrder(-5)]
    public required string? GpuAddress { get; init; }

    /// <summary>Plugin parameters that the configuration has for it, which its next start gets; null for
    /// none.</summary>
    public string? Parameters { get; init; }

    /// <summary>Plugin parameters that the running VM has started with; empty for none, null where it does not run or
    /// the hook did not start it.</summary>
    public string? ActiveParameters { get; init; }

    /// <summary>Whether it is the guest's primary display.</summary>
    [JsonPropertyName("isPrimaryGpu")]
    public required bool PrimaryGpu { get; init; }

    /// <summary>Whether the guest sees a PCI Express device.</summary>
    [JsonPropertyName("isPciExpress")]
    public required bool PciExpress { get; init; }

    /// <summary>
    /// <c>current</c>; <c>pending</c> for what takes effect at the next cold start; <c>removing</c> for what is gone or
    /// replaced by then.
    /// </summary>
    public required string State { get; init; }

    /// <summary>Whether the VM runs.</summary>
    [JsonIgnore]
    public bool IsRunning { get; internal set; }

    /// <summary>Whether our hook is on the VM, which makes what the vGPU needs.</summary>
    [JsonIgnore]
    public bool HasHook { get; internal set; }

    /// <summary>The line's value as it stands.</summary>
    [JsonInclude, JsonRequired, JsonPropertyOrder(-8)]
    internal string Value { get; set; } = "";

    /// <summary>The VM and the entry.</summary>
    public override string ToString() => $"{VmId} {Entry}";
}
