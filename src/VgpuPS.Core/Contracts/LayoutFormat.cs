using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>Reads the host's layout file.</summary>
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
        var json = reader.Open(content);
        var layout = reader.Deserialize(json, HostFileJsonContext.Default.HostLayout);
        if (layout.Gpus is null || layout.Gpus.Any(g => g is null || string.IsNullOrWhiteSpace(g.Gpu)))
        {
            throw reader.Unreadable(new JsonPosition(1, 1), "the member gpus must list objects with a member gpu");
        }

        var twice = layout.Gpus.GroupBy(g => g.Gpu, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1);
        return twice is null
            ? layout
            : throw reader.Unreadable(new JsonPosition(1, 1), $"GPU {twice.Key} is listed {twice.Count()} times");
    }
}
