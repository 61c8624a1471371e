using System.Text.Json.Serialization;

namespace VgpuPS.Core.Rows;

/// <summary>A vGPU, running or only prepared.</summary>
public sealed record VgpuInfo : GpuObject
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuUuid { get; internal set; } = "";

    /// <inheritdoc/>
    [JsonIgnore]
    public override string GpuAddress { get; internal set; } = "";

    /// <summary>The function that it is on.</summary>
    [JsonPropertyName("function"), JsonPropertyOrder(-2)]
    public required string FunctionAddress { get; init; }

    /// <summary>UUID of its mediated device; null with vendor VFIO.</summary>
    [JsonPropertyName("uuid"), JsonPropertyOrder(-1)]
    public required string? MdevUuid { get; init; }

    /// <summary>Number of its type.</summary>
    [JsonPropertyName("type"), JsonPropertyOrder(-5)]
    public required uint VgpuTypeId { get; init; }

    /// <summary>Name of its type, such as <c>A30-2-12C</c>.</summary>
    [JsonPropertyName("typeName"), JsonPropertyOrder(-4)]
    public required string VgpuType { get; init; }

    /// <summary>Frame buffer in MiB; 0 when the driver does not know the type.</summary>
    [JsonPropertyOrder(-3)]
    public required long FramebufferMiB { get; init; }

    /// <summary>Frame buffer that the guest uses, in MiB; null where it does not run.</summary>
    [JsonIgnore]
    public long? FramebufferUsedMiB => Guest?.FramebufferUsedMiB;

    /// <summary>The GPU instance that it runs on; null when time-sliced, or not running.</summary>
    public required uint? GpuInstanceId { get; init; }

    /// <summary>The VM that it belongs to; null when that is unknown.</summary>
    [JsonPropertyOrder(-6)]
    public required int? VmId { get; init; }

    /// <summary>The VM's name; null without one.</summary>
    [JsonIgnore]
    public string? VmName { get; internal set; }

    /// <summary>Whether the driver has it active: its VM runs.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>State of its licence as the host sees it, such as <c>Licensed</c>; null until the guest's driver is
    /// up.</summary>
    [JsonIgnore]
    public string? LicenseStatus => Guest?.LicenseStatus;

    /// <summary>When its licence ends; null where none, or permanent.</summary>
    [JsonIgnore]
    public DateTimeOffset? LicenseExpiry => Guest?.LicenseExpiry;

    /// <summary>Version of the guest's driver; null until it is up.</summary>
    [JsonIgnore]
    public string? GuestDriver => Guest?.DriverVersion;

    /// <summary>What the driver sees of its guest; null where it does not run.</summary>
    [JsonInclude, JsonRequired]
    internal VgpuGuestReport? Guest { get; set; }

    /// <summary>The function that it is on.</summary>
    public override string ToString() => FunctionAddress;
}

/// <summary>What the host's driver sees of the guest behind a running vGPU.</summary>
/// <param name="FramebufferUsedMiB">Frame buffer in use, in MiB; null when unknown.</param>
/// <param name="DriverVersion">Version of the guest's driver; null until it is up.</param>
/// <param name="LicenseStatus">State of its licence, such as <c>Licensed</c>; null until its driver is up.</param>
/// <param name="LicenseExpiry">When its licence ends; null for none, a permanent one, or when unknown.</param>
public sealed record VgpuGuestReport(
    long? FramebufferUsedMiB, string? DriverVersion, string? LicenseStatus, DateTimeOffset? LicenseExpiry);
