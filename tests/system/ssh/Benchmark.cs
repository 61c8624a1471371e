using System.Diagnostics;
using VgpuPS.Core.UseCases;
using VgpuPS.Core.UseCases.CreateInstances;
using VgpuPS.Host.Ssh;

namespace VgpuPS.SshTests;

/// <summary>
/// Times of many sessions with one sshd: cold, warm, and a plan on each; and of Ansible beside them, where it is installed.
/// </summary>
internal static class Benchmark
{
    private const int Throttle = 16;
    private static readonly int[] s_counts = [1, 20, 100];

    public static async Task RunAsync(Bed bed)
    {
        await using var host = await Sshd.StartAsync(bed, "many");
        await bed.LabAsync(host.State, "run", "nvidia-smi", "-mig", "1");

        var options = host.Options with { ConnectingTimeout = TimeSpan.FromMinutes(5) };
        foreach (var count in s_counts)
        {
            var started = Stopwatch.GetTimestamp();
            var sessions = new SshHostSession[count];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Throttle },
                async (n, _) => sessions[n] = await host.OpenAsync($"host{n}", options));
            var cold = Stopwatch.GetElapsedTime(started);
            var show = await TimeAsync(() => Task.WhenAll(sessions.Select(Bed.ShowAsync)));
            var warm = await TimeAsync(() => Task.WhenAll(sessions.Select(Bed.ShowAsync)));
            var plan = await TimeAsync(() => Task.WhenAll(sessions.Select(PlanAsync)));
            Console.WriteLine($"{count,4} sessions: connect {cold.TotalSeconds:0.00} s, first Get-Gpu {show.TotalSeconds:0.00} s, warm Get-Gpu {warm.TotalSeconds:0.000} s, New-MigInstance -WhatIf {plan.TotalSeconds:0.000} s");
            await Task.WhenAll(sessions.Select(s => s.DisposeAsync().AsTask()));
            if (Ansible.IsHere)
            {
                var run = Ansible.Prepare(host, count, Throttle);
                var (first, again) = (await TimeAsync(run), await TimeAsync(run));
                Console.WriteLine($"{count,4} hosts by ansible: first command {first.TotalSeconds:0.00} s, again {again.TotalSeconds:0.00} s");
            }
        }
    }

    private static Task PlanAsync(SshHostSession session) => session.RunAsync(
        HostUseCases.CreateInstances,
        new CreateInstancesRequest { Source = "New-MigInstance", IsPlanOnly = true, Gpu = "0000:4b:00.0", Profiles = ["1g.6gb"] },
        new Observer(), CancellationToken.None);

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started);
    }
}
