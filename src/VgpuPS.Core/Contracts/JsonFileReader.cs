using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>Reads one of our own files: UTF-8, known members only, of a version that this program knows.</summary>
/// <param name="path">The file's path, for messages.</param>
/// <param name="what">What the file is, for messages: <c>The claims file</c>.</param>
/// <param name="recommendedAction">What to do when it is unreadable, with a command.</param>
/// <param name="newestVersion">The newest version that is understood.</param>
internal sealed class JsonFileReader(string path, string what, string recommendedAction, int newestVersion)
{
    /// <summary>The text without a byte order mark.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> content) =>
        content.StartsWith("\uFEFF"u8) ? content[3..] : content;

    /// <summary>The document in a text, after version and member names have been checked.</summary>
    public T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        if (!Utf8.IsValid(json))
        {
            throw Unreadable(FirstInvalid(json), "the text is not UTF-8");
        }

        try
        {
            if (JsonText.FindWrong(json) is var (index, reason))
            {
                throw Unreadable(JsonPosition.At(json, index), reason);
            }

            using var document = JsonDocument.Parse(json.ToArray());
            CheckShape(json, document.RootElement, type);
        }
        catch (JsonException failure)
        {
            throw Unreadable(JsonPosition.Of(failure), "the text is not JSON there", failure);
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw Unreadable(new JsonPosition(1, 1), "it is empty");
        }
        catch (JsonException failure)
        {
            throw Unreadable(JsonPosition.Of(failure), $"the value of {failure.Path} is of the wrong kind", failure);
        }
        catch (Exception failure) when (JsonText.IsRefusal(failure))
        {
            throw Unreadable(new JsonPosition(1, 1), $"the text is refused: {failure.Message}", failure);
        }
    }

    /// <summary>The exception for a value that is JSON and still not right.</summary>
    public UnreadableDataException Unreadable(JsonPosition position, string reason, Exception? inner = null) =>
        new(ErrorIds.UnreadableData, $"{what} {path} is not readable at {position}: {reason}.", recommendedAction, path,
            inner);

    private void CheckShape(ReadOnlySpan<byte> json, JsonElement root, JsonTypeInfo type)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Unreadable(JsonPosition.Find(json), "it is not an object");
        }

        CheckVersion(json, root);
        if (JsonMembers.FindWrong(root, type) is var (path, reason))
        {
            throw Unreadable(JsonPosition.Find(json, [.. path]), reason);
        }
    }

    private void CheckVersion(ReadOnlySpan<byte> json, JsonElement root)
    {
        if (!root.TryGetProperty("version", out var element))
        {
            return;
        }

        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out var version) || version < 1)
        {
            throw Unreadable(JsonPosition.Find(json, "version"), "the version is not a whole number from 1");
        }

        if (version > newestVersion)
        {
            throw new UnreadableDataException(
                ErrorIds.NewerVersion,
                $"{what} {path} is of version {version}; this program knows versions up to {newestVersion}.",
                "Install the newer vgpu-hook again; `vgpu-hook --version` shows the present one.", path);
        }
    }

    private static JsonPosition FirstInvalid(ReadOnlySpan<byte> json)
    {
        var valid = 0;
        while (Rune.DecodeFromUtf8(json[valid..], out _, out var length) == OperationStatus.Done)
        {
            valid += length;
        }

        return JsonPosition.At(json, valid);
    }
}
