using System.Text.Json;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Contracts;

/// <summary>Reads and writes what the boot service did.</summary>
public static class BootStatusFormat
{
    /// <summary>Reads and checks it.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member, or a newer version.</exception>
    public static BootStatus Read(ReadOnlySpan<byte> content, string path) => new JsonFileReader(
        path, "The boot service's status", "Have it written anew: systemctl restart vgpups", BootStatus.CurrentVersion)
        .Read(JsonFileReader.WithoutMark(content), HostFileJsonContext.Default.BootStatus);

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(BootStatus status) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(status, HostFileJsonContext.Default.BootStatus), (byte)'\n'];
}
