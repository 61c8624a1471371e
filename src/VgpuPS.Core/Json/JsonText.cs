using System.Text;
using System.Text.Json;

namespace VgpuPS.Core.Json;

/// <summary>Reads JSON that others wrote, so that whoever takes a value out of it gets a text or a number.</summary>
/// <remarks>
/// Source: System.Text.Json of .NET 10: a lone surrogate (<c>\ud800</c>) is JSON, and taking it out throws
/// InvalidOperationException; <c>1e400</c> is read as infinity, which cannot be written again.
/// </remarks>
public static class JsonText
{
    /// <summary>Parses a text.</summary>
    /// <exception cref="JsonException">It is not JSON, or has half a character or a number beyond all
    /// others.</exception>
    public static JsonDocument Parse(ReadOnlySpan<byte> json)
    {
        if (FindWrong(json) is var (index, reason))
        {
            var position = JsonPosition.At(json, index);
            throw new JsonException($"{reason} at {position}", null, position.Line - 1, position.Column - 1);
        }

        return JsonDocument.Parse(json.ToArray());
    }

    /// <summary>Parses a text.</summary>
    /// <exception cref="JsonException">It is not JSON, or has half a character or a number beyond all
    /// others.</exception>
    public static JsonDocument Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    /// <summary>The first value that is JSON, and neither a text nor a number that can be used: where, and why; null
    /// for none.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    /// <param name="json">The text.</param>
    /// <param name="refusesNullItems">Whether null in a list is wrong as well; the serializer takes it for a
    /// record.</param>
    public static (int Index, string Reason)? FindWrong(ReadOnlySpan<byte> json, bool refusesNullItems = false)
    {
        var reader = new Utf8JsonReader(json);
        var (parents, name) = (new Stack<(bool IsList, string Name)>(), "");
        while (reader.Read())
        {
            var reason = reader.TokenType switch
            {
                JsonTokenType.Null when refusesNullItems && parents.TryPeek(out var parent) && parent.IsList =>
                    $"an item of '{parent.Name}' is null, and must be a value",
                JsonTokenType.PropertyName or JsonTokenType.String when !IsText(ref reader) =>
                    "the text has a lone surrogate",
                JsonTokenType.Number when !reader.TryGetDouble(out var number) || !double.IsFinite(number) =>
                    "the number is too large",
                _ => null,
            };
            if (reason is not null)
            {
                return ((int)reader.TokenStartIndex, reason);
            }

            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when refusesNullItems:
                    name = reader.GetString()!;
                    break;
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    parents.Push((reader.TokenType == JsonTokenType.StartArray, name));
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    parents.Pop();
                    break;
            }
        }

        return null;
    }

    /// <summary>What reading JSON into records throws at a text that is not a record of ours.</summary>
    public static bool IsRefusal(Exception failure) => failure is JsonException or InvalidOperationException
        or FormatException or NotSupportedException or OverflowException or ArgumentException;

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            // Text that is not UTF-8 is found out here too, where it was not checked before.
            _ = reader.ValueIsEscaped || reader.ValueSpan.ContainsAnyExceptInRange((byte)0, (byte)0x7f)
                ? reader.GetString() : null;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
