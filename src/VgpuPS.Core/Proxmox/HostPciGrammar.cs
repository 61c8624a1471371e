using System.Text.RegularExpressions;

namespace VgpuPS.Core.Proxmox;

/// <summary>The grammar of <c>hostpciN</c> values.</summary>
/// <remarks>
/// Source: facts/proxmox.md (b), and recordings of qemu-server 8.4.10 and 9.2.6. Assumed: the function of an address is
/// one hex digit, and a ROM file name has no <c>;</c>.
/// </remarks>
public static partial class HostPciGrammar
{
    /// <summary>Number of <c>hostpciN</c> entries that a VM can have.</summary>
    public const int EntryCount = 16;

    /// <summary>What the keys of passed-through devices begin with.</summary>
    public const string KeyPrefix = "hostpci";

    private static readonly PropertyRule s_idWord = PropertyRule.Matching(static value => PciWord().IsMatch(value));

    private static readonly Dictionary<string, PropertyRule> s_common = new(StringComparer.Ordinal)
    {
        ["host"] = PropertyRule.Matching(IsHostList),
        ["mdev"] = PropertyRule.Matching(static value => value.AsSpan().IndexOfAny('/', '.', ':') < 0),
        ["pcie"] = PropertyRule.Boolean,
        ["rombar"] = PropertyRule.Boolean,
        ["x-vga"] = PropertyRule.Boolean,
        ["legacy-igd"] = PropertyRule.Boolean,
        ["romfile"] = PropertyRule.Matching(static value => !value.Contains(';', StringComparison.Ordinal)),
        ["vendor-id"] = s_idWord,
        ["device-id"] = s_idWord,
        ["sub-vendor-id"] = s_idWord,
        ["sub-device-id"] = s_idWord,
    };

    private static readonly Dictionary<string, PropertyRule> s_withMapping =
        new(s_common, StringComparer.Ordinal) { ["mapping"] = PropertyRule.ConfigurationId };

    private static readonly Dictionary<string, PropertyRule> s_withDriver =
        new(s_withMapping, StringComparer.Ordinal) { ["driver"] = PropertyRule.OneOf("vfio", "keep") };

    /// <summary>Reads the value of a <c>hostpciN</c> line.</summary>
    /// <param name="index">The N.</param>
    /// <param name="value">The text after the colon, without blanks at either end.</param>
    /// <param name="generation">The qemu-server that reads it.</param>
    public static HostPciParse Parse(int index, string value, PveGeneration generation)
    {
        var rules = generation.KnowsDriverKey ? s_withDriver : generation.KnowsMapping ? s_withMapping : s_common;
        var (properties, error) = PropertyString.Parse(value, rules, "host");
        return properties is null
            ? new HostPciParse(null, error)
            : new HostPciParse(new HostPciEntry(index, value, properties), null);
    }

    /// <summary>Whether the text is <c>[dddd:]bb:dd[.f]</c> in lower-case hex.</summary>
    /// <remarks>Source: facts/proxmox.md (b): the domain has four digits or more.</remarks>
    public static bool IsHostId(string text) => HostId().IsMatch(text);

    /// <summary>The N of a key <c>hostpciN</c> that Proxmox knows, or null.</summary>
    public static int? IndexOf(string key) =>
        key.StartsWith(KeyPrefix, StringComparison.Ordinal)
        && int.TryParse(key.AsSpan(KeyPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && index < EntryCount && key == KeyPrefix + index.ToString(CultureInfo.InvariantCulture)
            ? index
            : null;

    /// <summary>The N that a user meant by a line, however Proxmox reads it, or null.</summary>
    /// <param name="line">A line, perhaps with leading blanks, capitals or blanks before the colon.</param>
    public static int? IndexMeantBy(string line)
    {
        var match = Meant().Match(line);
        return match.Success && int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var index)
            ? index
            : null;
    }

    private static bool IsHostList(string value) => value.Split(';').All(IsHostId);

    [GeneratedRegex(@"^(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\.[a-f0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostId();

    [GeneratedRegex(@"^0x[0-9a-fA-F]{4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PciWord();

    [GeneratedRegex(@"^\s*hostpci([0-9]{1,9})\s*:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Meant();
}

/// <summary>Outcome of reading one <c>hostpciN</c> value: an entry, or the reason why Proxmox drops the line.</summary>
/// <param name="Entry">The entry, or null.</param>
/// <param name="Error">Proxmox's text, which may have several lines; null when there is an entry.</param>
public sealed record HostPciParse(HostPciEntry? Entry, string? Error);
