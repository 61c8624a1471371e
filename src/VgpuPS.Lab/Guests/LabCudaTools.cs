using System.Text.Json;
using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Guests;

/// <summary>CUDA's own programs in a simulated guest: <c>bandwidthTest</c>, <c>nvbandwidth</c>,
/// <c>cutlass_profiler</c>.</summary>
/// <remarks>
/// Source: facts/measuring.md F1 (arguments), F3 (bandwidthTest counts a copy within the memory twice), F6 and F7
/// (nvbandwidth, which counts it once, and its JSON), F8 (cutlass_profiler). Words around the figures are from memory
/// (assumed), and so is how long they take to set up, and that bandwidthTest makes the article's 10,000 copies.
/// </remarks>
internal static class LabCudaTools
{
    private const double Giga = 1e9;
    private const double SetUp = 1.5;
    private const int Copies = 10_000;
    private const int ProfilerRuns = 100;
    private const int WarmUpRuns = 10;

    /// <summary>Runs one: what it prints at once, or what it begins to do.</summary>
    public static LabGuestAnswer Run(LabHost host, LabGuest guest, string name, string[] words)
    {
        if (!LabCuda.HasLibrary(guest))
        {
            return new LabGuestAnswer(
                127, "", $"{name}: error while loading shared libraries: libcuda.so.1: cannot open shared object file: "
                + "No such file or directory\n");
        }

        var options = Options(words);
        if (LabCuda.Find(host.State, guest) is not { } device)
        {
            return name == "bandwidthTest"
                ? new LabGuestAnswer(
                    1, "[CUDA Bandwidth Test] - Starting...\nRunning on...\n\ncudaGetDeviceProperties returned 100\n"
                    + "-> no CUDA-capable device is detected\n")
                : new LabGuestAnswer(1, "", "CUDA error: no CUDA-capable device is detected\n");
        }

        return Prepare(name, words, options, device.Speed.TensorOperations > 0) is not { } work
            ? new LabGuestAnswer(1, "", $"{name}: invalid arguments: {string.Join(' ', words)}\n")
            : new LabGuestAnswer(0) { Work = Start(host.State, work) };
    }

    /// <summary>What one has printed when it ends.</summary>
    public static LabGuestAnswer End(LabState state, LabGuest guest, LabGuestWork work)
    {
        if (work.Signal is { } signal)
        {
            return new LabGuestAnswer(0) { Signal = signal };
        }

        var seconds = (state.MonotonicNs - work.BeginsAtNs) / Giga;
        var rate = work.Done / seconds * (1 + LabNoise.Of(guest.Vm, (int)work.Demand, work.Arguments.Count));
        var name = LabCuda.Find(state, guest)?.Name ?? "";
        return new LabGuestAnswer(0, work.Tool switch
        {
            "bandwidthTest" => PrintBandwidthTest(work, name, rate),
            "nvbandwidth" => LabNvbandwidth.Print(work, guest, name, rate),
            _ => LabProfiler.Print(work, rate),
        });
    }

    private static LabGuestWork Start(LabState state, LabGuestWork work)
    {
        work.ReadyAtNs = work.BeginsAtNs = state.MonotonicNs + (long)(SetUp * Giga);
        return work;
    }

    private static LabGuestWork? Prepare(
        string name, string[] words, Dictionary<string, string> options, bool hasTensorCores)
    {
        var work = new LabGuestWork { Tool = name, Path = name, Arguments = [.. words] };
        if (name == "cutlass_profiler")
        {
            (work.M, work.N, work.K) = (Size(options, "m"), Size(options, "n"), Size(options, "k"));
            work.Demand = PerformanceDemand.Gemm;
            work.Operation = ((2.0 * work.M * work.N * work.K) + (2.0 * work.M * work.N)) / Giga;
            work.Left = work.Operation * (WarmUpRuns + Number(options, "profiling-iterations", ProfilerRuns));
            return hasTensorCores && work.M * work.N * work.K > 0
                && options.GetValueOrDefault("operation", "gemm").Equals("gemm", StringComparison.OrdinalIgnoreCase)
                ? work : null;
        }

        var direction = name == "nvbandwidth" ? LabNvbandwidth.DirectionOf(options) : DirectionOf(options);
        var bytes = name == "nvbandwidth" ? LabNvbandwidth.BytesOf(options) : Number(options, "start", 33_554_432);
        work.Demand = direction ?? PerformanceDemand.Other;
        work.Operation = bytes * (work.Demand == PerformanceDemand.DeviceMemory ? 2 : 1) / Giga;
        work.Left = work.Operation * (name == "nvbandwidth" ? LabNvbandwidth.CopiesOf(options) : Copies);
        return direction is null || bytes <= 0 ? null : work;
    }

    private static PerformanceDemand? DirectionOf(Dictionary<string, string> options) =>
        options.ContainsKey("htod") ? PerformanceDemand.HostToDevice
        : options.ContainsKey("dtoh") ? PerformanceDemand.DeviceToHost
        : options.ContainsKey("dtod") ? PerformanceDemand.DeviceMemory : null;

    private static string PrintBandwidthTest(LabGuestWork work, string device, double rate)
    {
        var options = Options([.. work.Arguments]);
        var direction = work.Demand switch
        {
            PerformanceDemand.HostToDevice => "Host to Device",
            PerformanceDemand.DeviceToHost => "Device to Host",
            _ => "Device to Device",
        };
        var mode = options.GetValueOrDefault("mode", "quick") == "range" ? "Range" : "Quick";
        var bytes = Number(options, "start", 33_554_432);
        return string.Create(CultureInfo.InvariantCulture, $"""
            [CUDA Bandwidth Test] - Starting...
            Running on...

             Device 0: {device}
             {mode} Mode

             {direction} Bandwidth, 1 Device(s)
             PINNED Memory Transfers
               Transfer Size (Bytes){"\t"}Bandwidth(GB/s)
               {bytes}{"\t\t\t"}{rate:0.0}

            Result = PASS

            NOTE: The CUDA Samples are not meant for performance measurements.

            """);
    }

    private static long Size(Dictionary<string, string> options, string name) => Number(options, name, 1024);

    private static long Number(Dictionary<string, string> options, string name, long absent) =>
        !options.TryGetValue(name, out var text) ? absent
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static Dictionary<string, string> Options(string[] words)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var at = 0; at < words.Length; at++)
        {
            var (name, value) = words[at].Split('=', 2) is [var left, var right] ? (left, right) : (words[at], "");
            if (value.Length == 0 && !words[at].Contains('=', StringComparison.Ordinal) && at + 1 < words.Length
                && !words[at + 1].StartsWith('-'))
            {
                value = words[++at];
            }

            options[name.TrimStart('-')] = value;
        }

        return options;
    }
}

/// <summary>NVIDIA's <c>nvbandwidth</c>.</summary>
/// <remarks>Source: facts/measuring.md F6 and F7.</remarks>
internal static class LabNvbandwidth
{
    private const long MiB = 1 << 20;
    private const int CopiesInSample = 16;

    private static readonly (string Name, PerformanceDemand Demand, string Text)[] s_tests =
    [
        ("host_to_device_memcpy_ce", PerformanceDemand.HostToDevice, "memcpy CE CPU(row) -> GPU(column)"),
        ("device_to_host_memcpy_ce", PerformanceDemand.DeviceToHost, "memcpy CE CPU(row) <- GPU(column)"),
        ("device_local_copy", PerformanceDemand.DeviceMemory, "memcpy local GPU(column)"),
    ];

    public static PerformanceDemand? DirectionOf(Dictionary<string, string> options) => Find(options)?.Demand;

    public static long BytesOf(Dictionary<string, string> options) =>
        MiB * (Read(options, "bufferSize") ?? Read(options, "b") ?? 512);

    public static long CopiesOf(Dictionary<string, string> options) =>
        CopiesInSample * (Read(options, "testSamples") ?? Read(options, "i") ?? 3);

    public static string Print(LabGuestWork work, LabGuest guest, string device, double rate)
    {
        var test = s_tests.First(t => t.Demand == work.Demand);

        // A copy within the memory counts once.
        var value = (work.Demand == PerformanceDemand.DeviceMemory ? rate / 2 : rate)
            .ToString("0.00", CultureInfo.InvariantCulture);
        var cuda = LabCuda.VersionOf(guest).Split('.');
        var version = $"{cuda[0]}0{cuda[1]}0";
        return work.Arguments.Contains("-j") || work.Arguments.Contains("--json")
            ? Json(test.Name, test.Text, guest, device, version, value)
            : Table(test.Name, test.Text, guest, device, version, value);
    }

    private static string Json(
        string test, string what, LabGuest guest, string device, string version, string value) => $$"""
            {
            "nvbandwidth" : {
            "CUDA Runtime Version" : {{version}},
            "Driver Version" : "{{guest.Driver}}",
            "GPU Device list" : [ "0: {{JsonEncodedText.Encode(device)}}: (00000000:01:00)" ],
            "Hostname" : "{{HostOf(guest)}}",
            "git_version" : "v0.8",
            "testcases" : [ {
            "bandwidth_description" : "{{JsonEncodedText.Encode(what)}} bandwidth (GB/s)",
            "bandwidth_matrix" : [ [ "{{value}}" ] ],
            "name" : "{{test}}",
            "status" : "Passed",
            "sum" : {{value}}
            } ]
            }
            }

            """;

    private static string Table(
        string test, string what, LabGuest guest, string device, string version, string value) => $"""
            nvbandwidth Version: v0.8
            Built from Git version: v0.8

            CUDA Runtime Version: {version}
            CUDA Driver Version: {version}
            Driver Version: {guest.Driver}

            {HostOf(guest)}
            Device 0: {device} (00000000:01:00)

            Running {test}.
            {what} bandwidth (GB/s)
                       0
             0     {value}

            SUM {test} {value}

            NOTE: The reported results may not reflect the full capabilities of the platform.
            Performance can vary with software drivers, hardware clocks, and system topology.

            """;

    private static string HostOf(LabGuest guest) => string.Create(CultureInfo.InvariantCulture, $"vm{guest.Vm}");

    private static (string Name, PerformanceDemand Demand, string Text)? Find(Dictionary<string, string> options)
    {
        var name = options.GetValueOrDefault("testcase") ?? options.GetValueOrDefault("t");
        var found = Array.FindIndex(s_tests, t => t.Name == name);
        return found < 0 ? null : s_tests[found];
    }

    private static long? Read(Dictionary<string, string> options, string name) =>
        options.TryGetValue(name, out var text)
        ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0 : null;
}
