namespace VgpuPS.Core.Rows;

/// <summary>A VM's hookscript as it is configured.</summary>
public sealed record VgpuHookInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>Whether it is our hook.</summary>
    public required bool IsRegistered { get; init; }

    /// <summary>Volume id, such as <c>local:snippets/vgpu-hook</c>; null without a hookscript.</summary>
    public required string? Volume { get; init; }

    /// <summary>Where the volume id leads; null without one, or where it leads nowhere.</summary>
    public required string? Path { get; init; }

    /// <summary>The other hookscript that ours runs for this VM; null for none.</summary>
    public required string? ChainedPath { get; init; }

    /// <summary><c>before</c> or <c>after</c> our own part; null for none.</summary>
    public required string? ChainOrder { get; init; }

    /// <summary>How many vGPUs the VM's configuration requests.</summary>
    public required int VgpuCount { get; init; }

    /// <summary>The VM.</summary>
    public override string ToString() => VmId.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
