namespace VgpuPS.Core.Rows;

/// <summary>
/// A vGPU that got another place, as its VM was stopped and started again so that something else fits.
/// </summary>
public sealed record VgpuMoveInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Name of the vGPU type.</summary>
    public required string VgpuType { get; init; }

    /// <summary>Address of the GPU that it was on.</summary>
    public required string FromGpuAddress { get; init; }

    /// <summary>Where its GPU instance was, start and size in memory slices: <c>0:2</c>; null when time-sliced, and
    /// where the instance stays.</summary>
    public required string? FromPlacement { get; init; }

    /// <summary>Address of the GPU that it is on.</summary>
    public required string GpuAddress { get; init; }

    /// <summary>Where its GPU instance is; null when time-sliced.</summary>
    public required string? Placement { get; init; }

    /// <summary>Which of the VMs that were restarted its VM was, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>How many VMs were restarted.</summary>
    public required int Restarts { get; init; }

    /// <summary>Profile or type that fits now.</summary>
    public required string Gain { get; init; }

    /// <summary>Address of the GPU on which it fits.</summary>
    public required string GainGpuAddress { get; init; }

    /// <summary>Where it fits on the GPU; null when time-sliced.</summary>
    public required string? GainPlacement { get; init; }

    /// <summary>The VM and where its vGPU is.</summary>
    public override string ToString() => $"{VmId} {GpuAddress} {Placement}".TrimEnd();
}
