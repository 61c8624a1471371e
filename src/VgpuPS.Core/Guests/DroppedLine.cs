namespace VgpuPS.Core.Guests;

/// <summary>A line of a VM's configuration that Proxmox warns about and leaves out.</summary>
/// <param name="Number">Number of the line, from 1.</param>
/// <param name="Line">The line as it stands.</param>
/// <param name="Section">The section it is in; for an unknown section header, that header's own name.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Key">Its key, or null when none can be read.</param>
/// <param name="Reason">Proxmox's warning without the leading VM number; may have several lines.</param>
/// <remarks>Source: facts/proxmox.md (b), parse_vm_config, and recordings of it.</remarks>
public sealed record DroppedLine(
    int Number, string Line, VmConfigSectionId Section, DroppedLineKind Kind, string? Key, string Reason)
{
    /// <summary>The N when the line was meant as <c>hostpciN</c>, however badly written; else null.</summary>
    public int? HostPciIndex => HostPciGrammar.IndexMeantBy(Line);

    /// <summary>The whole warning, as Proxmox prints it.</summary>
    public string Warning(VmId vm) => $"vm {vm} - {Reason}";
}
