using System.Text.Json;
using System.Text.Json.Serialization;
using VgpuPS.Core.Json;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Settings;

/// <summary>Turns the configuration file's bytes into checked settings.</summary>
public static class SettingsFormat
{
    private const string TypePrefix = "nvidia-";

    /// <summary>Reads and checks the file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">
    /// Not JSON, an unknown member, a value out of range or a newer version; the message names line and column.
    /// </exception>
    public static HookSettings Read(ReadOnlySpan<byte> content, string path)
    {
        var reader = new JsonFileReader(
            path, "the configuration", $"correct it, then check it: nano {path}; vgpu-hook show",
            HookSettings.CurrentVersion);
        var json = JsonFileReader.WithoutMark(content);
        var settings = reader.Read(json, SettingsJsonContext.Default.HookSettings);
        return FindFault(settings) is var (at, reason)
            ? throw reader.Unreadable(JsonPosition.Find(json, at), reason)
            : settings;
    }

    private static (string[] At, string Reason)? FindFault(HookSettings settings)
    {
        foreach (var (vm, byEntry) in settings.KeepTypes)
        {
            if (FindFault("keepTypes", vm, byEntry) is { } fault)
            {
                return fault;
            }

            foreach (var (entry, type) in byEntry)
            {
                if (HostPciGrammar.IndexOf(entry) is null)
                {
                    return (["keepTypes", vm, entry], $"'{entry}' is not hostpci0 to hostpci15");
                }

                if (type is null || !type.StartsWith(TypePrefix, StringComparison.Ordinal)
                    || !VgpuTypeId.TryParse(type[TypePrefix.Length..], out _))
                {
                    return (["keepTypes", vm, entry], $"'{type}' is not a type such as nvidia-1147");
                }
            }
        }

        foreach (var (vm, script) in settings.Chain)
        {
            if (FindFault("chain", vm, script) is { } fault)
            {
                return fault;
            }

            if (!script.Path.StartsWith('/') || script.Path.Contains('\0', StringComparison.Ordinal))
            {
                return (["chain", vm, "path"], $"'{script.Path}' is not an absolute path");
            }
        }

        return FindParameterFault(settings);
    }

    private static (string[] At, string Reason)? FindParameterFault(HookSettings settings)
    {
        const string Member = "vgpuParameters";
        foreach (var (vm, byEntry) in settings.VgpuParameters)
        {
            if (FindFault(Member, vm, byEntry) is { } fault)
            {
                return fault;
            }

            foreach (var (entry, parameters) in byEntry)
            {
                if (HostPciGrammar.IndexOf(entry) is null)
                {
                    return ([Member, vm, entry], $"'{entry}' is not hostpci0 to hostpci15");
                }

                if (parameters is null)
                {
                    return ([Member, vm, entry], $"{entry} of VM {vm} is null, and must be an object");
                }

                foreach (var (name, value) in parameters)
                {
                    if (VgpuParameters.FindFault(name, value) is { } wrong)
                    {
                        return ([Member, vm, entry, name], wrong);
                    }
                }

                if (VgpuParameters.FindFault(parameters) is { } whole)
                {
                    return ([Member, vm, entry], $"{entry} of VM {vm}: {whole}");
                }
            }
        }

        return null;
    }

    private static (string[] At, string Reason)? FindFault(string member, string vm, object? value) =>
        !VmId.TryParse(vm, out _) ? ([member, vm], $"'{vm}' is not the number of a VM")
        : value is null ? ([member, vm], $"{member} of VM {vm} is null, and must be an object") : null;
}

/// <summary>How the configuration is read: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters =
    [
        typeof(SettingConverter<SriovPolicy>), typeof(SettingConverter<MigModePolicy>),
        typeof(SettingConverter<ComputeInstancePolicy>), typeof(SettingConverter<ReclaimPolicy>),
        typeof(SettingConverter<UnreadableEntryPolicy>), typeof(SettingConverter<ChainOrder>),
    ],
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(HookSettings))]
internal sealed partial class SettingsJsonContext : JsonSerializerContext;

/// <summary>Seconds that the hook's own work may take.</summary>
internal sealed class TimeoutConverter() : SecondsConverter(60, 3600);

/// <summary>Seconds to wait for the host lock.</summary>
internal sealed class LockTimeoutConverter() : SecondsConverter(300, 86400);

/// <summary>Weights by profile name, each from 0; the text <c>learn</c> is null.</summary>
internal sealed class DemandConverter : JsonConverter<IReadOnlyDictionary<string, double>>
{
    public override IReadOnlyDictionary<string, double>? Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("learn"))
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new WrongValueException(
                "is \"learn\" or an object of weights by profile name", reader.TokenStartIndex);
        }

        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var profile = reader.GetString()!;
            reader.Read();
            weights[profile] = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var n) && n >= 0
                ? n : throw new WrongValueException($"of {profile} is not a number from 0", reader.TokenStartIndex);
        }

        return weights;
    }

    public override void Write(
        Utf8JsonWriter writer, IReadOnlyDictionary<string, double> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}
