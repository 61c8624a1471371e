namespace VgpuPS.Core.Guests;

/// <summary>Kinds of sections in a VM's configuration.</summary>
public enum VmConfigSectionKind
{
    /// <summary>The lines before the first bracket line: what is in effect.</summary>
    Main,

    /// <summary><c>[PENDING]</c>: changes that wait for the next cold start.</summary>
    Pending,

    /// <summary><c>[special:cloudinit]</c> or <c>[special:fleecing]</c>.</summary>
    Special,

    /// <summary>A snapshot.</summary>
    Snapshot,

    /// <summary>Any other bracket line; its lines are skipped.</summary>
    Unknown,
}
