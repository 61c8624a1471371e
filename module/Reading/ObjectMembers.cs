using System.Collections;
using System.Globalization;

namespace VgpuPS.Reading;

/// <summary>Members of an object by name; files and JSON know fewer types than rows.</summary>
/// <param name="value">The object: a row, what became of one, or a table of names and values.</param>
/// <param name="unusable">Makes the refusal of what a member says of the object.</param>
internal sealed class ObjectMembers(PSObject value, Func<string, InvalidRequestException> unusable)
{
    /// <summary>Whether an object is a row of a type, was one before it went through a file, or has the members that
    /// only such a row has.</summary>
    public static bool IsA(PSObject value, Type type, params string[] members) =>
        value.TypeNames.Any(t => t.EndsWith(type.FullName!, StringComparison.Ordinal))
        || (value.BaseObject is PSCustomObject && members.All(m => value.Properties[m] is not null));

    public PSObject? Find(string name) => FindValue(name) is { } found ? PSObject.AsPSObject(found) : null;

    public string? FindText(string name) =>
        Convert.ToString(FindValue(name), CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null;

    public string Text(string name) => FindText(name) ?? throw Missing(name);

    public double? FindNumber(string name) => FindValue(name) switch
    {
        null or "" => null,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            number,
        string or bool or char or DateTime => throw Wrong(name, "a number"),
        IConvertible convertible => convertible.ToDouble(CultureInfo.InvariantCulture),
        _ => throw Wrong(name, "a number"),
    };

    public double Number(string name) => FindNumber(name) ?? throw Missing(name);

    public double? FindAmount(string name) => FindNumber(name) is not { } number ? null
        : double.IsFinite(number) && number >= 0 ? number : throw Wrong(name, "a number that is not negative, or null");

    public int Count(string name) => Number(name) is var number && number == Math.Floor(number)
        && Math.Abs(number) <= int.MaxValue ? (int)number : throw Wrong(name, "a whole number");

    public bool? FindFlag(string name) => FindValue(name) switch
    {
        null or "" => null,
        bool flag => flag,
        string text when bool.TryParse(text, out var flag) => flag,
        _ => throw Wrong(name, "true or false"),
    };

    public bool Flag(string name) => FindFlag(name) ?? throw Missing(name);

    public DateTime FindTime(string name) => FindValue(name) is DateTime time ? time : default;

    public IReadOnlyList<string> FindTexts(string name) => FindValue(name) switch
    {
        IList list => [.. list.Cast<object?>().Select(t => $"{t}").Where(t => t.Length > 0)],
        string { Length: > 0 } text => [text],
        _ => [],
    };

    private object? FindValue(string name)
    {
        var found = value.BaseObject is IDictionary table
            ? table.Keys.Cast<object>().Where(k => name.Equals($"{k}", StringComparison.OrdinalIgnoreCase))
                .Select(k => table[k]).FirstOrDefault()
            : value.Properties[name]?.Value;
        return found is PSObject wrapped ? wrapped.BaseObject is PSCustomObject ? wrapped : wrapped.BaseObject
            : found;
    }

    private InvalidRequestException Missing(string name) =>
        unusable($"is no result of a measurement: it has no {name}");

    private InvalidRequestException Wrong(string name, string rule) =>
        unusable($"has the {name} '{FindValue(name)}', and it must be {rule}");
}
