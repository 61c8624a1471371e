using System.Text;
using System.Text.Unicode;

namespace VgpuPS.Core.Proxmox;

/// <summary>Text rules that all of Proxmox's files share: lines, blanks, characters, escapes.</summary>
internal static class PveText
{
    /// <summary>Largest file below /etc/pve, in bytes.</summary>
    /// <remarks>Source: assumed, the limit of pmxcfs.</remarks>
    public const int MaxClusterFileBytes = 1024 * 1024;

    /// <summary>Largest file that is read elsewhere, in bytes; dpkg's list has some megabytes.</summary>
    public const int MaxFileBytes = 16 * 1024 * 1024;

    /// <summary>Lines without their line feed; empty ones stay, but not those at the end of the file.</summary>
    /// <exception cref="UnreadableDataException">The file is larger than <paramref name="maxBytes"/>.</exception>
    public static List<string> Lines(ReadOnlySpan<byte> raw, string what, int maxBytes = MaxFileBytes)
    {
        if (raw.Length > maxBytes)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData,
                $"{what} has {raw.Length} bytes, more than the {maxBytes} that are read",
                "look at it and replace it with the right file: head -c 1000 FILE | cat -v");
        }

        var lines = new List<string>();
        while (!raw.IsEmpty)
        {
            var end = raw.IndexOf((byte)'\n');
            lines.Add(Decode(end < 0 ? raw : raw[..end]));
            raw = end < 0 ? [] : raw[(end + 1)..];
        }

        while (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }

    /// <summary>UTF-8 where the bytes are UTF-8, else one character a byte; never fails.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);

    /// <summary>Perl's <c>\s</c> on bytes: space, tab, line feed, vertical tab, form feed, carriage return.</summary>
    public static bool IsBlank(char c) => c is ' ' or (>= '\t' and <= '\r');

    /// <summary>Whether the text has only blanks.</summary>
    public static bool IsBlank(string text) => text.All(IsBlank);

    /// <summary>The text without blanks at either end.</summary>
    public static string Trim(string text) => TrimEnd(text.TrimStart(' ', '\t', '\n', '\v', '\f', '\r'));

    /// <summary>The text without blanks at the end.</summary>
    public static string TrimEnd(string text) => text.TrimEnd(' ', '\t', '\n', '\v', '\f', '\r');

    /// <summary>Splits at runs of blanks; blanks at the start yield no empty word.</summary>
    public static string[] Words(string text) =>
        text.Split([' ', '\t', '\n', '\v', '\f', '\r'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Replaces <c>%xx</c> by the byte, then reads the bytes as UTF-8.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var source = Encoding.UTF8.GetBytes(text);
        var bytes = new List<byte>(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1])
                && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                ReadOnlySpan<char> digits = [(char)source[i + 1], (char)source[i + 2]];
                bytes.Add(byte.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                bytes.Add(source[i]);
            }
        }

        return Decode([.. bytes]);
    }

    /// <summary>Proxmox's reading of a boolean: true, false, or null when the text is neither.</summary>
    /// <remarks>Source: facts/proxmox.md (b), 0/1, on/off, yes/no, true/false; any case assumed.</remarks>
    public static bool? Boolean(string text) => text.ToLowerInvariant() switch
    {
        "1" or "on" or "yes" or "true" => true,
        "0" or "off" or "no" or "false" => false,
        _ => null,
    };
}
