using System.Text.Json;
using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Guests;

/// <summary>Our program <c>vgpu-bench</c> in a simulated guest: its command line, and the lines that it prints of a
/// model of the GPU.</summary>
/// <remarks>
/// Source: the program's own help for the forms; facts/measuring.md F4 (operations and memory of a product), F20 and
/// F24 (no device), F12 and F13 (driver and GPU too old). How long it takes to set up is assumed.
/// </remarks>
internal static class LabBench
{
    /// <summary>Its name.</summary>
    public const string Name = "vgpu-bench";

    private const int Usage = 64;
    private const int NoDevice = 66;
    private const int NotReady = 69;
    private const int TryAgain = 75;
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int SignalBase = 128;
    private const double Giga = 1e9;
    private const double CopySetUp = 0.7;
    private const double GemmSetUp = 1.5;
    private const double MaxLate = 1;
    private const double MaxAhead = 3600;
    private const double OwnMemory = 0.04;
    private const double LoopOperations = 4.0 * 8 * 4096 * 4 * 2 * 16 * 16 * 8;
    private const double OldestCuda = 11.1;
    private const double TensorCapability = 8.0;

    /// <summary>Runs it: what it prints at once, or what it begins to do.</summary>
    public static LabGuestAnswer Run(LabHost host, LabGuest guest, string path, string[] words)
    {
        var options = LabBenchOptions.Read(words, out var problem);
        if (options is null)
        {
            return Fail(Usage, problem, "vgpu-bench --help shows what it takes");
        }

        switch (options.Command)
        {
            case "--version":
                return new LabGuestAnswer(0, "0 (simulated)\n");
            case "--help":
                return new LabGuestAnswer(0, $"{Name} {LabBenchOptions.Forms}, of a simulated host\n");
            case "clock":
                return new LabGuestAnswer(
                    0, $"{{\"kind\":\"clock\",\"unixSeconds\":{Unix(host.State, guest, host.State.MonotonicNs)}}}\n");
        }

        if (RefuseStart(host.State, guest, options) is { } refusal)
        {
            return refusal;
        }

        var device = LabCuda.Find(host.State, guest)!;
        var line = DeviceLine(guest, device);
        return options.Command == "info" ? new LabGuestAnswer(0, line)
            : Refuse(guest, device, options) is { } other ? other with { Output = line }
            : new LabGuestAnswer(0) { Work = Prepare(host.State, guest, path, words, options) };
    }

    /// <summary>What it has printed when it ends, and how it ends.</summary>
    public static LabGuestAnswer End(LabState state, LabGuest guest, LabGuestWork work)
    {
        var text = new StringBuilder(LabCuda.Find(state, guest) is { } device ? DeviceLine(guest, device) : "");
        var name = work.Arguments[0];
        if (work.ReadyAtNs <= state.MonotonicNs)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{{\"kind\":\"ready\",\"workload\":\"{name}\",\"unixSeconds\":{Unix(state, guest, work.ReadyAtNs)},"
                    + $"\"check\":\"passed\"}}\n");
        }

        if (work.LateSeconds is { } late && work.Signal is null)
        {
            return Late("set up and warm", late, text.ToString());
        }

        foreach (var sample in work.Samples)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{{\"kind\":\"sample\",\"startSeconds\":{Unix(state, guest, sample.FromNs)},\"endSeconds\":"
                    + $"{Unix(state, guest, sample.ToNs)},\"count\":{sample.Count},\"value\":{sample.Value:0.###}}}\n");
        }

        if (work.Signal is null)
        {
            text.Append(ResultLine(work, name));
        }

        // It has a handler for these two, and ends by itself.
        return work.Signal is Terminate or Interrupt
            ? new LabGuestAnswer(SignalBase + work.Signal.Value, text.ToString())
            : new LabGuestAnswer(0, text.ToString()) { Signal = work.Signal };
    }

    private static string ResultLine(LabGuestWork work, string name)
    {
        var values = work.Samples.Select(s => s.Value).Order().ToList();
        var seconds = (work.Samples[^1].ToNs - work.Samples[0].FromNs) / Giga;
        var unit = work.Demand is PerformanceDemand.Gemm or PerformanceDemand.TensorLoop ? "GFLOP/s" : "GB/s";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"kind\":\"result\",\"workload\":\"{name}\",\"unit\":\"{unit}\",\"value\":{At(0.5):0.###},"
                + $"\"quartile1\":{At(0.25):0.###},\"quartile3\":{At(0.75):0.###},\"minimum\":{values[0]:0.###},"
                + $"\"maximum\":{values[^1]:0.###},\"samples\":{values.Count},\"seconds\":{seconds:0.###}}}\n");

        double At(double part)
        {
            var place = part * (values.Count - 1);
            var (below, above) = (values[(int)place], values[(int)Math.Ceiling(place)]);
            return below + ((above - below) * (place - (int)place));
        }
    }

    private static LabGuestAnswer Late(string state, double late, string output = "") => Fail(
        TryAgain, string.Create(CultureInfo.InvariantCulture, $"{state} {late:0.000} s after --start-at"),
        "give a later start, by this guest's clock (vgpu-bench clock)") with
    { Output = output };

    private static LabGuestAnswer? RefuseStart(LabState state, LabGuest guest, LabBenchOptions options)
    {
        var ahead = (double)((options.StartAt ?? 0) - Unix(state, guest, state.MonotonicNs));
        if (options.StartAt is not null && ahead is > MaxAhead or < -MaxLate)
        {
            return ahead < 0 ? Late("started", -ahead) : Fail(
                Usage,
                string.Create(CultureInfo.InvariantCulture, $"--start-at is {ahead:0} s ahead of this guest's clock"),
                "give Unix time in seconds by this guest's clock (vgpu-bench clock), an hour ahead at most");
        }

        if (!LabCuda.HasLibrary(guest))
        {
            return Fail(
                NotReady, "libcuda.so.1 cannot be loaded: cannot open shared object file: No such file or directory",
                "install the vGPU guest driver, which brings it: nvidia-smi shows its version");
        }

        var device = LabCuda.Find(state, guest);
        if (device is null || options.Device > 0)
        {
            return Fail(
                NoDevice,
                device is null ? "this guest has no CUDA device"
                    : $"there is no device {options.Device}: this guest has 1",
                device is null
                    ? "see that nvidia-smi shows the vGPU in the guest; CUDA needs a type of class C or Q, and a "
                        + "MIG-backed one its compute instance (nvidia-smi mig -lci)"
                    : "take the first one: --device 0");
        }

        return null;
    }

    private static LabGuestAnswer? Refuse(LabGuest guest, LabCuda device, LabBenchOptions options)
    {
        var speed = device.Speed;
        var isTensor = options.Command is "gemm" or "tensor";
        if (isTensor && Number(speed.ComputeCapability) < TensorCapability)
        {
            return Fail(
                NotReady, $"{device.Name} has compute capability {speed.ComputeCapability}, and TF32 needs 8.0",
                "measure copies only (h2d, d2h, d2d), or take a GPU of the Ampere generation or newer");
        }

        if (isTensor && Number(LabCuda.VersionOf(guest)) < OldestCuda)
        {
            return Fail(
                NotReady,
                "cuModuleLoadDataEx failed with status 222, the provided PTX was compiled with an unsupported "
                    + "toolchain.",
                "install a guest driver of CUDA 11.4 or newer that fits the host's driver");
        }

        var needed = options.Memory / (1 << 20);
        return needed > (1 - OwnMemory) * device.MemoryMiB
            ? Fail(
                TryAgain, string.Create(
                    CultureInfo.InvariantCulture,
                    $"the work needs {Math.Ceiling(needed):0} MiB of the GPU's memory, and {device.Name} has "
                        + $"{device.MemoryMiB} MiB in all"),
                "take smaller sizes (--bytes, or --m, --n, --k), or give the VM a larger vGPU type")
            : null;
    }

    private static LabGuestWork Prepare(
        LabState state, LabGuest guest, string path, string[] words, LabBenchOptions options)
    {
        var now = state.MonotonicNs;
        var isGemm = options.Command is "gemm" or "tensor";
        var ready = now + (long)((guest.SetUpSeconds ?? (isGemm ? GemmSetUp : CopySetUp)) * Giga);
        var begins = options.StartAt is { } at
            ? now + (long)((at - Unix(state, guest, now)) * (decimal)Giga) : ready;
        var late = (ready - begins) / Giga;
        return new LabGuestWork
        {
            Tool = Name,
            Path = path,
            Arguments = [.. words],
            Demand = options.Command switch
            {
                "h2d" => PerformanceDemand.HostToDevice,
                "d2h" => PerformanceDemand.DeviceToHost,
                "d2d" => PerformanceDemand.DeviceMemory,
                "gemm" => PerformanceDemand.Gemm,
                _ => PerformanceDemand.TensorLoop,
            },
            M = options.M,
            N = options.N,
            K = options.K,
            Operation = options.Command switch
            {
                "gemm" => 2.0 * options.M * options.N * options.K / Giga,
                "tensor" => LoopOperations * LabCuda.Find(state, guest)!.Multiprocessors / Giga,
                "d2d" => 2.0 * options.Bytes / Giga,
                _ => options.Bytes / Giga,
            },
            ReadyAtNs = ready,
            BeginsAtNs = Math.Max(ready, begins),
            LengthNs = (long)(options.Seconds * Giga),
            IntervalNs = (long)(options.Interval * Giga),
            LateSeconds = late > MaxLate ? late : null,
        };
    }

    private static string DeviceLine(LabGuest guest, LabCuda device) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"kind\":\"device\",\"version\":1,\"name\":\"{JsonEncodedText.Encode(device.Name)}\","
            + $"\"uuid\":\"{device.Uuid}\",\"multiprocessors\":{device.Multiprocessors},"
            + $"\"computeCapability\":\"{device.Speed.ComputeCapability}\","
            + $"\"driver\":\"{LabCuda.VersionOf(guest)}\",\"memoryMiB\":{device.MemoryMiB},\"simulated\":true}}\n");

    // A moment by the guest's own clock, in microseconds.
    private static decimal Unix(LabState state, LabGuest guest, long ns) => Math.Round(
        ((LabGridd.GuestTime(state, guest).UtcTicks - DateTime.UnixEpoch.Ticks) / 1e7m)
            + ((ns - state.MonotonicNs) / 1e9m), 6);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static LabGuestAnswer Fail(int code, string fact, string action) => new(code, "", Two(fact, action));

    private static string Two(string fact, string action) => $"{Name}: {fact}\n  do: {action}\n";
}

/// <summary>What a command line of <c>vgpu-bench</c> asks for.</summary>
/// <param name="Command">A workload, <c>info</c>, <c>clock</c>, <c>--version</c> or <c>--help</c>.</param>
internal sealed record LabBenchOptions(string Command)
{
    /// <summary>How it is called.</summary>
    public const string Forms = "h2d|d2h|d2d --bytes N, gemm --m M --n N --k K, tensor, info, clock";

    private const double MaxSeconds = 86_400;

    private static readonly string[] s_times = ["--seconds", "--start-at", "--interval", "--device"];

    public long Bytes { get; private init; }

    public long M { get; private init; }

    public long N { get; private init; }

    public long K { get; private init; }

    public double Seconds { get; private init; }

    public decimal? StartAt { get; private init; }

    public double Interval { get; private init; }

    public long Device { get; private init; }

    /// <summary>Memory of the GPU that it needs, in bytes.</summary>
    /// <remarks>Rows are padded to multiples of four floats, which is left out here.</remarks>
    public double Memory => Command switch
    {
        "gemm" => 4.0 * ((M * (double)K) + (K * (double)N) + (M * (double)N)),
        "d2d" => 2.0 * Bytes,
        _ => Bytes,
    };

    /// <summary>Reads a command line; null with what is wrong with it.</summary>
    public static LabBenchOptions? Read(string[] words, out string problem)
    {
        var command = words.Length == 0 ? "" : words[0] == "-h" ? "--help" : words[0];
        string[]? known = command switch
        {
            "h2d" or "d2h" or "d2d" => ["--bytes", .. s_times],
            "gemm" => ["--m", "--n", "--k", .. s_times],
            "tensor" => s_times,
            "info" => ["--device"],
            "clock" or "--version" or "--help" => [],
            _ => null,
        };
        if (known is null)
        {
            problem = command.Length == 0 ? "no workload is given" : $"'{command}' is not a workload";
            return null;
        }

        var values = Split(words, known, out problem);
        return values is null ? null : Read(command, values, out problem);
    }

    private static Dictionary<string, string>? Split(string[] words, string[] known, out string problem)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        problem = "";
        for (var at = 1; at < words.Length && problem.Length == 0; at++)
        {
            var (name, value) = words[at].Split('=', 2) is [var left, var right] ? (left, right)
                : (words[at], at + 1 < words.Length ? words[++at] : null);
            problem = !known.Contains(name) ? $"{words[0]} takes no '{name}'"
                : value is null ? $"{name} has no value"
                : values.TryAdd(name, value) ? "" : $"{name} is given twice";
        }

        return problem.Length == 0 ? values : null;
    }

    private static LabBenchOptions? Read(string command, Dictionary<string, string> values, out string problem)
    {
        var numbers = new LabBenchNumbers(command, values);
        var options = new LabBenchOptions(command)
        {
            Bytes = numbers.Whole("--bytes", 1, 1L << 40, command is "h2d" or "d2h" or "d2d"),
            M = numbers.Whole("--m", 1, 65_535 * 128, command == "gemm"),
            N = numbers.Whole("--n", 1, 1 << 30, command == "gemm"),
            K = numbers.Whole("--k", 1, 1 << 30, command == "gemm"),
            Seconds = (double)(numbers.Real("--seconds", 0.1m, (decimal)MaxSeconds) ?? 10),
            StartAt = numbers.Real("--start-at", 1, 100_000_000_000),
            Interval = (double)(numbers.Real("--interval", 0.01m, 60) ?? 0.25m),
            Device = numbers.Whole("--device", 0, 1023, isNeeded: false),
        };
        problem = numbers.Problem;
        return problem.Length == 0 ? options : null;
    }
}

/// <summary>Numbers of a command line of <c>vgpu-bench</c>.</summary>
internal sealed class LabBenchNumbers(string command, Dictionary<string, string> values)
{
    /// <summary>The first thing that is wrong; empty while nothing is.</summary>
    public string Problem { get; private set; } = "";

    public long Whole(string name, long least, long most, bool isNeeded)
    {
        if (isNeeded && !values.ContainsKey(name))
        {
            Fail($"{command} needs {name}");
        }

        return (long)(Read(name, NumberStyles.None, least, most) ?? 0);
    }

    public decimal? Real(string name, decimal least, decimal most) =>
        Read(name, NumberStyles.AllowDecimalPoint, least, most);

    private decimal? Read(string name, NumberStyles style, decimal least, decimal most)
    {
        if (values.GetValueOrDefault(name) is not { } text)
        {
            return null;
        }

        if (decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most)
        {
            return number;
        }

        Fail($"{name} is '{text}'");
        return null;
    }

    private void Fail(string problem) => Problem = Problem.Length == 0 ? problem : Problem;
}
