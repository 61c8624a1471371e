using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes time slices: the shortest, the present one and the longest of the GPUs on the line, in
/// milliseconds.</summary>
public sealed class TimesliceCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from gpu in FindGpus(report, bound)
        let scheduler = report.SchedulerOf(gpu)
        where scheduler is not null
        from slice in new (double? Length, string What)[]
        {
            (scheduler.MinTimesliceMilliseconds, "shortest"), (scheduler.TimesliceMilliseconds, "present"),
            (scheduler.MaxTimesliceMilliseconds, "longest"),
        }
        where slice.Length is not null
        select new Completion(
            slice.Length!.Value.ToString("0", CultureInfo.InvariantCulture),
            string.Create(
                CultureInfo.InvariantCulture, $"{slice.Length:0.###} ms: the {slice.What} of {gpu.GpuAddress}"));
}
