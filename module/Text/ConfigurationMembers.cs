using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using VgpuPS.Core.Settings;

namespace VgpuPS.Text;

/// <summary>Members of the hook's configuration as users write them in PowerShell.</summary>
internal static class ConfigurationMembers
{
    // A path is shown as it is; it is not part of a web page.
    private static readonly JsonSerializerOptions s_plain =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The member of a name in any case; null for none.</summary>
    public static string? Find(string name) =>
        ConfigurationText.Members.FirstOrDefault(m => m.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A value as the file has it; names of choices as it spells them.</summary>
    /// <exception cref="InvalidRequestException">It is nothing that a file can have.</exception>
    public static string ToJson(string member, object? value) =>
        ToNode(member, value)?.ToJsonString(s_plain) ?? "null";

    /// <summary>The text of a file of this machine.</summary>
    /// <exception cref="VgpuException">There is none, or it is not text.</exception>
    public static string ReadFile(string full)
    {
        try
        {
            using var reader = new StreamReader(full, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException e)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"the configuration {full} cannot be read: its text is not UTF-8: {e.Message}",
                "save it as UTF-8", full, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectNotFoundException(
                ErrorIds.ConfigurationNotFound, $"the configuration {full} cannot be read: {e.Message}",
                $"write one: (Get-VgpuConfiguration).Text | Set-Content {full}", full, e);
        }
    }

    private static JsonNode? ToNode(string member, object? value) => value switch
    {
        null => null,
        PSObject { BaseObject: var inner } when inner is not PSCustomObject => ToNode(member, inner),
        Enum choice => JsonNamingPolicy.CamelCase.ConvertName(choice.ToString()),
        string text => text,
        bool isOn => isOn ? 1 : 0,
        IDictionary table => new JsonObject(table.Cast<DictionaryEntry>()
            .Select(e => KeyValuePair.Create(
                Convert.ToString(e.Key, CultureInfo.InvariantCulture) ?? "", ToNode(member, e.Value)))
            .OrderBy(e => e.Key, StringComparer.Ordinal)),
        int or long or short or byte or uint => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        double or float or decimal => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        _ => throw new InvalidRequestException(
            ErrorIds.InvalidConfiguration, $"{member}: a {value.GetType().Name} is no value of a configuration",
            "specify texts, numbers and hashtables: Get-Help Set-VgpuConfiguration -Full", member),
    };
}
