using System.Globalization;
using Microsoft.PowerShell.Commands;
using VgpuPS.Core.Layout;

namespace VgpuPS.Text;

/// <summary>Layouts that come down a pipe: those of Export-VgpuLayout and advice that has one, live, of a file or of
/// JSON.</summary>
internal static class LayoutObjects
{
    private const string Again = "pipe one that is: Export-VgpuLayout, or Get-VgpuAdvice";

    /// <summary>Reads them, one a host.</summary>
    /// <param name="piped">Each with the host session that it is for; null for the only one.</param>
    /// <param name="path">A file that was named beside them; null for none.</param>
    /// <exception cref="InvalidRequestException">One is no layout, two are for one host, or a file is named
    /// too.</exception>
    public static IReadOnlyList<(IReadOnlyList<GpuLayout> Gpus, string[]? Session)> Read(
        IReadOnlyList<(PSObject? Layout, string[]? Session)> piped, string? path)
    {
        if (path is not null)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"the layout {path} is named, and another is piped in",
                "omit -Path, or pipe nothing in", path);
        }

        if (piped.GroupBy(p => p.Session is null ? "" : string.Join(',', p.Session), StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Count() > 1) is { } several)
        {
            throw new InvalidRequestException(
                ErrorIds.AmbiguousLayout,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{several.Count()} layouts{(several.Key.Length == 0 ? "" : $" for host {several.Key}")} are piped "
                        + $"in, and only one can be applied"),
                "choose one: Get-VgpuAdvice without -All, or ... | Where-Object Rank -eq 1 | Sync-VgpuLayout",
                several.Key);
        }

        return [.. piped.Select(p => (Read(p.Layout), p.Session))];
    }

    private static IReadOnlyList<GpuLayout> Read(PSObject? piped)
    {
        var value = piped?.Properties["Layout"] is { } own ? own.Value : piped;
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        var layout = plain switch
        {
            HostLayout live => live,
            null => throw Wrong(
                "there is no layout: advice for GPUs of no host has none where they differ",
                "ask again with the host connected: Connect-VgpuHost"),
            _ when value is PSObject { Properties: var all } && all["Gpus"] is not null => Parse(value),
            _ => throw Wrong($"'{piped}' is no layout", Again),
        };
        return LayoutFormat.FindFault(layout) is var (_, reason) ? throw Wrong(reason, Again) : layout.Gpus;
    }

    private static HostLayout Parse(object value)
    {
        var context = new JsonObject.ConvertToJsonContext(6, true, true);
        var json = JsonObject.ConvertToJson(value, in context);
        try
        {
            return new WrittenDocument("that is piped in", "layout", Again, HostLayout.CurrentVersion)
                .Read(json, LayoutJsonContext.Default.HostLayout);
        }
        catch (UnreadableDataException e)
        {
            throw Wrong(e.Message, Again);
        }
    }

    private static InvalidRequestException Wrong(string reason, string action) =>
        new(ErrorIds.InvalidLayout, reason, action);
}
