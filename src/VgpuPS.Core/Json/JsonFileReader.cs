using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace VgpuPS.Core.Json;

/// <summary>Reads one of our own files: UTF-8, known members only, of a version that this program knows.</summary>
/// <param name="path">The file's path, for messages.</param>
/// <param name="what">What the file is, for messages: <c>The claims file</c>.</param>
/// <param name="recommendedAction">What to do when it is unreadable, with a command.</param>
/// <param name="newestVersion">The newest version that is understood.</param>
public sealed partial class JsonFileReader(string path, string what, string recommendedAction, int newestVersion)
{
    /// <summary>The text without a byte order mark.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> content) =>
        content.StartsWith("\uFEFF"u8) ? content[3..] : content;

    /// <summary>The document in a text.</summary>
    public T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        if (!Utf8.IsValid(json))
        {
            throw Unreadable(FirstInvalid(json), "the text is not UTF-8");
        }

        try
        {
            if (JsonText.FindWrong(json, refusesNullItems: true) is var (index, reason))
            {
                throw Unreadable(JsonPosition.At(json, index), reason);
            }
        }
        catch (JsonException failure)
        {
            throw Unreadable(JsonPosition.Of(failure), "the text is not JSON there", failure);
        }

        CheckVersion(json);
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Unreadable(new JsonPosition(1, 1), "it is empty");
        }
        catch (JsonException failure)
        {
            var (reason, isMember) = Explain(failure, type);
            throw Unreadable(
                failure is WrongValueException wrong ? JsonPosition.At(json, wrong.Index)
                : isMember ? JsonPosition.Find(json, StepsOf(failure)) : JsonPosition.Of(failure),
                reason, failure);
        }
        catch (Exception failure) when (JsonText.IsRefusal(failure))
        {
            throw Unreadable(new JsonPosition(1, 1), $"the text is refused: {failure.Message}", failure);
        }
    }

    /// <summary>The exception for a value that is JSON and still not right.</summary>
    public UnreadableDataException Unreadable(JsonPosition position, string reason, Exception? inner = null) =>
        new(ErrorIds.UnreadableData, $"{what} {path} is not readable at {position}: {reason}", recommendedAction, path,
            inner)
        {
            Line = position.Line,
            Column = position.Column,
            Reason = reason,
        };

    /// <summary>What the serializer minds, in words: its own are no part of a trimmed program.</summary>
    /// <param name="failure">What it threw.</param>
    /// <param name="root">The type that was read.</param>
    /// <returns>The words, and whether a member is unknown or missing, so that the path has its place.</returns>
    public static (string Reason, bool IsMember) Explain(JsonException failure, JsonTypeInfo root)
    {
        if (failure is WrongValueException)
        {
            return ($"{failure.Path?.TrimStart('$', '.')} {failure.Message}", false);
        }

        var type = root;
        foreach (var name in StepsOf(failure))
        {
            if (type.Kind == JsonTypeInfoKind.Object)
            {
                var member = type.Properties.FirstOrDefault(p => p.Name == name);
                if (member is null)
                {
                    var known = type.Properties.Where(p => p.Get is not null).Select(p => p.Name).ToList();
                    return (
                        $"'{name}' is not a known member{NearestName.Suggest(name, known)} "
                            + $"(known: {string.Join(", ", known)})",
                        true);
                }

                type = type.Options.GetTypeInfo(member.PropertyType);
            }
            else if (type.ElementType is { } element)
            {
                type = type.Options.GetTypeInfo(element);
            }
        }

        // Of the serializer's message its arguments are left in a trimmed program: the names, quoted.
        var missing = type.Properties.FirstOrDefault(
            p => p.IsRequired && failure.Message.Contains($"'{p.Name}'", StringComparison.Ordinal));
        return missing is null
            ? ($"the value of {failure.Path} is of the wrong kind", false)
            : ($"the member '{missing.Name}' is missing", true);
    }

    private static string[] StepsOf(JsonException failure) =>
        [.. Steps().Matches(failure.Path ?? "").Select(m => m.Groups[1].Value + m.Groups[2].Value + m.Groups[3].Value)];

    // A newer file is named as such before its unknown members are.
    private void CheckVersion(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Unreadable(JsonPosition.Find(json), "it is not an object");
        }

        int? version = 1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("version");
            reader.Read();
            if (isVersion)
            {
                version = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number >= 1
                    ? number : null;
            }

            reader.Skip();
        }

        if (version is null)
        {
            throw Unreadable(JsonPosition.Find(json, "version"), "the version is not a whole number from 1");
        }

        if (version > newestVersion)
        {
            throw new UnreadableDataException(
                ErrorIds.NewerVersion,
                $"{what} {path} is of version {version}; this program knows versions up to {newestVersion}",
                "install the newer vgpu-hook again; see the present one: vgpu-hook --version", path);
        }
    }

    private static JsonPosition FirstInvalid(ReadOnlySpan<byte> json)
    {
        var valid = 0;
        while (Rune.DecodeFromUtf8(json[valid..], out _, out var length) == OperationStatus.Done)
        {
            valid += length;
        }

        return JsonPosition.At(json, valid);
    }

    // Steps of a path as the serializer writes it: .name, ['any name'], [0].
    [GeneratedRegex(@"\.([^.\[]+)|\['(.*?)'\]|\[(\d+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex Steps();
}

/// <summary>A value that a converter of ours refuses, with the reason; the member's name goes before it.</summary>
/// <param name="reason">Why: <c>is 0, and must be from 1 to 60</c>.</param>
/// <param name="index">Number of bytes before the value.</param>
internal sealed class WrongValueException(string reason, long index) : JsonException(reason)
{
    /// <summary>Number of bytes before the value.</summary>
    public int Index => (int)index;
}

/// <summary>A place in a JSON text, as editors count: line and column from 1, the column in bytes.</summary>
/// <param name="Line">Line.</param>
/// <param name="Column">Column.</param>
public readonly record struct JsonPosition(long Line, long Column)
{
    /// <summary>Where the reader stopped.</summary>
    public static JsonPosition Of(JsonException failure) =>
        new((failure.LineNumber ?? 0) + 1, (failure.BytePositionInLine ?? 0) + 1);

    /// <summary>The place of a byte.</summary>
    /// <param name="text">The text.</param>
    /// <param name="index">Number of bytes before it.</param>
    public static JsonPosition At(ReadOnlySpan<byte> text, int index)
    {
        var before = text[..index];
        return new JsonPosition(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }

    /// <summary>Where a value begins; of what is not there, where its parent ends.</summary>
    /// <param name="json">A text that is well-formed JSON.</param>
    /// <param name="path">Member names, and indexes of lists in decimal, from the root.</param>
    public static JsonPosition Find(ReadOnlySpan<byte> json, params ReadOnlySpan<string> path)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        foreach (var step in path)
        {
            var (isList, index) = (reader.TokenType == JsonTokenType.StartArray, 0);
            while (reader.Read() && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
            {
                var isIt = isList
                    ? index++.ToString(CultureInfo.InvariantCulture) == step : reader.ValueTextEquals(step);
                _ = isList || reader.Read();
                if (isIt)
                {
                    break;
                }

                reader.Skip();
            }
        }

        return At(json, (int)reader.TokenStartIndex);
    }

    /// <summary>As messages name it: <c>line 3, column 7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"line {Line}, column {Column}");
}
