using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using VgpuPS.Core.Json;

namespace VgpuPS.Core.Settings;

/// <summary>Changes one member of the configuration's text; every other byte stays as a user wrote it.</summary>
public static class SettingsEdit
{
    private const string Chain = "chain";
    private const string Parameters = "vgpuParameters";
    private const string Indent = "  ";

    // A path is shown as it is; it is not part of a web page.
    private static readonly JavaScriptEncoder s_encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>Sets or removes a VM's chained script.</summary>
    /// <param name="content">The file; null for none.</param>
    /// <param name="vm">The VM's number.</param>
    /// <param name="script">The script; null to remove it.</param>
    /// <exception cref="JsonException">The text is not a JSON object.</exception>
    public static byte[] WithChain(byte[]? content, string vm, ChainedScript? script)
    {
        var text = TextOf(content);
        using var document = JsonDocument.Parse(text.ToArray());
        var entries = MembersOf(document.RootElement, Chain, except: vm);
        if (script is not null)
        {
            entries.Add((vm, Entry(script)));
        }

        return Replace(text, Chain, entries.Count == 0 ? null : ToObject(entries, Indent));
    }

    /// <summary>Sets or removes the plugin parameters of a VM's entry.</summary>
    /// <param name="content">The file; null for none.</param>
    /// <param name="vm">The VM's number.</param>
    /// <param name="entry">The entry, <c>hostpciN</c>.</param>
    /// <param name="parameters">As <see cref="VgpuParameters.Format"/> writes them; empty to remove them.</param>
    /// <exception cref="JsonException">The text is not a JSON object.</exception>
    public static byte[] WithParameters(byte[]? content, string vm, string entry, string parameters)
    {
        var text = TextOf(content);
        using var document = JsonDocument.Parse(text.ToArray());
        var vms = MembersOf(document.RootElement, Parameters, except: vm);
        var entries = document.RootElement.TryGetProperty(Parameters, out var all)
            && all.ValueKind == JsonValueKind.Object ? MembersOf(all, vm, except: entry) : [];
        if (parameters.Length > 0)
        {
            var pairs = VgpuParameters.Parse(parameters).Select(p => $"{Quote(p.Key)}: {p.Value}");
            entries.Add((entry, $"{{ {string.Join(", ", pairs)} }}"));
        }

        if (entries.Count > 0)
        {
            vms.Add((vm, ToObject(entries, Indent + Indent)));
        }

        return Replace(text, Parameters, vms.Count == 0 ? null : ToObject(vms, Indent));
    }

    /// <summary>Sets or removes a member of the outermost object.</summary>
    /// <param name="content">The file; null for none.</param>
    /// <param name="member">Its name.</param>
    /// <param name="json">Its value as JSON; null to remove it.</param>
    /// <exception cref="JsonException">The text is not a JSON object.</exception>
    public static byte[] WithMember(byte[]? content, string member, string? json) =>
        Replace(TextOf(content), member, json);

    private static ReadOnlySpan<byte> TextOf(byte[]? content) =>
        content is null ? "{}"u8 : JsonFileReader.WithoutMark(content);

    private static List<(string Name, string Text)> MembersOf(JsonElement parent, string name, string except) =>
        parent.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Object
            ? [.. found.EnumerateObject().Where(e => e.Name != except).Select(e => (e.Name, e.Value.GetRawText()))]
            : [];

    private static string Entry(ChainedScript script) => string.Create(
        null, $"{{ \"path\": {Quote(script.Path)}, \"order\": "
            + $"\"{(script.Order == ChainOrder.Before ? "before" : "after")}\" }}");

    private static string ToObject(List<(string Name, string Text)> entries, string indent) =>
        "{\n" + string.Join(",\n", entries.Select(e => $"{indent}{Indent}{Quote(e.Name)}: {e.Text}"))
            + $"\n{indent}}}";

    private static string Quote(string text) => $"\"{s_encoder.Encode(text)}\"";

    /// <summary>Replaces, adds or removes a member of the outermost object.</summary>
    private static byte[] Replace(ReadOnlySpan<byte> text, string member, string? value)
    {
        var found = Find(text, member);
        if (found.ValueStart >= 0)
        {
            return value is null
                ? Join(text, found.CutStart, found.CutEnd, "")
                : Join(text, found.ValueStart, found.ValueEnd, value);
        }

        if (value is null)
        {
            return text.ToArray();
        }

        // Behind the last member, so that the comma is ours.
        var comma = found.LastEnd > found.FirstStart ? "," : "";
        var end = found.LastEnd;
        var rest = text[end..];
        var closes = rest[..rest.LastIndexOf((byte)'}')].Contains((byte)'\n') ? "" : "\n";
        return Join(text, end, end, $"{comma}\n{Indent}\"{member}\": {value}{closes}");
    }

    private static byte[] Join(ReadOnlySpan<byte> text, int start, int end, string between) =>
        [.. text[..start], .. Encoding.UTF8.GetBytes(between), .. text[end..]];

    /// <summary>Where the member is, and where the members of the outermost object begin and end.</summary>
    private static Place Find(ReadOnlySpan<byte> text, string member)
    {
        var reader = new Utf8JsonReader(text);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("the configuration is not an object");
        }

        var first = (int)reader.BytesConsumed;
        var place = new Place(-1, -1, -1, -1, first, first);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(member);
            var (name, before) = ((int)reader.TokenStartIndex, place.LastEnd);
            if (place.ValueStart >= 0 && place.CutEnd < 0)
            {
                place = place with { CutEnd = name };
            }

            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            place = place with { LastEnd = (int)reader.BytesConsumed };
            if (isIt)
            {
                // The first member is cut up to the next one, any other from the end of the one before it.
                place = before == first
                    ? place with { ValueStart = start, ValueEnd = place.LastEnd, CutStart = name, CutEnd = -1 }
                    : place with
                    {
                        ValueStart = start,
                        ValueEnd = place.LastEnd,
                        CutStart = before,
                        CutEnd = place.LastEnd
                    };
            }
        }

        return place.ValueStart >= 0 && place.CutEnd < 0
            ? place with { CutStart = first, CutEnd = place.LastEnd }
            : place;
    }

    private readonly record struct Place(
        int ValueStart, int ValueEnd, int CutStart, int CutEnd, int FirstStart, int LastEnd);
}
