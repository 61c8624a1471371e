using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using JsonElement = System.Text.Json.JsonElement;
using JsonException = System.Text.Json.JsonException;
using JsonSerializer = System.Text.Json.JsonSerializer;

namespace VgpuPS.Text;

/// <summary>
/// A JSON document that a user wrote on this machine: comments, trailing commas, names in any case and enums by name
/// are right there, or by number as ConvertTo-Json writes them. What it must hold is said by the host's own contract.
/// </summary>
/// <remarks>
/// Newtonsoft.Json reads it, which PowerShell brings: it keeps the place of every value, and System.Text.Json does not.
/// </remarks>
/// <param name="path">Its full path, for messages.</param>
/// <param name="what">What it is: <c>layout</c>.</param>
/// <param name="recommendedAction">What to do when it cannot be read, with a command.</param>
/// <param name="newestVersion">The newest version of its form that this module knows.</param>
internal sealed class WrittenDocument(string path, string what, string recommendedAction, int newestVersion)
{
    private JToken? _root;

    /// <summary>Reads it.</summary>
    /// <exception cref="UnreadableDataException">It is not what it should be: where, and what is wrong
    /// there.</exception>
    public T Read<T>(string text, JsonTypeInfo<T> type)
        where T : class
    {
        var written = Parse(text);
        CheckVersion(written);
        _root = Strict(written, type);
        try
        {
            return JsonSerializer.Deserialize(_root.ToString(Formatting.None), type)
                ?? throw Unreadable(written, "it is empty");
        }
        catch (JsonException failure)
        {
            throw Unreadable(Find(failure.Path), $"the value of {failure.Path} is of the wrong kind", failure);
        }
    }

    /// <summary>The exception for a value that could be read and still is not right.</summary>
    /// <param name="at">Its path: <c>gpus[1]</c>.</param>
    /// <param name="reason">What is wrong with it.</param>
    public UnreadableDataException Unreadable(string at, string reason) => Unreadable(Find(at), reason);

    /// <summary>Whether a document is a list, comments before it aside.</summary>
    public static bool IsList(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text));
        try
        {
            while (reader.Read() && reader.TokenType == JsonToken.Comment)
            {
            }

            return reader.TokenType == JsonToken.StartArray;
        }
        catch (JsonReaderException)
        {
            // Whoever reads it says where it goes wrong.
            return false;
        }
    }

    private JToken? Find(string? at) =>
        _root?.SelectToken(at ?? "")?.Annotation<JToken>();

    private JToken Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Unreadable((IJsonLineInfo?)null, "it is empty");
        }

        using var reader = new JsonTextReader(new StringReader(text))
        {
            DateParseHandling = DateParseHandling.None,
            FloatParseHandling = FloatParseHandling.Decimal,
        };
        try
        {
            var token = JToken.Load(reader, new JsonLoadSettings
            {
                CommentHandling = CommentHandling.Ignore,
                DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error,
            });
            while (reader.Read())
            {
                // Comments may follow; anything else is refused by the reader itself.
            }

            return token;
        }
        catch (JsonReaderException failure)
        {
            // The reader stands at the name of a member that is there already.
            var reason = failure.Message.Split(" Path '")[0].TrimEnd('.');
            throw Unreadable(
                reader,
                failure.Message.StartsWith("Property with the name '", StringComparison.Ordinal)
                    ? $"'{reader.Value}' is specified twice"
                    : reason.StartsWith("Error reading J", StringComparison.Ordinal) ? "the text ends there"
                    : $"the text is not JSON there ({reason})",
                failure);
        }
    }

    private void CheckVersion(JToken written)
    {
        var value = (written as JObject)?.GetValue("version", StringComparison.OrdinalIgnoreCase) as JValue;
        if (value?.Value is < 1L)
        {
            throw Unreadable(value, "the version must be at least 1");
        }

        if (value?.Value is long version && version > newestVersion)
        {
            throw new UnreadableDataException(
                ErrorIds.NewerVersion,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what} {path} is of version {version}; this module knows versions up to {newestVersion}"),
                "update the module: Update-PSResource VgpuPS -Prerelease", path);
        }
    }

    /// <summary>The same value as the host's strict reader takes it; remembers where each part was written.</summary>
    private JToken Strict(JToken written, JsonTypeInfo type)
    {
        var strict = (type.Kind, written) switch
        {
            (JsonTypeInfoKind.Object, JObject members) => StrictObject(members, type),
            (JsonTypeInfoKind.Enumerable, JArray items) =>
                new JArray(items.Select(i => Strict(i, type.Options.GetTypeInfo(type.ElementType!)))),
            (_, JValue value) when (Nullable.GetUnderlyingType(type.Type) ?? type.Type) is { IsEnum: true } kind
                && value.Type != JTokenType.Null => StrictEnum(value, kind, type),
            (JsonTypeInfoKind.None, JValue { Type: not JTokenType.Undefined }) => written.DeepClone(),
            (JsonTypeInfoKind.None, JArray) when type.Type == typeof(JsonElement?) => written.DeepClone(),
            (not JsonTypeInfoKind.None, JValue { Type: JTokenType.Null }) => JValue.CreateNull(),
            (JsonTypeInfoKind.Object, _) => throw Unreadable(written, $"'{Name(written)}' must be an object ({{ … }})"),
            (JsonTypeInfoKind.Enumerable, _) => throw Unreadable(written, $"'{Name(written)}' must be a list ([ … ])"),
            _ => throw Unreadable(written, $"'{Name(written)}' must be a single value"),
        };
        strict.AddAnnotation(written);
        return strict;
    }

    private JObject StrictObject(JObject members, JsonTypeInfo type)
    {
        var strict = new JObject();
        foreach (var member in members.Properties())
        {
            var known = type.Properties
                .FirstOrDefault(p => p.Name.Equals(member.Name, StringComparison.OrdinalIgnoreCase))
                ?? throw Unreadable(
                    member,
                    $"'{member.Name}' is not a known member"
                        + $"{NearestName.Suggest(member.Name, type.Properties.Select(p => p.Name))} (known: "
                        + $"{string.Join(", ", type.Properties.Select(p => p.Name))})");
            if (strict.ContainsKey(known.Name))
            {
                throw Unreadable(member, $"'{known.Name}' is specified twice");
            }

            strict.Add(known.Name, Strict(member.Value, type.Options.GetTypeInfo(known.PropertyType)));
        }

        var missing = type.Properties.FirstOrDefault(p => p.IsRequired && !strict.ContainsKey(p.Name));
        return missing is null ? strict : throw Unreadable(members, $"the member '{missing.Name}' is missing");
    }

    private JValue StrictEnum(JValue written, Type kind, JsonTypeInfo type)
    {
        var names = type.Options.GetTypeInfo(kind);
        var known = Enum.GetValues(kind).Cast<object>()
            .Select(v => (Value: v, Name: JsonSerializer.SerializeToElement(v, names).GetString()!)).ToList();
        var found = known.FirstOrDefault(k => written.Value switch
        {
            string name => name.Equals(k.Name, StringComparison.OrdinalIgnoreCase)
                || name.Equals(k.Value.ToString(), StringComparison.OrdinalIgnoreCase),
            long number => Convert.ToInt64(k.Value, CultureInfo.InvariantCulture) == number,
            _ => false,
        });
        return found.Name is { } strict
            ? new JValue(strict)
            : throw Unreadable(written, $"'{written}' is not one of {string.Join(", ", known.Select(k => k.Name))}");
    }

    private static string Name(JToken token) => token.Path.Length == 0 ? "the document" : token.Path;

    private UnreadableDataException Unreadable(IJsonLineInfo? at, string reason, Exception? inner = null) => new(
        ErrorIds.UnreadableData,
        at?.HasLineInfo() == true
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{what} {path} cannot be read at line {at.LineNumber}, "
                    + $"column {Math.Max(1, at.LinePosition)}: {reason}")
            : $"{what} {path} cannot be read: {reason}",
        recommendedAction, path, inner);
}
