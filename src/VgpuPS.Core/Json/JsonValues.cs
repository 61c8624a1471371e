using System.Text.Json;
using System.Text.Json.Serialization;

namespace VgpuPS.Core.Json;

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
