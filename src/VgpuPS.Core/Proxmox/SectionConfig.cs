using System.Text.RegularExpressions;

namespace VgpuPS.Core.Proxmox;

/// <summary>Proxmox's section files: a header line, then indented properties, then a blank line.</summary>
/// <remarks>
/// Source: facts/proxmox.md (c). Assumed, as in PVE::SectionConfig: lines whose first character other than a blank is
/// <c>#</c> are remarks; a header right below a section's properties, without a blank line, is ignored like any line
/// that is not indented.
/// </remarks>
internal static partial class SectionConfig
{
    /// <summary>Reads the sections of a file in its order.</summary>
    /// <param name="raw">The file.</param>
    /// <param name="what">What it is, at the start of a sentence.</param>
    /// <param name="isHeader">Splits a header line into type and id; null when the line is not a header.</param>
    /// <exception cref="UnreadableDataException">The file is too large to be one.</exception>
    public static List<SectionDraft> Read(
        ReadOnlySpan<byte> raw, string what, Func<string, (string Type, string Id)?> isHeader)
    {
        var sections = new List<SectionDraft>();
        SectionDraft? open = null;
        foreach (var line in PveText.Lines(raw, what, PveText.MaxClusterFileBytes))
        {
            if (PveText.Trim(line).StartsWith('#'))
            {
                continue;
            }

            if (line.Length == 0)
            {
                open = null;
            }
            else if (open is null)
            {
                if (isHeader(line) is { } header)
                {
                    open = new SectionDraft(header.Type, header.Id, []);
                    sections.Add(open);
                }
            }
            else if (Property().Match(line) is { Success: true } match)
            {
                open.Properties.Add((match.Groups[1].Value, PveText.Trim(match.Groups[2].Value)));
            }
        }

        return sections;
    }

    /// <summary>A header of the usual form: a type in lower-case letters and hyphens, a colon, an id.</summary>
    public static (string Type, string Id)? Header(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetterLower(line[0]) && PveText.Words(line[(colon + 1)..]) is [var id]
            ? (line[..colon], id)
            : null;
    }

    [GeneratedRegex(@"^[ \t\f\v\r]+([^ \t\f\v\r]+)(.*)\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Property();

    /// <summary>One section as it stands in the file.</summary>
    internal sealed record SectionDraft(string Type, string Id, List<(string Key, string Value)> Properties)
    {
        /// <summary>The first value of a property; null for none.</summary>
        public string? this[string key] => Properties.Where(p => p.Key == key).Select(p => p.Value).FirstOrDefault();

        /// <summary>Whether a flag is on; one without a value is.</summary>
        public bool Has(string key) => this[key] is { } value && (value.Length == 0 || PveText.Boolean(value) == true);

        /// <summary>The parts of a list, however they are separated.</summary>
        public IReadOnlyList<string> List(string key) =>
            (this[key] ?? "").Split([',', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
    }
}
