namespace VgpuPS.Core.Guests;

/// <summary>Why Proxmox leaves a line of a VM's configuration out.</summary>
public enum DroppedLineKind
{
    /// <summary>The line has not the form <c>key: value</c>.</summary>
    Unparseable,

    /// <summary>The key is known, and its value is not.</summary>
    BadValue,

    /// <summary>The key is not known in this section.</summary>
    UnknownKey,

    /// <summary>The line opens a section that Proxmox does not know; the lines below it are skipped silently.</summary>
    UnknownSection,

    /// <summary>A <c>delete:</c> line outside of the pending section.</summary>
    MisplacedDelete,
}
