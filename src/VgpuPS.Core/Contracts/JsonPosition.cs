using System.Globalization;
using System.Text.Json;

namespace VgpuPS.Core.Contracts;

/// <summary>A place in a JSON text, as editors count: line and column from 1, the column in bytes.</summary>
/// <param name="Line">Line.</param>
/// <param name="Column">Column.</param>
public readonly record struct JsonPosition(long Line, long Column)
{
    /// <summary>Where the reader stopped.</summary>
    /// <param name="failure">What it threw.</param>
    public static JsonPosition Of(JsonException failure) =>
        new((failure.LineNumber ?? 0) + 1, (failure.BytePositionInLine ?? 0) + 1);

    /// <summary>Where the value at a path begins; the start of the text when the path is not there.</summary>
    /// <param name="json">A text that is well-formed JSON.</param>
    /// <param name="path">Member names, and indexes of lists in decimal, from the root.</param>
    public static JsonPosition Find(ReadOnlySpan<byte> json, params ReadOnlySpan<string> path)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var depth = 0;
        while (depth < path.Length)
        {
            if (!TryEnter(ref reader, path[depth]))
            {
                return new JsonPosition(1, 1);
            }

            depth++;
        }

        return At(json, (int)reader.TokenStartIndex);
    }

    /// <summary>The place of a byte.</summary>
    /// <param name="text">The text.</param>
    /// <param name="index">Number of bytes before it.</param>
    public static JsonPosition At(ReadOnlySpan<byte> text, int index)
    {
        var before = text[..index];
        return new JsonPosition(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }

    /// <summary>As messages name it: <c>line 3, column 7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"line {Line}, column {Column}");

    // Moves from an object or list to the first token of one of its values.
    private static bool TryEnter(ref Utf8JsonReader reader, string step)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            var wanted = int.Parse(step, CultureInfo.InvariantCulture);
            for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                if (index == wanted)
                {
                    return true;
                }

                reader.Skip();
            }

            return false;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(step);
            reader.Read();
            if (isWanted)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
