namespace VgpuPS.Host.Linux;

/// <summary>The child's part of <see cref="IProcessRunner.WriteAttributeAsync"/>: one write, and its outcome as
/// text.</summary>
public static class WriteAttributeCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "write-attribute";

    /// <summary>Exit code for a path that is none of the kernel's attributes.</summary>
    public const int RefusedPath = 64;

    /// <summary>Writes the attribute; prints <c>OPERATION ERRNO</c> when it fails.</summary>
    /// <param name="files">The host's files.</param>
    /// <param name="path">Absolute path below <c>/sys/</c>, without <c>..</c>.</param>
    /// <param name="value">What to write.</param>
    /// <param name="output">Where the outcome goes.</param>
    /// <returns>0, 1 when the write failed, <see cref="RefusedPath"/>.</returns>
    public static int Run(IHostFiles files, string path, string value, TextWriter output)
    {
        if (!path.StartsWith("/sys/", StringComparison.Ordinal) || path.Split('/').Contains(".."))
        {
            return RefusedPath;
        }

        try
        {
            files.WriteAttribute(path, value);
            return 0;
        }
        catch (HostFileException e)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{e.Operation} {e.Number}"));
            return 1;
        }
    }
}
