using System.Text;
using VgpuPS.Core.Errors;

namespace VgpuPS.Ssh;

/// <summary>Files of known hosts on this machine.</summary>
internal static class KnownHostsFiles
{
    private const long LargestFile = 256L << 20;

    /// <summary>Reads those that are there.</summary>
    /// <exception cref="UnreadableDataException">One is there and cannot be read: it might revoke a key.</exception>
    public static KnownHosts Read(IReadOnlyList<string> paths) =>
        new(paths.Where(File.Exists).Select(p => (p, ReadFile(p))));

    private static string ReadFile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > LargestFile)
            {
                throw new IOException($"it has {file.Length >> 20} MiB");
            }

            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableDataException(
                ErrorIds.ReadFailed, $"{path}, which host keys are compared with, cannot be read: {e.Message}",
                $"Make it readable: ls -l '{path}'", path, e);
        }
    }
}
