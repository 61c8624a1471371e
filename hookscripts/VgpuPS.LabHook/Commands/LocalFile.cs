namespace VgpuPS.LabHook.Commands;

/// <summary>Files of the machine that the lab runs on.</summary>
internal static class LocalFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="VgpuException">It is not there, cannot be read, or is larger than <paramref name="limit"/>
    /// bytes.</exception>
    public static byte[] Read(string path, int limit)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= limit
                ? File.ReadAllBytes(path)
                : throw new UnreadableDataException(
                    ErrorIds.UnreadableData, $"{path} has {length} bytes; at most {limit} are read",
                    "name the right file: vgpu-lab help", path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ObjectNotFoundException(
                ErrorIds.DeviceNotFound, $"there is no file {path}", "name the right file: vgpu-lab help", path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"{path} cannot be read: {e.Message}", $"see it: ls -l {path}", path);
        }
    }
}
