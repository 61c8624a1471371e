using System.Text.Json;
using System.Text.Json.Serialization;
using VgpuPS.Core.Boot;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Json;
using VgpuPS.Core.Layout;

namespace VgpuPS.Core.Settings;

/// <summary>How our own files on a host are read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters =
    [
        typeof(VmIdConverter), typeof(VgpuTypeIdConverter), typeof(ProfileIdConverter), typeof(GpuInstanceIdConverter),
        typeof(ComputeInstanceIdConverter), typeof(PciAddressConverter), typeof(MdevUuidConverter),
        typeof(ChoiceConverter<ClaimState>), typeof(SettingConverter<SriovPolicy>),
        typeof(SettingConverter<MigModePolicy>), typeof(SettingConverter<ComputeInstancePolicy>),
        typeof(SettingConverter<ReclaimPolicy>), typeof(SettingConverter<UnreadableEntryPolicy>),
        typeof(SettingConverter<ChainOrder>),
    ],
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ClaimFile))]
[JsonSerializable(typeof(HostLayout))]
[JsonSerializable(typeof(BootStatus))]
[JsonSerializable(typeof(HookSettings))]
public sealed partial class HostFileJsonContext : JsonSerializerContext;

/// <summary>A choice as our files hold it: its name in camelCase, exactly.</summary>
/// <typeparam name="T">The choices.</typeparam>
internal class ChoiceConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly (string Text, T Value)[] s_choices =
        [.. Enum.GetValues<T>().Select(value => (JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), value))];

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException();
        foreach (var choice in s_choices)
        {
            if (choice.Text == text)
            {
                return choice.Value;
            }
        }

        throw new WrongValueException(
            $"is '{text}', and must be one of {string.Join(", ", s_choices.Select(c => c.Text))}",
            reader.TokenStartIndex);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Array.Find(s_choices, choice => choice.Value.Equals(value)).Text);
}

/// <summary>A choice that need not be made: null is the first one.</summary>
internal sealed class SettingConverter<T> : ChoiceConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? default : base.Read(ref reader, typeToConvert, options);
}

/// <summary>A whole number from 1; null is the default.</summary>
/// <param name="otherwise">The default.</param>
/// <param name="largest">The largest one.</param>
internal abstract class SecondsConverter(int otherwise, int largest) : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => otherwise,
            JsonTokenType.Number when reader.TryGetInt32(out var n) => n >= 1 && n <= largest ? n
                : throw new WrongValueException($"is {n}, and must be from 1 to {largest}", reader.TokenStartIndex),
            _ => throw new JsonException(),
        };

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value);
}

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

/// <summary>An id that is a number.</summary>
internal abstract class NumberConverter<T>(Func<uint, T?> read, Func<T, uint> write) : JsonConverter<T>
    where T : struct
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt32(out var number) && read(number) is { } id
            ? id : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(write(value));
}

/// <summary>An id that is a text.</summary>
internal abstract class TextConverter<T>(Func<string?, T?> read) : JsonConverter<T>
    where T : struct
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && read(reader.GetString()) is { } id ? id : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

internal sealed class VmIdConverter() : NumberConverter<VmId>(
    number => VmId.TryParse($"{number}", out var id) ? id : null, id => (uint)id.Value);

internal sealed class VgpuTypeIdConverter() : NumberConverter<VgpuTypeId>(
    number => number == 0 ? null : new VgpuTypeId(number), id => id.Value);

internal sealed class ProfileIdConverter() : NumberConverter<ProfileId>(
    number => new ProfileId(number), id => id.Value);

internal sealed class GpuInstanceIdConverter() : NumberConverter<GpuInstanceId>(
    number => new GpuInstanceId(number), id => id.Value);

internal sealed class ComputeInstanceIdConverter() : NumberConverter<ComputeInstanceId>(
    number => new ComputeInstanceId(number), id => id.Value);

internal sealed class PciAddressConverter() : TextConverter<PciAddress>(
    text => PciAddress.TryParse(text, out var address) ? address : null);

internal sealed class MdevUuidConverter() : TextConverter<MdevUuid>(
    text => MdevUuid.TryParse(text, out var uuid) ? uuid : null);
