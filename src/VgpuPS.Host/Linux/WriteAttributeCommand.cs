using System.Globalization;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Linux;

/// <summary>The child's part of <see cref="IProcessRunner.WriteAttributeAsync"/>: one write, and its outcome as text.</summary>
public static class WriteAttributeCommand
{
    /// <summary>The face's word for it.</summary>
    public const string Name = "write-attribute";

    /// <summary>Writes the attribute; prints <c>OPERATION ERRNO</c> when it fails.</summary>
    /// <returns>0, 1 when the write failed, 64 for a path that is none of the kernel's attributes.</returns>
    public static int Run(IHostFiles files, string path, string value, TextWriter output)
    {
        if (!path.StartsWith("/sys/", StringComparison.Ordinal) || path.Split('/').Contains(".."))
        {
            return 64;
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
