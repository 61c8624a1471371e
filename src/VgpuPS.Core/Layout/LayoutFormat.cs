using System.Text.Json.Serialization;
using VgpuPS.Core.Json;

namespace VgpuPS.Core.Layout;

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
            path, "the layout", $"correct it: nano {path}", HostLayout.CurrentVersion);
        var json = JsonFileReader.WithoutMark(content);
        var layout = reader.Read(json, LayoutJsonContext.Default.HostLayout);
        return FindFault(layout) is var (index, reason)
            ? throw reader.Unreadable(JsonPosition.Find(json, "gpus", $"{index}"), reason)
            : layout;
    }

    /// <summary>What is wrong with a layout that could be read; null for nothing.</summary>
    /// <returns>Which of its GPUs, and the reason.</returns>
    public static (int Index, string Reason)? FindFault(HostLayout layout)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < layout.Gpus.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(layout.Gpus[index]?.Gpu))
            {
                return (index, $"gpus[{index}] does not name a GPU");
            }

            if (!seen.Add(layout.Gpus[index].Gpu))
            {
                return (index, $"the GPU {layout.Gpus[index].Gpu} is listed twice");
            }
        }

        return null;
    }

    /// <summary>The file's bytes, members that are null left out.</summary>
    public static byte[] Write(HostLayout layout) =>
        JsonOutput.WriteLine(layout, LayoutJsonContext.Default.HostLayout);
}

/// <summary>How a layout is read and written: unknown members are refused, members that are null left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(HostLayout))]
public sealed partial class LayoutJsonContext : JsonSerializerContext;
