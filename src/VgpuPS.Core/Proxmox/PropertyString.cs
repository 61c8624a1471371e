namespace VgpuPS.Core.Proxmox;

/// <summary>Proxmox's comma-separated lists of <c>key=value</c>.</summary>
/// <remarks>
/// Source: recordings of parse_property_string in qemu-server 8.4.10 and 9.2.6. Assumed: several complaints about one
/// value come in ordinal order of their keys.
/// </remarks>
internal static class PropertyString
{
    /// <summary>Reads a property string.</summary>
    /// <param name="text">The text.</param>
    /// <param name="rules">The keys that may occur.</param>
    /// <param name="defaultKey">The key that a value without one belongs to; null when every value needs a key.</param>
    /// <param name="required">Keys that must occur.</param>
    /// <returns>The properties, or null with Proxmox's complaint.</returns>
    public static (IReadOnlyDictionary<string, string>? Properties, string? Error) Parse(
        string text, IReadOnlyDictionary<string, PropertyRule> rules, string? defaultKey, params string[] required)
    {
        var properties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            if (PveText.IsBlank(part))
            {
                continue;
            }

            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals == 0 || equals == part.Length - 1)
            {
                return (null, "missing key in comma-separated list property");
            }

            var key = equals < 0 ? defaultKey : part[..equals];
            if (key is null)
            {
                return (null, "value without key, but schema does not define a default key");
            }

            if (!properties.TryAdd(key, Normalized(rules, key, part[(equals + 1)..])))
            {
                return (null, $"duplicate key in comma-separated list property: {key}");
            }
        }

        var complaints = properties
            .Select(property => (property.Key, Text: Complaint(rules, property.Key, property.Value)))
            .Concat(required.Where(key => !properties.ContainsKey(key))
                .Select(key => (Key: key, Text: (string?)"property is missing and it is not optional")))
            .Where(complaint => complaint.Text is not null)
            .OrderBy(complaint => complaint.Key, StringComparer.Ordinal)
            .Select(complaint => $"\n{complaint.Key}: {complaint.Text}")
            .ToList();
        return complaints.Count > 0 ? (null, "format error" + string.Concat(complaints)) : (properties, null);
    }

    private static string Normalized(IReadOnlyDictionary<string, PropertyRule> rules, string key, string value) =>
        rules.TryGetValue(key, out var rule) && rule.IsBoolean && PveText.Boolean(value) is { } flag
            ? flag ? "1" : "0"
            : value;

    private static string? Complaint(IReadOnlyDictionary<string, PropertyRule> rules, string key, string value)
    {
        if (!rules.TryGetValue(key, out var rule))
        {
            return "property is not defined in schema and the schema does not allow additional properties";
        }

        return rule.IsBoolean && PveText.Boolean(value) is null
            ? $"type check ('boolean') failed - got '{value}'"
            : rule.Check(value);
    }
}

/// <summary>What one key of a property string may hold.</summary>
/// <param name="IsBoolean">Whether the value is a boolean.</param>
/// <param name="Check">Gives the complaint about a text value, or null when it is right.</param>
internal sealed record PropertyRule(bool IsBoolean, Func<string, string?> Check)
{
    private const string PatternComplaint = "value does not match the regex pattern";

    public static PropertyRule Boolean { get; } = new(true, static _ => null);

    public static PropertyRule AnyText { get; } = new(false, static _ => null);

    /// <summary>Text of a certain form.</summary>
    public static PropertyRule Matching(Func<string, bool> matches) =>
        new(false, value => matches(value) ? null : PatternComplaint);

    /// <summary>One of several words.</summary>
    public static PropertyRule OneOf(params string[] words) => new(
        false,
        value => words.Contains(value, StringComparer.Ordinal)
            ? null
            : $"value '{value}' does not have a value in the enumeration '{string.Join(", ", words)}'");

    /// <summary>A number that is not negative.</summary>
    public static PropertyRule Number { get; } = new(
        false,
        static value => value.Length > 0 && value.All(char.IsAsciiDigit)
            ? null
            : $"type check ('integer') failed - got '{value}'");

    /// <summary>A configuration id, such as the name of a mapping.</summary>
    public static PropertyRule ConfigurationId { get; } = new(
        false,
        static value => IsConfigurationId(value) ? null : $"invalid format - invalid configuration ID '{value}'");

    /// <summary>Whether the text is a letter followed by letters, digits, <c>_</c> or <c>-</c>, at least one.</summary>
    public static bool IsConfigurationId(string text) =>
        text.Length >= 2 && char.IsAsciiLetter(text[0])
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
