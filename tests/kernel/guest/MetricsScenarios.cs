using System.Diagnostics;
using System.Globalization;
using VgpuPS.Core.Gpu;

namespace VgpuPS.KernelBed.Guest;

/// <summary>Measuring a host on which VMs start.</summary>
internal static class MetricsScenarios
{
    private const int Rounds = 3;
    private const int Vms = 4;

    // All of it; a start has the lock; or the emulated processor needs longer than a start may wait.
    private static readonly string[] s_ends =
        ["vgpups_driver_up 1\n", "vgpups_collect_skipped 1\n", "vgpups_collect_failed{part=\"driver\"} 1\n"];

    /// <summary>
    /// Scrapes every second while VMs start and stop: none is refused for it, and the medians of a start without and
    /// with scrapes are printed. They are not checked, as the machine has other work.
    /// </summary>
    internal static async Task ScrapesAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        VmId[] vms =
        [
            .. Enumerable.Range(0, Vms).Select(i => Bed.CreateVm(101 + i, $"{bed.Function(0, i)},mdev=nvidia-689")),
        ];
        var without = await MeasureAsync(bed, vms, "without scrapes");
        using var stop = new CancellationTokenSource();
        var scraping = ScrapeAsync(bed, stop.Token);
        var with = await MeasureAsync(bed, vms, "with scrapes");
        await stop.CancelAsync();
        var (scrapes, failure) = await scraping;
        bed.Report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"median start {without.TotalMilliseconds:0} ms without and {with.TotalMilliseconds:0} ms with a scrape a "
                + $"second, {scrapes} scrapes"));
        bed.Report.Check("scrapes were made meanwhile, and none failed", scrapes > 0 && failure is null, failure);
        bed.CheckNothingLeft("all stopped");
    }

    private static async Task<TimeSpan> MeasureAsync(Bed bed, IReadOnlyList<VmId> vms, string what)
    {
        var times = new List<TimeSpan>();
        var refused = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var vm in vms)
            {
                var since = Stopwatch.GetTimestamp();
                if (await bed.StartAsync(vm) is { } error)
                {
                    refused.Add($"VM {vm}: {error} {bed.Said(vm)}");
                }

                times.Add(Stopwatch.GetElapsedTime(since));
            }

            foreach (var vm in vms)
            {
                await bed.StopAsync(vm);
            }
        }

        bed.Report.Check(
            $"{times.Count} starts {what}, none is refused", refused.Count == 0, string.Join(" | ", refused));
        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>Measures every second until it is ended; how often, and what the first failure said.</summary>
    private static async Task<(int Count, string? Failure)> ScrapeAsync(Bed bed, CancellationToken stop)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var count = 0;
        string? failure = null;
        try
        {
            do
            {
                var run = await Programs.RunAsync(Bed.Hook, ["metrics"], bed.Machine.HookEnvironment);
                count++;
                failure ??= run.Succeeded && s_ends.Any(e => run.Output.Contains(e, StringComparison.Ordinal))
                    ? null : $"{run.Output}{run.Error}";
            }
            while (await second.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The starts are over.
        }

        return (count, failure);
    }
}
