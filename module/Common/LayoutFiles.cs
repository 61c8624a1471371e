using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;

namespace VgpuPS.Common;

/// <summary>Layouts in files of the machine that PowerShell runs on.</summary>
internal static class LayoutFiles
{
    /// <summary>Reads one.</summary>
    /// <param name="full">Its full path; null for the host's own layout, which the host reads.</param>
    /// <exception cref="VgpuException">There is no such file, or it is no layout; says line and column.</exception>
    public static IReadOnlyList<GpuLayout>? Read(string? full)
    {
        if (full is null)
        {
            return null;
        }

        try
        {
            return LayoutFormat.Read(File.ReadAllBytes(full), full).Gpus;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectNotFoundException(
                ErrorIds.LayoutNotFound, $"the layout {full} cannot be read: {e.Message}",
                "Make one: Export-VgpuLayout -Path layout.json", full, e);
        }
    }

    /// <summary>Writes one.</summary>
    /// <exception cref="HostNotReadyException">It cannot be written.</exception>
    public static void Write(string full, HostLayout layout)
    {
        try
        {
            File.WriteAllBytes(full, LayoutFormat.Write(layout));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostNotReadyException(
                ErrorIds.WriteFailed, $"the layout {full} cannot be written: {e.Message}", "Choose another -Path", full, e);
        }
    }
}
