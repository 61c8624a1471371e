namespace VgpuPS.Core.Rows;

/// <summary>A vGPU, running or only prepared.</summary>
public sealed record VgpuInfo : HostObject
{
    /// <summary>UUID of the GPU.</summary>
    public required string GpuUuid { get; init; }

    /// <summary>Address of the GPU.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>The function that it is on.</summary>
    public required string FunctionAddress { get; init; }

    /// <summary>UUID of its mediated device; null with vendor VFIO.</summary>
    public required string? MdevUuid { get; init; }

    /// <summary>Number of its type.</summary>
    public required uint VgpuTypeId { get; init; }

    /// <summary>Name of its type, such as <c>A30-2-12C</c>.</summary>
    public required string VgpuType { get; init; }

    /// <summary>Frame buffer in MiB; 0 when the driver does not know the type.</summary>
    public required long FramebufferMiB { get; init; }

    /// <summary>Frame buffer that the guest uses, in MiB; null where it does not run.</summary>
    public required long? FramebufferUsedMiB { get; init; }

    /// <summary>The GPU instance that it runs on; null when time-sliced, or not running.</summary>
    public required uint? GpuInstanceId { get; init; }

    /// <summary>The VM that it belongs to; null when that is unknown.</summary>
    public required int? VmId { get; init; }

    /// <summary>The VM's name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Whether the driver has it active: its VM runs.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>State of its licence as the host sees it, such as <c>Licensed</c>; null until the guest's driver is up.</summary>
    public required string? LicenseStatus { get; init; }

    /// <summary>When its licence ends; null where none, or permanent.</summary>
    public required DateTimeOffset? LicenseExpiry { get; init; }

    /// <summary>Version of the guest's driver; null until it is up.</summary>
    public required string? GuestDriver { get; init; }

    /// <summary>The function that it is on.</summary>
    public override string ToString() => FunctionAddress;
}
