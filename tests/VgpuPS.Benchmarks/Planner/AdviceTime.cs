using System.Diagnostics;
using System.Globalization;
using VgpuPS.Core.Advice;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Advice;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Benchmarks.Planner;

/// <summary>How long advice for many tenants on many GPUs takes, and how many of them it serves.</summary>
internal static class AdviceTime
{
    public const double Bar = 10;

    private static readonly string[] s_models = ["A30", "A100-80", "L40S", "H100-PCIe", "RTX-PRO-6000"];
    private static readonly long[] s_sizes = [4, 6, 8, 10, 12, 16, 20, 24];

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "tenants", "gpus", "seeds", "model");
        var (tenants, gpus, seeds) = (
            options.Number("tenants", 100), options.Number("gpus", 8), options.Number("seeds", 3));
        var models = options.Text("model") is { } one ? [one] : s_models;
        var holds = true;
        Console.WriteLine(Conditions.Describe());
        Console.WriteLine("model        | seed tenants   VMs placed as asked | exact | seconds of wall");
        foreach (var model in models)
        {
            var host = Read(model, gpus);
            for (var seed = 0; seed < seeds; seed++)
            {
                var asked = Draw(new Random(seed), tenants);
                var started = Stopwatch.GetTimestamp();
                var rows = new VgpuAdvisor(asked, [host], []).Advise();
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                var best = rows[0][0];
                holds &= seconds < Bar;
                var placed = best.Tenants.Sum(t => t.Count);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{model,-12} | {seed,4} {tenants,7} {asked.Sum(t => t.Count),5} {placed,6} "
                    + $"{placed - best.Unsatisfied.Where(g => g.IsPlaced).Sum(g => g.Count),8} | "
                    + $"{(best.IsExact ? "yes" : "no"),-5} | {seconds,8:0.00}"));
            }
        }

        Console.WriteLine($"{(holds ? "PASS" : "FAIL")}  advice < {Bar} s");
        return holds ? 0 : 1;
    }

    private static AdviceHost Read(string model, int gpus)
    {
        var node = LabHostNode.Create(new LabOptions { Gpus = [.. Enumerable.Repeat(model, gpus)] });
        var host = HostUseCases.ReadAdviceHost.RunAsync(
            node.Connect(_ => { }), new ReadAdviceHostRequest(), new Progress<StepProgress>(), default)
            .GetAwaiter().GetResult();
        host.Stamp("lab");
        return host;
    }

    private static List<Tenant> Draw(Random random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Tenant
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"t{i}"),
            MemoryMiB = s_sizes[random.Next(random.Next(3) == 0 ? s_sizes.Length : 4)] * 1024,
            Guarantee = random.Next(3) == 0,
            Burst = random.Next(3) == 0,
            UnifiedMemory = random.Next(10) == 0,
            AllMultiprocessors = random.Next(10) == 0,
            Kernels = (KernelSize)random.Next(3),
        }),
    ];
}
