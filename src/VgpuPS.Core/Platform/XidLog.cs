using System.Text.RegularExpressions;

namespace VgpuPS.Core.Platform;

/// <summary>Errors of GPUs that NVIDIA's kernel module reports by number.</summary>
/// <remarks>
/// Source: facts/metrics.md A25: <c>NVRM: Xid (PCI:0000:4b:00): 79, …</c>; the function of the address is not printed.
/// </remarks>
public static partial class XidLog
{
    /// <summary>The Xid that a line reports, with its GPU; null where it reports none.</summary>
    public static (PciAddress Gpu, int Number)? Find(LogLine line) =>
        Xid().Match(line.Text) is { Success: true } match
            && PciAddress.TryParse($"{match.Groups[1].Value}.0", out var gpu)
            ? (gpu, int.Parse(match.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture)) : null;

    [GeneratedRegex(@"^NVRM: Xid \(PCI:([0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2})\): (\d{1,4}),",
        RegexOptions.CultureInvariant)]
    private static partial Regex Xid();
}
