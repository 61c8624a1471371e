using System.Text;
using VgpuPS.Core.Layout;

namespace VgpuPS.Text;

/// <summary>Layouts in files of the machine that PowerShell runs on.</summary>
internal static class LayoutFiles
{
    /// <summary>Reads one.</summary>
    /// <param name="full">Its full path; null for the host's own layout, which the host reads.</param>
    /// <exception cref="VgpuException">There is no such file, or it is not a layout; says line and column.</exception>
    public static IReadOnlyList<GpuLayout>? Read(string? full)
    {
        if (full is null)
        {
            return null;
        }

        try
        {
            using var reader = new StreamReader(full, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return Parse(reader.ReadToEnd(), full);
        }
        catch (DecoderFallbackException e)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"layout {full} cannot be read: its text is not UTF-8: {e.Message}",
                "save it as UTF-8, or write it again: " + Again(full), full, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectNotFoundException(
                ErrorIds.LayoutNotFound, $"the layout {full} cannot be read: {e.Message}",
                "create one: Export-VgpuLayout -Path layout.json", full, e);
        }
    }

    private static IReadOnlyList<GpuLayout> Parse(string text, string full)
    {
        var document = new WrittenDocument(
            full, "layout",
            $"correct it there; ConvertTo-Json -Depth 5 writes all of one; or write it again: {Again(full)}",
            HostLayout.CurrentVersion);
        var layout = document.Read(text, LayoutJsonContext.Default.HostLayout);
        return LayoutFormat.FindFault(layout) is var (index, reason)
            ? throw document.Unreadable($"gpus[{index}]", reason)
            : layout.Gpus;
    }

    private static string Again(string full) => $"Export-VgpuLayout -Path {full}";
}
