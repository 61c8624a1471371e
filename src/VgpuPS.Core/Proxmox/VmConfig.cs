namespace VgpuPS.Core.Proxmox;

/// <summary>A VM's configuration as Proxmox reads it.</summary>
/// <param name="Main">What is in effect.</param>
/// <param name="Pending">What waits for the next cold start; empty without such a section.</param>
/// <param name="Snapshots">Snapshots by name.</param>
/// <param name="SpecialSections">The special sections by name, without <c>special:</c>.</param>
/// <param name="Dropped">What Proxmox warns about and leaves out, in the order of the file.</param>
/// <remarks>Source: facts/proxmox.md (b), parse_vm_config.</remarks>
public sealed record VmConfig(
    VmConfigSection Main,
    VmConfigSection Pending,
    IReadOnlyDictionary<string, VmConfigSection> Snapshots,
    IReadOnlyDictionary<string, VmConfigSection> SpecialSections,
    IReadOnlyList<DroppedLine> Dropped)
{
    /// <summary>The <c>hostpciN</c> entries in effect, in ascending index.</summary>
    public IReadOnlyList<HostPciEntry> HostPci => Main.HostPci;

    /// <summary>
    /// The configuration as the next cold start uses it: what is pending is in effect. A line that is dropped from the
    /// pending section counts as one of the main section.
    /// </summary>
    /// <remarks>
    /// Source: facts/proxmox.md (b), vmconfig_apply_pending: keys are deleted first, then set, before pre-start.
    /// </remarks>
    public VmConfig AtNextStart => Pending is { Values.Count: 0, DeleteText: null, Description: null }
        ? this : ApplyPending();

    /// <summary>The entry of that index at the next cold start: what is pending counts; null for none.</summary>
    public HostPciEntry? NextHostPciAt(int index) => AtNextStart.Main.HostPciAt(index);

    /// <summary>The <c>hostpciN</c> entries at the next cold start, ascending index.</summary>
    public IReadOnlyList<HostPciEntry> NextHostPci => AtNextStart.HostPci;

    /// <summary>A key's value at the next cold start; null for none.</summary>
    public string? NextValue(string key) => AtNextStart.Main[key];

    /// <summary>Lines of the main section that were meant as <c>hostpciN</c>, with N or without, and are
    /// dropped.</summary>
    public IReadOnlyList<DroppedLine> DroppedHostPci =>
    [
        .. Dropped.Where(line => line.Section.Kind == VmConfigSectionKind.Main
            && line.Line.Contains(HostPciGrammar.KeyPrefix, StringComparison.OrdinalIgnoreCase)),
    ];

    /// <summary>The VM's name, or null.</summary>
    public string? Name => Main["name"];

    /// <summary>The operation that blocks others, such as <c>backup</c>, or null; not the file lock.</summary>
    public string? Lock => Main["lock"];

    /// <summary>Volume id of the hookscript, or null.</summary>
    public string? HookScript => Main["hookscript"];

    /// <summary>Free arguments for QEMU, or null.</summary>
    public string? Args => Main["args"];

    /// <summary>Machine type, or null for the default.</summary>
    public string? Machine => Main["machine"];

    /// <summary>Whether the machine has PCI Express, which <c>pcie=1</c> of an entry needs.</summary>
    /// <remarks>Source: recording grammar-forms: <c>q35 machine model is not enabled</c>; machine_type_is_q35 looks for
    /// the text in the type.</remarks>
    public bool IsQ35 => Property(Machine, "type", isDefault: true)?.Contains("q35", StringComparison.Ordinal) ?? false;

    /// <summary>The <c>smbios1</c> property string, or null.</summary>
    public string? Smbios => Main["smbios1"];

    /// <summary>The UUID within <c>smbios1</c>, or null.</summary>
    public string? SmbiosUuid => Property(Smbios, "uuid");

    /// <summary>Whether this is a template, which Proxmox does not start.</summary>
    public bool IsTemplate => Main["template"] == "1";

    /// <summary>Memory in MiB; null when the line is missing or unreadable, where Proxmox takes 512.</summary>
    /// <remarks>Source: assumed: either the number alone or <c>current=</c> (pve-docs, qm.conf).</remarks>
    public long? MemoryMiB =>
        long.TryParse(
            Property(Main["memory"], "current", isDefault: true), NumberStyles.None, CultureInfo.InvariantCulture,
            out var mib)
            ? mib
            : null;

    private VmConfig ApplyPending() => this with
    {
        Main = Main.With(Pending),
        Pending = Pending with
        {
            Values = new Dictionary<string, string>(),
            HostPci = [],
            Description = null,
            DeleteText = null,
        },
        Dropped =
        [
            .. Dropped.Select(d => d.Section.Kind == VmConfigSectionKind.Pending ? d with { Section = Main.Id } : d),
        ],
    };

    private static string? Property(string? value, string key, bool isDefault = false)
    {
        foreach (var part in value?.Split(',') ?? [])
        {
            if (part.StartsWith(key + "=", StringComparison.Ordinal))
            {
                return part[(key.Length + 1)..];
            }

            if (isDefault && part.Length > 0 && !part.Contains('=', StringComparison.Ordinal))
            {
                return part;
            }
        }

        return null;
    }
}

/// <summary>A line of a VM's configuration that Proxmox warns about and leaves out.</summary>
/// <param name="Number">Number of the line, from 1.</param>
/// <param name="Line">The line as it stands.</param>
/// <param name="Section">The section it is in; for an unknown section header, that header's own name.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Reason">Proxmox's warning without the leading VM number; may have several lines.</param>
/// <remarks>Source: facts/proxmox.md (b), parse_vm_config, and recordings of it.</remarks>
public sealed record DroppedLine(
    int Number, string Line, VmConfigSectionId Section, DroppedLineKind Kind, string Reason)
{
    /// <summary>The N when the line was meant as <c>hostpciN</c>, however badly written; else null.</summary>
    public int? HostPciIndex => HostPciGrammar.IndexMeantBy(Line);

    /// <summary>The whole warning, as Proxmox prints it.</summary>
    public string Warning(VmId vm) => $"vm {vm} - {Reason}";
}

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

    /// <summary>The line opens a section again; what the first one held is gone.</summary>
    DuplicateSection,

    /// <summary>A <c>delete:</c> line outside of the pending section.</summary>
    MisplacedDelete,
}
