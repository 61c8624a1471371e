using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes sizes of frame buffers that the vGPU types of the GPUs on the line have, the smallest
/// first.</summary>
public sealed class MemoryCompleter : HostCompleter
{
    private const int MiBInGiB = 1024;

    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from type in FindGpus(report, bound).SelectMany(report.TypesOf)
        group type.VgpuType by type.FramebufferMiB into size
        orderby size.Key
        select new Completion(Text(size.Key), $"{Text(size.Key)}: {string.Join(", ", size.Distinct().Take(6))}");

    private static string Text(long mib) => mib % MiBInGiB == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{mib / MiBInGiB}GB")
        : string.Create(CultureInfo.InvariantCulture, $"{mib}MB");
}
