using System.Text.Json;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>Reads and writes the host's layout file.</summary>
public static class LayoutFormat
{
    /// <summary>Reads and checks it.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">
    /// Not JSON, an unknown member, a GPU named twice, or a newer version; the message names line and column.
    /// </exception>
    public static HostLayout Read(ReadOnlySpan<byte> content, string path)
    {
        var reader = new JsonFileReader(
            path, "The layout", $"Correct it with `nano {path}`.", HostLayout.CurrentVersion);
        var json = JsonFileReader.WithoutMark(content);
        var layout = reader.Read(json, HostFileJsonContext.Default.HostLayout);
        if (layout.Gpus is null)
        {
            throw reader.Unreadable(JsonPosition.Find(json), "the member 'gpus' is missing");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < layout.Gpus.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(layout.Gpus[index]?.Gpu))
            {
                throw reader.Unreadable(
                    JsonPosition.Find(json, "gpus", $"{index}"), $"gpus[{index}] does not name a GPU");
            }

            if (!seen.Add(layout.Gpus[index].Gpu))
            {
                throw reader.Unreadable(
                    JsonPosition.Find(json, "gpus", $"{index}"), $"the GPU {layout.Gpus[index].Gpu} is listed twice");
            }
        }

        return layout;
    }

    /// <summary>The file's bytes, members that are null left out.</summary>
    public static byte[] Write(HostLayout layout) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(layout, LayoutJsonContext.Default.HostLayout), (byte)'\n'];
}
