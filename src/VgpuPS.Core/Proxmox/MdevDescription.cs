using System.Globalization;
using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Proxmox;

/// <summary>What the file <c>description</c> of a mediated device type says; null where it says nothing.</summary>
/// <param name="HeadCount">Number of displays.</param>
/// <param name="FrameRateLimit">Frames a second.</param>
/// <param name="FramebufferMiB">Frame buffer in MiB.</param>
/// <param name="MaxResolution">Largest display, such as <c>7680x4320</c>.</param>
/// <param name="MaxInstances">Most vGPUs of this type on one GPU.</param>
/// <remarks>Source: facts/host-behaviour.md 1.3.</remarks>
internal sealed record MdevDescription(
    int? HeadCount, int? FrameRateLimit, long? FramebufferMiB, string? MaxResolution, int? MaxInstances)
{
    /// <summary>Reads the file; parts that are not understood are left out.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 16 MiB.</exception>
    public static MdevDescription Read(ReadOnlySpan<byte> raw)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in string.Join(',', PveText.Lines(raw, "The type's description")).Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                values.TryAdd(PveText.Trim(part[..equals]), PveText.Trim(part[(equals + 1)..]));
            }
        }

        return new MdevDescription(
            Number(values, "num_heads"), Number(values, "frl_config"),
            Number(values, "framebuffer", "M"), values.GetValueOrDefault("max_resolution"),
            Number(values, "max_instance"));
    }

    private static int? Number(Dictionary<string, string> values, string key, string unit = "") =>
        values.TryGetValue(key, out var text) && text.EndsWith(unit, StringComparison.Ordinal)
        && int.TryParse(
            text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
