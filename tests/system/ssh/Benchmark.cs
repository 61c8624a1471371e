using System.Diagnostics;
using System.Globalization;
using VgpuPS.Host.Operations.Mig;
using VgpuPS.Host.Sessions;

namespace VgpuPS.SshTests;

/// <summary>
/// Times of many sessions with one sshd: connecting, the first reading, warm ones, and a plan on each; over OpenSSH,
/// over Renci.SshNet, and of Ansible beside them, where it is installed. Fails where a bar is missed.
/// </summary>
/// <remarks>Source of the bars: design section 12.</remarks>
internal static class Benchmark
{
    private const int Throttle = 16;
    private const int WarmRuns = 9;

    private static readonly (int Hosts, double WarmBar)[] s_openSsh = [(1, 0.5), (20, 0.5), (100, 2.5)];
    private static readonly (int Hosts, double WarmBar)[] s_library = [(1, 0.5), (20, 0.5)];

    public static async Task<int> RunAsync(SshBed bed)
    {
        var holds = true;
        await using (var host = await StartAsync(bed, null))
        {
            foreach (var (count, bar) in s_openSsh)
            {
                var warm = await MeasureAsync(host, "OpenSSH", count);
                holds &= Judge(warm, bar, "s");
                if (Ansible.IsHere)
                {
                    var run = Ansible.Prepare(host, count, Throttle);
                    var (first, again) = (await TimeAsync(run), await TimeAsync(run));
                    Say($"{count,4} hosts, ansible: first command {first:0.00} s, again {again:0.00} s");
                    holds &= count == 1 || Judge(warm / again, 0.1, "of ansible's");
                }
            }
        }

        await using (var host = await StartAsync(bed, Account.ByPassword()))
        {
            foreach (var (count, bar) in s_library)
            {
                holds &= Judge(await MeasureAsync(host, "Renci.SshNet", count), bar, "s");
            }
        }

        return holds ? 0 : 1;
    }

    private static async Task<Sshd> StartAsync(SshBed bed, Account? account)
    {
        var host = await Sshd.StartAsync(bed, "many", account: account);
        await bed.LabAsync(host.State, "run", "nvidia-smi", "-mig", "1");
        return host;
    }

    /// <returns>Median of the warm readings of all hosts, in seconds.</returns>
    private static async Task<double> MeasureAsync(Sshd host, string transport, int count)
    {
        var load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        var sessions = new SshHostSession[count];
        using var client = host.MakeClient(TimeSpan.FromMinutes(5));
        var cold = await TimeAsync(() => Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Throttle },
            async (n, _) => sessions[n] = await host.ConnectAsync(client, $"host{n}")));
        var show = await TimeAsync(() => Task.WhenAll(sessions.Select(SshBed.ShowAsync)));
        var warm = new List<double>();
        for (var run = 0; run < WarmRuns; run++)
        {
            warm.Add(await TimeAsync(() => Task.WhenAll(sessions.Select(SshBed.ShowAsync))));
        }

        var plan = await TimeAsync(() => Task.WhenAll(sessions.Select(PlanAsync)));
        var median = warm.Order().ElementAt(WarmRuns / 2);
        Say($"{count,4} hosts, {transport}, load {load}: connect {cold:0.00} s, first Get-Gpu {show:0.000} s");
        Say($"      warm Get-Gpu {median:0.000} s ({warm.Min():0.000} to {warm.Max():0.000}), plan {plan:0.000} s");
        await Task.WhenAll(sessions.Select(s => s.DisposeAsync().AsTask()));
        return median;
    }

    private static bool Judge(double value, double bar, string unit)
    {
        Say($"      {(value < bar ? "PASS" : "FAIL")}  warm Get-Gpu {value:0.000} {unit}, bar {bar}");
        return value < bar;
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static Task PlanAsync(SshHostSession session) => session.RunAsync(
        HostUseCases.CreateMigInstances,
        new CreateMigInstancesRequest
        {
            Source = "New-MigInstance",
            IsPlanOnly = true,
            Gpu = "0000:4b:00.0",
            Profiles = ["1g.6gb"]
        },
        new Observer(), CancellationToken.None);

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
