using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace VgpuPS.Core.Contracts;

/// <summary>Compares the members of a JSON text with those of the records that it is read into.</summary>
internal static class JsonMembers
{
    /// <summary>The first member that is unknown or missing: where, and what is wrong with it; null when all are right.</summary>
    /// <param name="element">The text.</param>
    /// <param name="type">The records.</param>
    /// <param name="mayHaveMore">Whether unknown members are passed over: those of a newer program.</param>
    public static (IReadOnlyList<string> Path, string Reason)? FindWrong(
        JsonElement element, JsonTypeInfo type, bool mayHaveMore = false)
    {
        var path = new List<string>();
        return FindWrong(element, type, path, mayHaveMore) is { } reason ? (path, reason) : null;
    }

    // On the way out of a finding the path stays as it was at the finding.
    private static string? FindWrong(JsonElement element, JsonTypeInfo type, List<string> path, bool mayHaveMore) =>
        (type.Kind, element.ValueKind) switch
        {
            (JsonTypeInfoKind.Object, JsonValueKind.Object) => FindInObject(element, type, path, mayHaveMore),
            (JsonTypeInfoKind.Dictionary, JsonValueKind.Object) => FindInAll(
                element.EnumerateObject().Select(member => (member.Name, member.Value)), type, path, mayHaveMore),
            (JsonTypeInfoKind.Enumerable, JsonValueKind.Array) => FindInAll(
                element.EnumerateArray().Select((item, index) => ($"{index}", item)), type, path, mayHaveMore),
            _ => null,
        };

    private static string? FindInObject(JsonElement element, JsonTypeInfo type, List<string> path, bool mayHaveMore)
    {
        foreach (var member in element.EnumerateObject())
        {
            var known = type.Properties.FirstOrDefault(property => property.Name == member.Name);
            if (known is null && mayHaveMore)
            {
                continue;
            }

            path.Add(member.Name);
            if (known is null)
            {
                var names = string.Join(", ", type.Properties.Select(property => property.Name));
                return $"'{member.Name}' is no member of it (known: {names})";
            }

            if (FindWrong(member.Value, type.Options.GetTypeInfo(known.PropertyType), path, mayHaveMore) is { } reason)
            {
                return reason;
            }

            path.RemoveAt(path.Count - 1);
        }

        var missing = type.Properties
            .FirstOrDefault(property => IsNeeded(property) && !element.TryGetProperty(property.Name, out _));
        return missing is null ? null : $"the member '{missing.Name}' is missing";
    }

    // A reference that a record is constructed with would be null; a number would be 0, which its reader checks.
    private static bool IsNeeded(JsonPropertyInfo property) => property.IsRequired || property.AssociatedParameter is
    {
        HasDefaultValue: false, IsNullable: false, ParameterType.IsValueType: false,
    };

    private static string? FindInAll(
        IEnumerable<(string Step, JsonElement Value)> values, JsonTypeInfo type, List<string> path, bool mayHaveMore)
    {
        if (type.ElementType is null)
        {
            return null;
        }

        var elementType = type.Options.GetTypeInfo(type.ElementType);
        foreach (var (step, value) in values)
        {
            path.Add(step);
            if (value.ValueKind == JsonValueKind.Null)
            {
                return $"{path[0]}{string.Concat(path.Skip(1).Select(p => $"[{p}]"))} is null, and must be a value";
            }

            if (FindWrong(value, elementType, path, mayHaveMore) is { } reason)
            {
                return reason;
            }

            path.RemoveAt(path.Count - 1);
        }

        return null;
    }
}
