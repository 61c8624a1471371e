using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace VgpuPS.Core.Json;

/// <summary>
/// Writes JSON in ASCII, one way for files, frames and terminals: what no plain text has is an escape, and what only a
/// web page could mistake is not (<c>1g.6gb+me</c>).
/// </summary>
/// <remarks>
/// Source: System.Text.Json of .NET 10: its encoder escapes <c>+ ' &amp; &lt; &gt; `</c> and the quotation mark as
/// <c>\u00XX</c>, with upper-case digits; the one that does not lets all of Unicode through.
/// </remarks>
public static class JsonOutput
{
    private const int EscapeLength = 6;

    /// <summary>A value as one text with its line end.</summary>
    public static byte[] WriteLine<T>(T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        return [.. json.AsSpan(0, Relax(json)), (byte)'\n'];
    }

    /// <summary>A value as text.</summary>
    public static string Write<T>(T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        return Encoding.ASCII.GetString(json, 0, Relax(json));
    }

    /// <summary>Takes escapes that JSON does not need out of a text, in place.</summary>
    /// <returns>Its new length.</returns>
    private static int Relax(Span<byte> json)
    {
        var (from, to) = (0, 0);
        while (json[from..].IndexOf((byte)'\\') is >= 0 and var plain)
        {
            json.Slice(from, plain).CopyTo(json[to..]);
            (from, to) = (from + plain, to + plain);
            var needless = FindNeedless(json[from..]);
            if (needless == '"')
            {
                json[to++] = (byte)'\\';
            }

            if (needless is { } character)
            {
                json[to++] = character;
                from += EscapeLength;
                continue;
            }

            // A backslash and what it escapes belong together: what follows an escaped backslash is text.
            json.Slice(from, 2).CopyTo(json[to..]);
            (from, to) = (from + 2, to + 2);
        }

        json[from..].CopyTo(json[to..]);
        return to + json.Length - from;
    }

    private static byte? FindNeedless(ReadOnlySpan<byte> escape) =>
        escape.Length < EscapeLength ? null
        : escape[..EscapeLength].SequenceEqual("\\u002B"u8) ? (byte)'+'
        : escape[..EscapeLength].SequenceEqual("\\u0027"u8) ? (byte)'\''
        : escape[..EscapeLength].SequenceEqual("\\u0026"u8) ? (byte)'&'
        : escape[..EscapeLength].SequenceEqual("\\u003C"u8) ? (byte)'<'
        : escape[..EscapeLength].SequenceEqual("\\u003E"u8) ? (byte)'>'
        : escape[..EscapeLength].SequenceEqual("\\u0060"u8) ? (byte)'`'
        : escape[..EscapeLength].SequenceEqual("\\u0022"u8) ? (byte)'"'
        : null;
}
