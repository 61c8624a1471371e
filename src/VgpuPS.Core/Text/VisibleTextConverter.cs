using System.Text.Json;
using System.Text.Json.Serialization;

namespace VgpuPS.Core.Text;

/// <summary>Reads every text of a JSON document as <see cref="VisibleText"/>, after its escapes are resolved.</summary>
/// <param name="keepLines">Whether ends of lines and tabs stay.</param>
public class VisibleTextConverter(bool keepLines) : JsonConverter<string>
{
    /// <summary>For texts of one line.</summary>
    public VisibleTextConverter()
        : this(keepLines: false)
    {
    }

    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? VisibleText.Of(reader.GetString()!, keepLines)
            : throw new JsonException("a text is expected");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);

    /// <inheritdoc/>
    public override string ReadAsPropertyName(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        VisibleText.Of(reader.GetString()!, keepLines);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);
}

/// <summary>The same for texts that are several lines by their nature.</summary>
public sealed class VisibleLinesConverter() : VisibleTextConverter(keepLines: true);
