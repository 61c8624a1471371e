namespace VgpuPS.Core.Rows;

/// <summary>What one check of a migration came to; the last row of a VM is the sum of all.</summary>
public sealed record VmVgpuMigrationInfo : HostObject
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>Its name; null without one.</summary>
    public required string? VmName { get; init; }

    /// <summary>The node that it is on.</summary>
    public required string Source { get; init; }

    /// <summary>The node that it is to go to.</summary>
    public required string Target { get; init; }

    /// <summary>The check, such as <c>DriverVersion</c>; <c>Migration</c> for the sum.</summary>
    public required string Check { get; init; }

    /// <summary><c>Passed</c>, <c>Warning</c>, <c>Failed</c>, <c>Skipped</c> for what does not apply, or
    /// <c>Unknown</c> for what cannot be known.</summary>
    public required string Verdict { get; init; }

    /// <summary>Whether it does not keep the VM from migrating.</summary>
    public bool Passed => Verdict != "Failed";

    /// <summary>What was compared, and what is wrong.</summary>
    public required string Reason { get; init; }

    /// <summary>What to do, with a command; null where nothing is wrong.</summary>
    public required string? RecommendedAction { get; init; }

    /// <summary>The check and its verdict.</summary>
    public override string ToString() => $"{Check}: {Verdict}";
}
