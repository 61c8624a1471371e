using System.Text.Json;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Twice is once, and a GPU that is no candidate is left alone.</summary>
public sealed class TouchesNothingElseTests
{
    private static readonly string[] s_changes =
    [
        "nvmlDeviceSetMigMode", "nvmlDeviceCreateGpuInstanceWithPlacement", "nvmlGpuInstanceDestroy",
        "nvmlGpuInstanceCreateComputeInstance", "nvmlComputeInstanceDestroy", "nvmlDeviceSetVgpuHeterogeneousMode",
        "nvmlDeviceSetVgpuSchedulerState",
    ];

    public static TheoryData<string, LabBackend, string> Devices { get; } = new(
        from row in Situation.Hosts
        from device in (string[])[$"{Situation.First},mdev=nvidia-690", "mapping=gpus,mdev=nvidia-690"]
        select (row.Data.Item1, row.Data.Item2, device));

    /// <summary>The lock's own file tells its holder, a reservation is renewed and the run counted: nothing else is
    /// written.</summary>
    [Theory]
    [MemberData(nameof(Devices))]
    public void A_second_pre_start_makes_nothing_runs_nothing_and_asks_the_driver_once(
        string pve, LabBackend backend, string device)
    {
        var s = Mapped(pve, backend).Vm(101, $"0={device}");
        using var starting = s.HoldConfigLock(101);
        Assert.True(s.Node.Hook("101", "pre-start").Succeeded);
        var snapshot = s.Node.Snapshot();
        var claims = s.Host.Files.Read("/run/vgpups/claims.json", 1 << 20);
        var trace = s.Trace(() => Assert.True(s.Node.Hook("101", "pre-start").Succeeded), "hook 101 pre-start");

        Assert.Equal(1, trace.Count(t => t == "nvmlInit_v2"));
        Assert.DoesNotContain(trace, t => t.StartsWith("run ", StringComparison.Ordinal) || s_changes.Contains(t));
        Assert.Empty(Writes(trace).Except(
        [
            "/run/vgpups/lock", "/run/qemu-server/pci-id-reservations", "/run/vgpups/counters.lock",
            "/run/vgpups/counters.json",
        ]));
        Assert.Equal(claims, s.Host.Files.Read("/run/vgpups/claims.json", 1 << 20));
        s.Is(snapshot);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_second_sweep_changes_nothing(string pve, LabBackend backend, string device)
    {
        var s = Mapped(pve, backend).Vm(101, $"0={device}").Vm(102, "0=0000:4b:00.6,mdev=nvidia-690");
        s.Starts(102);
        s.Starts(101);
        s.Kills(101);
        s.Sweeps();
        var snapshot = s.Node.Snapshot();
        var trace = s.Trace(s.Sweeps, "hook sweep");
        Assert.DoesNotContain(trace, t => t.StartsWith("run ", StringComparison.Ordinal) || s_changes.Contains(t));
        Assert.Equal(["/run/vgpups/lock"], Writes(trace));
        s.Is(snapshot);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_VM_without_vGPU_reads_its_configuration_and_nothing_of_a_GPU(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, "5=0000:03:00.0,pcie=1");
        foreach (var phase in (string[])["pre-start", "post-start", "pre-stop", "post-stop"])
        {
            var trace = s.Trace(() => Assert.True(s.Node.Hook("101", phase).Succeeded), $"hook 101 {phase}");
            Assert.Empty(Writes(trace));
            Assert.DoesNotContain(trace, t => t.StartsWith("nvml", StringComparison.Ordinal)
                || t.StartsWith("run ", StringComparison.Ordinal) || t.StartsWith("lock ", StringComparison.Ordinal));
        }
    }

    /// <summary>From the functions being off to the stop: the other GPUs are not even opened.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_GPU_that_is_no_candidate_sees_no_change_and_no_client(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend, mig: false, functions: false, "A30", "A30", "L4");
        s.Host.Put(Situation.Settings, """{"migMode":"whenIdle"}""");
        s.Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var others = Others(s);
        var clients = new HashSet<string>();
        var written = new List<string>();
        s.Host.Gate.Passing = (call, actor) =>
        {
            clients.UnionWith(s.Host.State.NvmlClients.SelectMany(c => c.Gpus));
            written.AddRange(actor.StartsWith("hook", StringComparison.Ordinal) ? Writes([call]) : []);
        };
        s.Starts(101);
        s.Stops(101);
        s.Host.Gate.Passing = null;
        Assert.Equal([LabNodes.Gpu], clients);
        Assert.Equal(others, Others(s));
        Assert.Contains(written, path => path.Contains("0000:4b", StringComparison.Ordinal));
        Assert.DoesNotContain(
            written, path => path.Contains("0000:ca", StringComparison.Ordinal)
                || path.Contains("0000:d1", StringComparison.Ordinal));
    }

    /// <summary>A GPU that fell off the bus with an instance of the hook's on it keeps no other from being
    /// cleaned.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_GPU_that_cannot_be_asked_keeps_no_other_from_its_work(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend, models: ["A30", "A30"])
            .Vm(101, "0=0000:ca:00.4,mdev=nvidia-690").Vm(102, $"0={Situation.First},mdev=nvidia-690")
            .Vm(103, $"0={Situation.Second},mdev=nvidia-689");
        s.Starts(103);
        s.Starts(101);
        s.Kills(101);
        s.Kills(103);
        s.Host.Edit(state => state.Gpus[1].Driver = null);
        var swept = s.Node.Hook("sweep");
        Assert.Contains("0000:ca:00.0", swept.Error, StringComparison.Ordinal);
        Assert.Empty(s.Gpu().Instances);
        s.Starts(102);
    }

    /// <summary>Without what adds up while time goes by.</summary>
    private static string Others(Situation s)
    {
        var others = JsonSerializer.SerializeToNode(s.Host.State.Gpus.Where(g => g.Address != LabNodes.Gpu))!;
        Assert.All(others.AsArray(), g => Assert.True(g!.AsObject().Remove(nameof(LabGpu.Meters))));
        return others.ToJsonString();
    }

    private static List<string> Writes(IReadOnlyList<string> trace) =>
    [
        .. trace.Where(
            t => t.StartsWith("write ", StringComparison.Ordinal) || t.StartsWith("unlink ", StringComparison.Ordinal)
            || t.StartsWith("rename ", StringComparison.Ordinal))
            .Select(t => t[(t.IndexOf(' ', StringComparison.Ordinal) + 1)..]),
    ];

    private static Situation Mapped(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        return s;
    }
}
