namespace VgpuPS.Core.Proxmox;

/// <summary>The cluster's mappings of PCI devices.</summary>
/// <param name="ById">Mappings by id.</param>
/// <param name="Warnings">What Proxmox would say about lines that it drops, in the order of the file.</param>
/// <remarks>
/// Source: facts/proxmox.md (c), /etc/pve/mapping/pci.cfg. Assumed: the text of the warnings; that of two sections with
/// the same id the last counts; that a repeated flag keeps its first value.
/// </remarks>
public sealed record PciMappings(IReadOnlyDictionary<string, PciMapping> ById, IReadOnlyList<string> Warnings)
{
    private static readonly Dictionary<string, PropertyRule> s_mapRules = new(StringComparer.Ordinal)
    {
        ["node"] = PropertyRule.Matching(static value => value.All(IsNodeCharacter)),
        ["path"] = PropertyRule.Matching(static value => value.Split(';').All(HostPciGrammar.IsHostId)),
        ["id"] = PropertyRule.Matching(IsIdPair),
        ["subsystem-id"] = PropertyRule.Matching(IsIdPair),
        ["iommugroup"] = PropertyRule.Number,
        ["description"] = PropertyRule.AnyText,
    };

    /// <summary>No mappings: what a cluster without the file has.</summary>
    public static PciMappings None { get; } = new(new Dictionary<string, PciMapping>(), []);

    /// <summary>Reads the file.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 1 MiB.</exception>
    public static PciMappings Read(ReadOnlySpan<byte> raw)
    {
        var warnings = new List<string>();
        var mappings = new Dictionary<string, PciMapping>(StringComparer.Ordinal);
        foreach (var section in SectionConfig.Read(raw, "the file of PCI mappings", Header))
        {
            if (PropertyRule.IsConfigurationId(section.Id))
            {
                mappings[section.Id] = MappingOf(section, warnings);
            }
            else
            {
                warnings.Add($"skip section '{section.Id}': invalid configuration ID '{section.Id}'");
            }
        }

        return new PciMappings(mappings, warnings);
    }

    /// <summary>Whether Proxmox takes a text for the name of a mapping: a letter, then letters, digits, <c>_</c> or
    /// <c>-</c>, two characters at least.</summary>
    /// <remarks>Source: PVE::JSONSchema, pve_verify_configid.</remarks>
    public static bool IsName(string text) => PropertyRule.IsConfigurationId(text);

    /// <summary>Refuses a name that no mapping has.</summary>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    public static void RequireName(string name)
    {
        if (!IsName(name))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidMappingName,
                $"'{name}' is not a name that Proxmox takes for a mapping: a letter, then letters, digits, '_' or '-'",
                "name it otherwise, such as gpu-a30", name);
        }
    }

    /// <summary>The mapping of that id, or null.</summary>
    public PciMapping? Find(string id) => ById.GetValueOrDefault(id);

    /// <summary>Reads the value of one <c>map</c> line.</summary>
    /// <returns>The entry, or null with Proxmox's complaint.</returns>
    public static (PciMappingEntry? Entry, string? Error) ParseEntry(string value)
    {
        var (map, error) = PropertyString.Parse(value, s_mapRules, null, "node", "path", "id");
        return map is null
            ? (null, error)
            : (new PciMappingEntry(
                map["node"], map["path"], map["id"], map.GetValueOrDefault("subsystem-id"),
                map.GetValueOrDefault("iommugroup"))
            {
                Description = map.GetValueOrDefault("description"),
            }, null);
    }

    private static PciMapping MappingOf(SectionConfig.SectionDraft section, List<string> warnings)
    {
        var entries = new List<PciMappingEntry>();
        var flags = new Dictionary<string, bool>(StringComparer.Ordinal);
        string? description = null;
        foreach (var (key, value) in section.Properties)
        {
            string? error = null;
            switch (key)
            {
                case "map":
                    (var entry, error) = ParseEntry(value);
                    entries.AddRange(entry is null ? [] : [entry]);
                    break;
                case "mdev" or "live-migration-capable":
                    error = PveText.Boolean(value) is not { } flag ? $"type check ('boolean') failed - got '{value}'"
                        : flags.TryAdd(key, flag) ? null
                        : "duplicate attribute";
                    break;
                case "description":
                    error = description is null ? null : "duplicate attribute";
                    description ??= value;
                    break;
                default:
                    error = $"unexpected property '{key}'";
                    break;
            }

            if (error is not null)
            {
                warnings.Add($"section '{section.Id}' - unable to parse value of '{key}': {error}");
            }
        }

        return new PciMapping(
            section.Id, entries, flags.GetValueOrDefault("mdev"), flags.GetValueOrDefault("live-migration-capable"))
        {
            Description = description,
        };
    }

    private static (string Type, string Id)? Header(string line) =>
        !PveText.IsBlank(line[0]) && PveText.Words(line) is [var id] ? ("pci", id) : null;

    private static bool IsNodeCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c == '-';

    private static bool IsIdPair(string value) =>
        value.Length == 9 && value[4] == ':' && value.Remove(4, 1).All(char.IsAsciiHexDigit);
}

/// <summary>A node of a Proxmox cluster.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its address in the cluster's network; null where unknown.</param>
/// <param name="IsOnline">Whether the cluster sees it.</param>
public sealed record ClusterNode(string Name, string? Address, bool IsOnline);
