namespace VgpuPS.Core.Rows;

/// <summary>Whether a VM of a host that is gone would start on one of the others.</summary>
public sealed record VmRelocationInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Whether it runs now; null where its host cannot be asked.</summary>
    public required bool? IsRunning { get; init; }

    /// <summary>Types of its vGPUs.</summary>
    public required IReadOnlyList<string> VgpuTypes { get; init => field = RowList.Of(value); }

    /// <summary>Its memory in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>Whether it would start elsewhere, beside all that runs there and all that came before it.</summary>
    public required bool Fits { get; init; }

    /// <summary>The host where it would; null for none.</summary>
    public required string? Target { get; init; }

    /// <summary>Addresses of the GPUs there.</summary>
    public required IReadOnlyList<string> TargetGpu { get; init => field = RowList.Of(value); }

    /// <summary>Why it would not, host by host; null where it would.</summary>
    public required string? Reason { get; init; }

    /// <summary>The VM and where it goes.</summary>
    public override string ToString() => Target is null ? $"{VmId} nowhere" : $"{VmId} on {Target}";
}
