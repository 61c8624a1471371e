using System.Globalization;
using Newtonsoft.Json.Linq;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Guests;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Operations.VmVgpus;
using Xunit;

namespace VgpuPS.Tests.Lab.Guests;

/// <summary><c>vgpu-bench</c> in simulated guests, read by a reader of these tests' own.</summary>
[Trait("Duration", "Long")]
public sealed class LabBenchTests
{
    private const string Program = "/run/vgpups/vgpu-bench";

    public static TheoryData<string, double, double> TimeSliced => new()
    {
        { "h2d --bytes 32000000", 25.2, 6.3 },
        { "d2h --bytes 32000000", 26.2, 6.6 },
        { "d2d --bytes 384000000", 786, 160 },
        { "gemm --m 1024 --n 1024 --k 1024", 6680, 1410 },
        { "gemm --m 8192 --n 8192 --k 16400", 68800, 14500 },
    };

    public static TheoryData<string, double, double> MigBacked => new()
    {
        { "h2d --bytes 32000000", 25.2, 6.3 },
        { "d2h --bytes 32000000", 26.3, 6.6 },
        { "d2d --bytes 384000000", 196, 196 },
        { "gemm --m 1024 --n 1024 --k 1024", 6550, 6550 },
        { "gemm --m 8192 --n 8192 --k 16400", 16000, 15300 },
    };

    public static TheoryData<string, int, string> Wrong => new()
    {
        { "", 64, "no workload" },
        { "h2d", 64, "--bytes" },
        { "h2d --bytes 1 --bytes 2", 64, "twice" },
        { "h2d --bytes x", 64, "'x'" },
        { "h2d --bytes 1 --seconds 0", 64, "--seconds" },
        { "gemm --m 1 --n 1", 64, "--k" },
        { "tensor --bytes 1", 64, "--bytes" },
        { "nosuch", 64, "nosuch" },
        { "h2d --bytes 1 --start-at 99999999999", 64, "ahead" },
        { "info --device 1", 66, "device 1" },
        { "d2d --bytes 4000000000", 75, "MiB" },
        { "gemm --m 30000 --n 30000 --k 30000", 75, "MiB" },
    };

    [Theory]
    [MemberData(nameof(TimeSliced))]
    public void Time_sliced_guests_reach_the_articles_figures(string work, double idle, double loaded) =>
        Check(BenchLab.TimeSliced(), work, idle, loaded);

    [Theory]
    [MemberData(nameof(MigBacked))]
    public void MIG_backed_guests_reach_the_articles_figures(string work, double idle, double loaded) =>
        Check(BenchLab.MigBacked(), work, idle, loaded);

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_ends_with_the_programs_exit_code_and_two_lines(string words, int code, string text)
    {
        var end = BenchLab.TimeSliced().Run(101, words);
        Assert.Equal((code, code == 75), (end.Code, end.Output.Contains("\"device\"", StringComparison.Ordinal)));
        Assert.Matches(@"\Avgpu-bench: [^\n]+\n  do: [^\n]+\n\z", end.Error);
        Assert.Contains(text, end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void All_lines_are_those_of_the_contract()
    {
        var lab = BenchLab.TimeSliced();
        var start = lab.Unix + 6;
        var end = lab.Run(101, $"h2d --bytes 32000000 --seconds 3 --interval 0.5 --start-at {Text(start)}");
        var lines = Lines(end.Output);
        Assert.Equal(
            ["device", "ready", .. Enumerable.Repeat("sample", 6), "result"], lines.Select(l => (string)l["kind"]!));
        Assert.Equal((1, true, 56, "NVIDIA A30-6C", "8.0", "13.0", 6144), (
            (int)lines[0]["version"]!, (bool)lines[0]["simulated"]!, (int)lines[0]["multiprocessors"]!,
            (string)lines[0]["name"]!, (string)lines[0]["computeCapability"]!, (string)lines[0]["driver"]!,
            (int)lines[0]["memoryMiB"]!));
        Assert.StartsWith("GPU-", (string)lines[0]["uuid"]!, StringComparison.Ordinal);
        Assert.True((double)lines[1]["unixSeconds"]! < start);
        var samples = lines.Where(l => (string)l["kind"]! == "sample").ToList();
        Assert.Equal(start, (double)samples[0]["startSeconds"]!, 1e-3);
        Assert.All(samples, s => Assert.Equal(
            0.5, (double)s["endSeconds"]! - (double)s["startSeconds"]!, 1e-3));
        Assert.All(samples, s => Assert.InRange((long)s["count"]!, 380, 400));
        Assert.Equal(("h2d", "GB/s", 6), (
            (string)lines[^1]["workload"]!, (string)lines[^1]["unit"]!, (int)lines[^1]["samples"]!));
        var values = samples.Select(s => (double)s["value"]!).Order().ToList();
        Assert.Equal((values[2] + values[3]) / 2, (double)lines[^1]["value"]!, 1e-2);
        Assert.True(values.Distinct().Count() > 1);
    }

    [Fact]
    public void A_guest_starts_by_its_own_clock_and_says_when_it_is_late()
    {
        var lab = BenchLab.TimeSliced();
        lab.Guest(101).ClockOffsetSeconds = 3600;
        var begun = lab.Unix;
        var lines = Lines(lab.Run(101, $"h2d --bytes 1000 --seconds 1 --start-at {Text(begun + 3605)}").Output);
        Assert.Equal(begun + 3605, (double)lines[2]["startSeconds"]!, 1e-3);
        var late = lab.Run(102, $"h2d --bytes 1000 --start-at {Text(lab.Unix - 5)}");
        Assert.Equal((75, ""), (late.Code, late.Output));
        Assert.Matches(@"started 5\.000 s after --start-at", late.Error);
        late = lab.Run(102, $"gemm --m 8 --n 8 --k 8 --start-at {Text(lab.Unix + 0.25)}");
        Assert.Equal((75, "device ready"), (late.Code, string.Join(' ', Lines(late.Output).Select(l => l["kind"]))));
        Assert.Matches(@"set up and warm 1\.250 s after --start-at", late.Error);
    }

    [Fact]
    public void Who_stops_leaves_the_others_more()
    {
        var lab = BenchLab.TimeSliced();
        var start = lab.Unix + 8;
        var pids = BenchLab.Vms.ToDictionary(
            vm => vm, vm => lab.Begin(vm, $"d2d --bytes 384000000 --seconds 8 --start-at {Text(start)}"));
        lab.Wait(11);
        Assert.Equal(0, lab.Do(103, "kill", "-TERM", pids[103]).Code);
        Assert.Equal(1, lab.Do(103, "kill", "-TERM", pids[103]).Code);
        lab.Wait(10);
        var killed = lab.End(103, pids[103]);
        Assert.Equal(143, killed.Code);
        Assert.DoesNotContain("\"result\"", killed.Output, StringComparison.Ordinal);
        Assert.Contains(Lines(killed.Output), l => (string)l["kind"]! == "sample");
        var values = Lines(lab.End(101, pids[101]).Output).Where(l => (string)l["kind"]! == "sample")
            .Select(l => (double)l["value"]!).ToList();
        Assert.InRange(values[2], 158, 160);
        Assert.InRange(values[^1], 640 / 3.0 * 0.99, 640 / 3.0);
    }

    [Fact]
    public void A_guest_without_library_device_or_licence_is_not_measured_as_if_it_had()
    {
        var lab = BenchLab.TimeSliced();
        lab.Guest(101).CudaIsMissing = true;
        Assert.Equal(69, lab.Run(101, "info").Code);
        lab.Guest(102).Driver = "440.10";
        Assert.Equal(69, lab.Run(102, "gemm --m 8 --n 8 --k 8").Code);
        lab.Guest(103).LicenseState = 3;
        lab.Guest(103).Events.Clear();
        Assert.InRange(Value(lab.Run(103, "d2d --bytes 384000000").Output), 70, 90);
        var mig = BenchLab.MigBacked();
        Assert.Equal(14, (int)Lines(mig.Run(101, "info").Output)[0]["multiprocessors"]!);
        mig.Guest(101).ComputeInstanceIsMissing = true;
        Assert.Equal(66, mig.Run(101, "info").Code);
    }

    [Fact]
    public void A_file_that_is_no_program_of_ours_does_not_run()
    {
        var lab = BenchLab.TimeSliced();
        Assert.Contains("No such file", lab.Refusal(101, "/run/other"), StringComparison.Ordinal);
        lab.Guest(101).Files[Program].Mode = "600";
        Assert.Contains("Permission denied", lab.Refusal(101, Program), StringComparison.Ordinal);
        lab.Guest(101).Files[Program].Mode = "700";
        lab.Guest(101).NoExecPaths.Add("/run/");
        Assert.Contains("Permission denied", lab.Refusal(101, Program), StringComparison.Ordinal);
        lab.Guest(101).NoExecPaths.Clear();
        lab.Guest(101).Files[Program].Content = [.. "#!vgpu-ben"u8];
        Assert.Contains("Exec format error", lab.Refusal(101, Program), StringComparison.Ordinal);
        var elf = File.ReadAllBytes("/bin/ls");
        lab.Guest(101).Files[Program].Content = elf;
        Assert.Equal(0, lab.Run(101, "clock").Code);
        lab.Guest(101).Files[Program].Content = elf[..^4096];
        Assert.Contains("\"signal\" : 7", lab.Raw(101, Program, "clock").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_that_dies_answers_no_more()
    {
        var lab = BenchLab.TimeSliced();
        lab.Guest(101).DiesAtNs = lab.Host.State.MonotonicNs + 4_000_000_000;
        Assert.Contains(
            "agent is not running", lab.Raw(101, Program, "h2d", "--bytes", "1000").Error, StringComparison.Ordinal);
        Assert.InRange(lab.Host.State.MonotonicNs, 0, long.MaxValue);
        Assert.Contains("timed out", lab.Ssh("web", $"{Program} info").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void It_runs_over_SSH_as_well()
    {
        var lab = BenchLab.TimeSliced();
        var end = lab.Ssh("web", $"{Program} h2d --bytes 32000000 --seconds 2");
        Assert.Equal(0, end.ExitCode);
        Assert.InRange(Value(end.Output), 25.0, 25.2);
        Assert.True(lab.Ssh("web", $"{Program} h2d --bytes 1000 --seconds 500", TimeSpan.FromSeconds(20)).TimedOut);
        Assert.Empty(lab.Guest(101).Programs);
    }

    [Fact]
    public void The_meters_show_the_work_and_the_power_limit()
    {
        var lab = BenchLab.MigBacked();
        foreach (var vm in BenchLab.Vms)
        {
            lab.Begin(vm, "gemm --m 8192 --n 8192 --k 16400 --seconds 20");
        }

        lab.Wait(6);
        var nvml = lab.Host.Nvml;
        nvml.Init();
        nvml.DeviceGetHandleByPciBusId("0000:4b:00.0", out var device);
        nvml.DeviceGetClocksEventReasons(device, out var reasons);
        nvml.DeviceGetPowerUsage(device, out var power);
        nvml.DeviceGetClockInfo(device, 1, out var clock);
        Assert.Equal((4ul, 165_000u, 1377u), (reasons, power, clock));
        lab.Wait(60);
        nvml.DeviceGetClocksEventReasons(device, out reasons);
        nvml.DeviceGetPowerUsage(device, out power);
        Assert.Equal((1ul, 30_250u), (reasons, power));
    }

    [Theory]
    [InlineData(1u, 786)]
    [InlineData(2u, 196.5)]
    [InlineData(3u, 196.5)]
    public void Schedulers_give_their_shares(uint policy, double idle)
    {
        var lab = BenchLab.TimeSliced();
        lab.Host.Edit(s => s.Gpus[0].SchedulerPolicy = policy);
        Assert.InRange(Value(lab.Run(101, "d2d --bytes 384000000").Output), idle * 0.99, idle);
    }

    [Fact]
    public void A_load_of_the_labs_own_counts_as_a_working_vGPU()
    {
        var lab = BenchLab.TimeSliced();
        lab.Host.SetLoad(102, 100);
        Assert.InRange(Value(lab.Run(101, "d2d --bytes 384000000").Output), 317, 320);
        lab.Host.SetLoad(101, 100);
        Assert.InRange(Value(lab.Run(101, "d2d --bytes 384000000").Output), 60, 160);
    }

    private static void Check(BenchLab lab, string work, double idle, double loaded)
    {
        Assert.InRange(Value(lab.Run(101, work).Output), idle * 0.99, idle * 1.0001);
        var start = lab.Unix + 10;
        var pids = BenchLab.Vms.Select(vm => (vm, lab.Begin(vm, $"{work} --start-at {Text(start)}")))
            .ToList();
        lab.Wait(30);
        Assert.All(pids, p => Assert.InRange(
            Value(lab.End(p.vm, p.Item2).Output), loaded * 0.99, loaded * 1.0001));
    }

    private static double Value(string output) =>
        (double)Lines(output).Single(l => (string)l["kind"]! == "result")["value"]!;

    private static List<JObject> Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(JObject.Parse)];

    private static string Text(double seconds) => seconds.ToString("0.######", CultureInfo.InvariantCulture);
}

/// <summary>Four VMs on one A30 whose guests have the program.</summary>
internal sealed class BenchLab
{
    private const string Program = "/run/vgpups/vgpu-bench";

    private readonly VmLab _lab;

    /// <summary>VMs with a vGPU on GPU 0.</summary>
    public static IReadOnlyList<int> Vms { get; } = [101, 102, 103, 105];

    private BenchLab(bool mig)
    {
        _lab = new VmLab(gpus: ["A30"], mig: [mig]);
        Host.Edit(state => LabVms.Add(state, new(105), "fourth", 4, 8192));
        if (mig)
        {
            Assert.Equal(0, Host.Processes.RunAsync(
                new("/usr/bin/nvidia-smi", ["mig", "-cgi", "14,14,14,14", "-C"], TimeSpan.FromMinutes(1)),
                default).Result.ExitCode);
        }

        foreach (var (vm, at) in BenchLab.Vms.Select((vm, at) => (vm, at)))
        {
            _lab.With(vm, $"hostpci0: 0000:4b:00.{at + 4},mdev=nvidia-{(mig ? 689 : 685)}");
            _lab.Start(vm);
            Host.Edit(_ =>
            {
                Guest(vm).Files[Program] = new LabGuestFile { Content = [.. "#!vgpu-bench\n"u8], Mode = "700" };
                Guest(vm).Events.Clear();
                Guest(vm).LicenseState = 5;
            });
        }
    }

    public static BenchLab TimeSliced() => new(mig: false);

    public static BenchLab MigBacked() => new(mig: true);

    public LabHost Host => _lab.Host;

    public double Unix => (Host.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    public LabGuest Guest(int vm) => Host.State.Guests.Single(g => g.Vm == vm);

    public void Wait(double seconds) => Host.Clock.Advance(TimeSpan.FromSeconds(seconds));

    public (int Code, string Output, string Error) Run(int vm, string words, string program = Program)
    {
        var first = Raw(vm, [program, .. Split(words)]);
        var end = JObject.Parse(first.Output);
        return end["pid"] is { } pid ? End(vm, (string)pid!) : Read(end);
    }

    /// <summary>Starts it and does not wait; its process id.</summary>
    public string Begin(int vm, string words, string program = Program)
    {
        var said = Qm(["guest", "exec", $"{vm}", "--timeout", "0", "--", program, .. Split(words)]);
        return (string)JObject.Parse(said.Output)["pid"]!;
    }

    /// <summary>What it came to, once it has ended.</summary>
    public (int Code, string Output, string Error) End(int vm, string pid)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var said = JObject.Parse(Qm(["guest", "exec-status", $"{vm}", pid]).Output);
            if ((int)said["exited"]! == 1)
            {
                return Read(said);
            }

            Wait(1);
        }

        throw new InvalidOperationException("it does not end");
    }

    public (int Code, string Output, string Error) Do(int vm, params string[] words) =>
        Read(JObject.Parse(Raw(vm, words).Output));

    public string Refusal(int vm, string program) => Raw(vm, program, "info").Error;

    public ProcessResult Raw(int vm, params string[] words) =>
        Qm(["guest", "exec", $"{vm}", "--timeout", "30", "--", .. words]);

    public ProcessResult Ssh(string name, string line, TimeSpan? deadline = null) => Host.Processes.RunAsync(
        new ProcessRequest("/usr/bin/ssh", ["-T", "--", $"root@{name}", line], deadline ?? TimeSpan.FromMinutes(2)),
        default).Result;

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static (int Code, string Output, string Error) Read(JObject end) => (
        (int)end["exitcode"]!, (string?)end["out-data"] ?? "", (string?)end["err-data"] ?? "");

    private ProcessResult Qm(string[] words) => Host.Processes.RunAsync(
        new ProcessRequest("/usr/sbin/qm", words, TimeSpan.FromMinutes(5)), default).Result;
}
