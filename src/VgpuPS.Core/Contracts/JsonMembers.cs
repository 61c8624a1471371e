using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace VgpuPS.Core.Contracts;

/// <summary>Compares the members of a JSON text with those of the records that it is read into.</summary>
internal static class JsonMembers
{
    /// <summary>The first member that is unknown or missing: where, and what is wrong with it; null when all are right.</summary>
    public static (IReadOnlyList<string> Path, string Reason)? FindWrong(JsonElement element, JsonTypeInfo type)
    {
        var path = new List<string>();
        return FindWrong(element, type, path) is { } reason ? (path, reason) : null;
    }

    // On the way out of a finding the path stays as it was at the finding.
    private static string? FindWrong(JsonElement element, JsonTypeInfo type, List<string> path) =>
        (type.Kind, element.ValueKind) switch
        {
            (JsonTypeInfoKind.Object, JsonValueKind.Object) => FindInObject(element, type, path),
            (JsonTypeInfoKind.Dictionary, JsonValueKind.Object) => FindInAll(
                element.EnumerateObject().Select(member => (member.Name, member.Value)), type, path),
            (JsonTypeInfoKind.Enumerable, JsonValueKind.Array) => FindInAll(
                element.EnumerateArray().Select((item, index) => ($"{index}", item)), type, path),
            _ => null,
        };

    private static string? FindInObject(JsonElement element, JsonTypeInfo type, List<string> path)
    {
        foreach (var member in element.EnumerateObject())
        {
            path.Add(member.Name);
            var known = type.Properties.FirstOrDefault(property => property.Name == member.Name);
            if (known is null)
            {
                var names = string.Join(", ", type.Properties.Select(property => property.Name));
                return $"'{member.Name}' is no member of it (known: {names})";
            }

            if (FindWrong(member.Value, type.Options.GetTypeInfo(known.PropertyType), path) is { } reason)
            {
                return reason;
            }

            path.RemoveAt(path.Count - 1);
        }

        var missing = type.Properties
            .FirstOrDefault(property => property.IsRequired && !element.TryGetProperty(property.Name, out _));
        return missing is null ? null : $"the member '{missing.Name}' is missing";
    }

    private static string? FindInAll(
        IEnumerable<(string Step, JsonElement Value)> values, JsonTypeInfo type, List<string> path)
    {
        if (type.ElementType is null)
        {
            return null;
        }

        var elementType = type.Options.GetTypeInfo(type.ElementType);
        foreach (var (step, value) in values)
        {
            path.Add(step);
            if (FindWrong(value, elementType, path) is { } reason)
            {
                return reason;
            }

            path.RemoveAt(path.Count - 1);
        }

        return null;
    }
}
