using System.Diagnostics;
using System.Globalization;
using VgpuPS.Core.Gpu;

namespace VgpuPS.KernelBed.Guest;

/// <summary>Measuring a host on which VMs start.</summary>
internal static class MetricsScenarios
{
    private const int Rounds = 3;
    private const int Vms = 4;

    // The guest's second processor is for scrapes alone.
    private const string OtherProcessor = "2";

    // All of it; a start has the lock or waits for it; or the emulated processor needs longer than a start may wait.
    private static readonly string[] s_ends =
        ["vgpups_driver_up 1\n", "vgpups_collect_skipped 1\n", "vgpups_collect_failed{part=\"driver\"} 1\n"];

    /// <summary>
    /// Scrapes every second while VMs start and stop, on a processor of their own as on a host that has many: none is
    /// refused for it. How long starts take and wait for the host lock is printed; it is not checked, as a collection
    /// takes longer under emulation than a start may wait, and the machine that emulates has other work.
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
        var (scrapes, whole, failure) = await scraping;
        Say(bed, "start", without.Starts, with.Starts);
        Say(bed, "wait for the host lock", without.Waits, with.Waits);
        bed.Report.Say($"{scrapes} scrapes, {whole} of them with the GPUs");
        bed.Report.Check("scrapes were made meanwhile, and none failed", scrapes > 0 && failure is null, failure);
        bed.CheckNothingLeft("all stopped");
    }

    private static void Say(Bed bed, string what, List<TimeSpan> without, List<TimeSpan> with) => bed.Report.Say(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{what}, median and longest of {with.Count}: {Median(without).TotalMilliseconds:0.#} and "
                + $"{without.Max().TotalMilliseconds:0} ms without, {Median(with).TotalMilliseconds:0.#} and "
                + $"{with.Max().TotalMilliseconds:0} ms with a scrape a second"));

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>Starts, and beside each how long the host lock is waited for, in the way in which a start
    /// waits.</summary>
    private static async Task<(List<TimeSpan> Starts, List<TimeSpan> Waits)> MeasureAsync(
        Bed bed, IReadOnlyList<VmId> vms, string what)
    {
        var times = new List<TimeSpan>();
        var waits = new List<TimeSpan>();
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
                waits.Add(await WaitForLockAsync(bed));
            }

            foreach (var vm in vms)
            {
                await bed.StopAsync(vm);
            }
        }

        bed.Report.Check(
            $"{times.Count} starts {what}, none is refused", refused.Count == 0, string.Join(" | ", refused));
        return (times, waits);
    }

    private static async Task<TimeSpan> WaitForLockAsync(Bed bed)
    {
        // Anywhere in the second between two scrapes.
        await Task.Delay(Random.Shared.Next(1000));
        var since = Stopwatch.GetTimestamp();
        await using var held = await bed.Connect().Lock.AcquireAsync(
            "VM 999 pre-start", TimeSpan.FromMinutes(5), CancellationToken.None);
        return Stopwatch.GetElapsedTime(since);
    }

    /// <summary>Measures every second until it is ended; how often, how often with the GPUs, and what the first failure
    /// said.</summary>
    private static async Task<(int Count, int Whole, string? Failure)> ScrapeAsync(Bed bed, CancellationToken stop)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var (count, whole) = (0, 0);
        string? failure = null;
        try
        {
            do
            {
                var run = await Programs.RunAsync(
                    "/bin/taskset", [OtherProcessor, Bed.Hook, "metrics"], bed.Machine.HookEnvironment);
                count++;
                whole += run.Output.Contains(s_ends[0], StringComparison.Ordinal) ? 1 : 0;
                failure ??= run.Succeeded && s_ends.Any(e => run.Output.Contains(e, StringComparison.Ordinal))
                    ? null : $"{run.Output}{run.Error}";
            }
            while (await second.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The starts are over.
        }

        return (count, whole, failure);
    }
}
