namespace VgpuPS.Core.Guests;

/// <summary>What one key of a property string may hold.</summary>
/// <param name="IsBoolean">Whether the value is a boolean.</param>
/// <param name="Check">Gives the complaint about a text value, or null when it is right.</param>
internal sealed record PropertyRule(bool IsBoolean, Func<string, string?> Check)
{
    private const string PatternComplaint = "value does not match the regex pattern";

    /// <summary>A boolean.</summary>
    public static PropertyRule Boolean { get; } = new(true, static _ => null);

    /// <summary>Any text.</summary>
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
