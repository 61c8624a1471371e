using System.Globalization;
using VgpuPS.Core.Gpu;

namespace VgpuPS.Completers;

/// <summary>Completes vGPU types by name; a number, and the end of a name without its board, find them too.</summary>
public sealed class VgpuTypeCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from gpu in FindGpus(report, bound)
        from type in report.TypesOf(gpu)
        select new Completion(
            type.VgpuType,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{type.VgpuType} (nvidia-{type.VgpuTypeId}): {type.FramebufferMiB} MiB, "
                    + $"{(type.Profile is { } p ? $"on a {p}" : "time-sliced")}"),
            type.VgpuTypeId.ToString(CultureInfo.InvariantCulture), VgpuType.EndOf(type.VgpuType));
}
