using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using CliWrap;
using CliWrap.Buffered;
using VgpuPS.Core.Gpu;
using VgpuPS.Hook;
using VgpuPS.Host;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>
/// The hook's own time for a pre-start on the simulated host: the whole run less the time inside the seams, so less
/// what a driver, a kernel file or a child process would take.
/// </summary>
/// <remarks>Source: design.md section 12.</remarks>
internal static class OwnTime
{
    private const double MadeBar = 20;
    private const double ThereBar = 10;
    private const int WarmUp = 30;
    private const int FreshProcesses = 15;
    private const string Once = "once";

    public static int Run(IReadOnlyList<string> arguments)
    {
        var options = Options.Read(arguments, "model", "runs", "backend", Once);
        var models = options.Text("model") is { } only ? [only] : new[] { "A30", "A100", "H200", "RTX PRO 6000" };
        var backends = options.Text("backend") is { } wanted
            ? [Enum.TryParse<LabBackend>(wanted, ignoreCase: true, out var known)
                ? known : throw new FormatException($"--backend {wanted}: mdev or vfio")]
            : new[] { LabBackend.Mdev, LabBackend.Vfio };
        if (options.Text(Once) is not null)
        {
            var (created, there) = Measure(models[0], backends[0]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{created.Own} {there.Own}"));
            return 0;
        }

        Console.WriteLine(Conditions.Describe());
        Console.WriteLine(
            "own time of pre-start in ms (whole run less the time inside the seams), one MIG-backed vGPU");
        var holds = true;
        foreach (var model in models)
        {
            foreach (var backend in backends)
            {
                holds &= Report(model, backend, options.Number("runs", 200));
            }
        }

        return holds ? 0 : 1;
    }

    private static bool Report(string model, LabBackend backend, int runs)
    {
        var created = new List<Sample>();
        var there = new List<Sample>();
        for (var i = 0; i < WarmUp + runs; i++)
        {
            var pair = Measure(model, backend);
            created.Add(pair.Made);
            there.Add(pair.There);
        }

        var fresh = Enumerable.Range(0, FreshProcesses).Select(_ => MeasureFresh(model, backend)).ToList();
        Console.WriteLine($"{model}, {backend.ToString().ToLowerInvariant()}");
        var holds = Judge("GI + CI + device from nothing", created, [.. fresh.Select(f => f.Made)], MadeBar);
        holds &= Judge("all exists already", there, [.. fresh.Select(f => f.There)], ThereBar);
        var isLean = there.TrueForAll(s => s is { Inits: 1, Children: 0 });
        Console.WriteLine($"  {(isLean ? "PASS" : "FAIL")}  when all exists: one NVML init, no child process");
        return holds && isLean;
    }

    /// <summary>
    /// A hook is a new process each time, so a native build is judged by its first run; one compiled at run time, by
    /// warm ones.
    /// </summary>
    private static bool Judge(string what, List<Sample> samples, List<double> fresh, double bar)
    {
        var warm = samples.Skip(WarmUp).Select(s => s.Own).ToList();
        var last = samples[^1];
        var isNative = !RuntimeFeature.IsDynamicCodeSupported;
        var judged = Statistics.Quantile(isNative ? fresh : warm, 0.5);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {(judged < bar ? "PASS" : "FAIL")}  {what}:"
            + $" warm median {Statistics.Quantile(warm, 0.5):0.00} p99 {Statistics.Quantile(warm, 0.99):0.00},"
            + $" first run of a fresh process {Statistics.Quantile(fresh, 0.5):0.00}"
            + $" ({(isNative ? "native, judged" : "compiling at run time, not judged")});"
            + $" bar {bar}; NVML inits {last.Inits}, NVML and file calls {last.Calls}, child processes "
            + $"{last.Children}"));
        return judged < bar;
    }

    private static (double Made, double There) MeasureFresh(string model, LabBackend backend)
    {
        var run = Cli.Wrap(Environment.ProcessPath!)
            .WithArguments(["own", "--model", model, "--backend", backend.ToString(), $"--{Once}", "yes"])
            .ExecuteBufferedAsync().GetAwaiter().GetResult();
        var parts = run.StandardOutput.Split(' ');
        return (double.Parse(parts[0], CultureInfo.InvariantCulture),
            double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private static (Sample Made, Sample There) Measure(string model, LabBackend backend)
    {
        var node = LabHostNode.Create(new LabOptions
        {
            Gpus = [VgpuPS.Benchmarks.Planner.StudyModel.Load(model).Name],
            Backend = backend,
            PveVersion = backend == LabBackend.Mdev ? "8.4" : "9.2",
        });
        node.Host.Edit(state => state.Gpus.ForEach(gpu => gpu.MigCurrent = gpu.MigPending = true));
        var lab = node.Host.State.Gpus[0];
        node.Host.Processes.RunAsync(
            new ProcessRequest("/usr/lib/nvidia/sriov-manage", ["-e", lab.Address], TimeSpan.FromMinutes(1)), default)
            .GetAwaiter().GetResult();
        var type = lab.Model.Types.First(t => t.GpuInstanceProfile is not null);
        SysfsPciDevices devices = node.Connect(_ => { }).Devices;
        var function = devices.GetFunctions(devices.GetGpus()[0])[0].Address;
        node.CreateVm(new VmId(101), $"0={function},mdev=nvidia-{type.Id}");
        return (RunHook(node), RunHook(node));
    }

    private static Sample RunHook(LabHostNode node)
    {
        var meter = new SeamMeter();
        var processes = new MeteredProcesses(node.Host.Processes, meter);
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        using var actor = node.Host.BeginActor("hook");
        var started = Stopwatch.GetTimestamp();
        var text = new HookText(output, error);
        var ports = HostWiring.Connect(
            new MeteredNvml(node.Host.Nvml, meter), new MeteredFiles(node.Host.Files, meter), processes,
            node.Host.Clock, Environment.ProcessId, text.Warn);
        var code = new HookCommands(ports, processes, text, null).RunAsync(["101", "pre-start"], default)
            .GetAwaiter().GetResult();
        var whole = Stopwatch.GetElapsedTime(started);
        return code == 0
            ? new Sample(
                (whole - meter.Inside).TotalMilliseconds, meter.Calls.GetValueOrDefault("Init"),
                meter.Calls.GetValueOrDefault(MeteredProcesses.Child), meter.Calls.Values.Sum())
            : throw new InvalidOperationException($"The hook failed with {code}: {error}");
    }

    private sealed record Sample(double Own, int Inits, int Children, int Calls);
}
