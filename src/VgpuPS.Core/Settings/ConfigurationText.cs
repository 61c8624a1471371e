using System.Text;
using System.Text.Json;
using VgpuPS.Core.Json;
using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Settings;

/// <summary>The configuration's text as users see it: its members, what a change changes, and what is wrong.</summary>
public static class ConfigurationText
{
    private const int LongestValue = 120;

    // Members whose own members are VMs.
    private static readonly string[] s_byVm = ["keepTypes", "chain", "vgpuParameters"];

    /// <summary>Names of the members, as the file spells them.</summary>
    public static IReadOnlyList<string> Members { get; } =
    [
        .. SettingsJsonContext.Default.HookSettings.Properties.Where(p => p.Get is not null).Select(p => p.Name)
            .Where(n => n != "version"),
    ];

    /// <summary>What changes the text when it does; empty for no file.</summary>
    public static string DigestOf(byte[]? content)
    {
        if (content is null)
        {
            return "";
        }

        var digest = new Sha256();
        digest.Add(content);
        return digest.Finish();
    }

    /// <summary>As a row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its bytes; null for none.</param>
    /// <exception cref="UnreadableDataException">It is not readable.</exception>
    public static VgpuConfigurationInfo Describe(string path, byte[]? content)
    {
        var settings = content is null ? new HookSettings() : SettingsFormat.Read(content, path);
        return new VgpuConfigurationInfo
        {
            Path = path,
            Exists = content is not null,
            Sriov = Name(settings.Sriov),
            MigMode = Name(settings.MigMode),
            ComputeInstance = Name(settings.ComputeInstance),
            Reclaim = Name(settings.Reclaim),
            UnreadableEntry = Name(settings.UnreadableEntry),
            Demand =
            [
                .. (settings.Demand ?? new Dictionary<string, double>()).OrderBy(d => d.Key, StringComparer.Ordinal)
                    .Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key}={d.Value}")),
            ],
            TimeoutSeconds = settings.TimeoutSeconds,
            LockTimeoutSeconds = settings.LockTimeoutSeconds,
            KeepTypes = [.. settings.KeepTypes.SelectMany(v => v.Value.Select(e => $"{v.Key} {e.Key} {e.Value}"))],
            Chain = [.. settings.Chain.Select(c => $"{c.Key} {c.Value.Path} {Name(c.Value.Order)}")],
            VgpuParameters =
            [
                .. settings.VgpuParameters.SelectMany(
                    v => v.Value.Select(e => $"{v.Key} {e.Key} {VgpuParameters.Format(e.Value)}")),
            ],
            Digest = DigestOf(content),
            Text = content is null ? "" : Encoding.UTF8.GetString(JsonFileReader.WithoutMark(content)),
        };
    }

    /// <summary>Whether a text is readable, as a row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its bytes; null for no file.</param>
    public static VgpuConfigurationTestInfo Judge(string path, byte[]? content)
    {
        var row = new VgpuConfigurationTestInfo
        {
            Path = path,
            Check = "Readable",
            Passed = true,
            Detail = content is null ? "there is none: all is as by default" : "it can be read",
            RecommendedAction = null,
        };
        try
        {
            _ = content is null ? null : SettingsFormat.Read(content, path);
            return row;
        }
        catch (UnreadableDataException e)
        {
            return row with
            {
                Passed = false,
                Detail = e.Message,
                Line = e.Line,
                Column = e.Column,
                RecommendedAction = e.RecommendedAction,
            };
        }
    }

    /// <summary>Members whose values differ, by name.</summary>
    /// <param name="before">The text before; null for none, or where it is not JSON.</param>
    /// <param name="after">The text after.</param>
    public static IReadOnlyList<MemberChange> Compare(byte[]? before, byte[] after)
    {
        var (old, now) = (ReadMembers(before), ReadMembers(after));
        return
        [
            .. from name in Members.Append("version")
               let was = old.TryGetValue(name, out var o) ? o : (JsonElement?)null
               let becomes = now.TryGetValue(name, out var n) ? n : (JsonElement?)null
               where was is null != becomes is null
                   || (was is { } w && becomes is { } b && !JsonElement.DeepEquals(w, b))
               select new MemberChange(
                   name, Shorten(was), Shorten(becomes),
                   s_byVm.Contains(name) ? [.. VmsOf(was).Except(VmsOf(becomes))] : []),
        ];
    }

    private static IEnumerable<string> VmsOf(JsonElement? member) =>
        member is { ValueKind: JsonValueKind.Object } vms ? vms.EnumerateObject().Select(v => v.Name) : [];

    private static Dictionary<string, JsonElement> ReadMembers(byte[]? content)
    {
        try
        {
            using var document = JsonDocument.Parse(
                JsonFileReader.WithoutMark(content ?? "{}"u8.ToArray()).ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.Clone()) : [];
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Not JSON, or a member twice: nothing of it counted.
            return [];
        }
    }

    private static string? Shorten(JsonElement? value)
    {
        var text = value?.ValueKind == JsonValueKind.String ? value.Value.GetString() : value?.GetRawText();
        text = text is null ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text is { Length: > LongestValue } ? text[..LongestValue] + "…" : text;
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

/// <summary>A member of the configuration that changes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">Its value before; null where it had none.</param>
/// <param name="After">Its value after; null where it has none, so that the default holds.</param>
/// <param name="LostVms">VMs that it named before, and does not after.</param>
public sealed record MemberChange(string Name, string? Before, string? After, IReadOnlyList<string> LostVms);
