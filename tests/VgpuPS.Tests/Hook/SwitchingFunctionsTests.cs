using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Virtual functions that are off: enabled on the one GPU, or refused where that would destroy
/// something.</summary>
/// <remarks>Source: facts/host-behaviour.md 2 and 3.</remarks>
[Trait("Duration", "Long")]
public sealed class SwitchingFunctionsTests
{
    private const string Tool = "run /usr/lib/nvidia/sriov-manage";

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void Only_the_candidates_GPU_is_switched_and_no_client_of_ours_is_in_the_way(string pve, LabBackend backend)
    {
        var s = Off(pve, backend, models: ["A30", "A30"]);
        var trace = s.Trace(() => s.Starts(101), "hook 101 pre-start");
        Assert.Equal((16, 0), (s.Gpu().FunctionCount, s.Gpu(1).FunctionCount));
        Assert.Single(trace, Tool);

        // Every session of the driver is closed before, and a new one opened after.
        var before = trace.TakeWhile(t => t != Tool).ToList();
        Assert.Equal(
            before.Count(t => t == "nvmlInit_v2"), before.Count(t => t == "nvmlShutdown"));
        Assert.Contains("nvmlInit_v2", trace.SkipWhile(t => t != Tool));
    }

    [Fact]
    public void A_GPU_held_for_a_moment_is_tried_again()
    {
        var s = Off("9.2", LabBackend.Vfio);
        s.Host.Edit(state => state.Gpus[0].ComputeProcesses.Add(77));
        using var end = s.Host.Clock.CreateTimer(
            _ => s.Host.Edit(state => state.Gpus[0].ComputeProcesses.Clear()), null, TimeSpan.FromSeconds(4),
            Timeout.InfiniteTimeSpan);
        var trace = s.Trace(() => s.Starts(101), "hook 101 pre-start");
        Assert.Equal(4, trace.Count(t => t == Tool));
    }

    // Measured on kernel 6.12: a hook killed while sriov-manage had the GPU on pci-pf-stub, and started again at once.
    [Fact]
    public async Task A_tool_that_outlived_its_hook_is_waited_for_before_the_GPU_is_looked_at()
    {
        var s = Off("9.2", LabBackend.Vfio);
        s.Host.Edit(state => state.Gpus[0].Driver = "pci-pf-stub");
        var held = await s.Node.Connect(_ => { }).Lock.AcquireAsync(
            "sriov-manage", TimeSpan.Zero, TestContext.Current.CancellationToken);
        using var end = s.Host.Clock.CreateTimer(
            async _ =>
            {
                s.Host.Edit(state => state.Gpus[0].Driver = "nvidia");
                await held.DisposeAsync();
            },
            null, TimeSpan.FromSeconds(4), Timeout.InfiniteTimeSpan);
        s.Starts(101);
    }

    [Fact]
    public void A_GPU_that_stays_held_is_refused_with_the_way_to_find_its_holder()
    {
        var s = Off("9.2", LabBackend.Vfio);
        var before = s.Node.Snapshot();
        s.Host.Edit(state => state.Gpus[0].ComputeProcesses.Add(77));
        s.Refuses(101, "did not get the GPU after", "fuser -v /dev/nvidia*");
        s.Is(before);
    }

    public static TheoryData<string> Losses { get; } = ["instance", "mixed", "never"];

    [Theory]
    [MemberData(nameof(Losses))]
    public void What_would_be_destroyed_is_named_and_left(string what)
    {
        foreach (var (pve, backend) in Situation.Hosts.Select(h => (h.Data.Item1, h.Data.Item2)))
        {
            var s = Off(pve, backend, mig: what != "mixed");
            switch (what)
            {
                case "instance":
                    s.PersonCreates("2g.12gb", new Placement(0, 2));
                    break;
                case "mixed":
                    s.Host.Edit(state => state.Gpus[0].MixedSizes = true);
                    break;
                default:
                    s.Host.Put(Situation.Settings, """{"sriov":"never"}""");
                    break;
            }

            var before = s.Node.Snapshot();
            s.Refuses(101, what switch
            {
                "instance" => "would destroy GPU instance 1 (2g.12gb at 0:2)",
                "mixed" => "would destroy mixed-size mode",
                _ => "the setting sriov is never",
            }, $"/usr/lib/nvidia/sriov-manage -e {LabNodes.Gpu}");
            s.Is(before);
            Assert.Equal(what == "mixed", s.Gpu().MixedSizes);
        }
    }

    /// <summary>At the deadline the tool is left to finish and holds the lock: nothing is taken back under
    /// it.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_tool_past_the_deadline_finishes_under_the_lock(string pve, LabBackend backend)
    {
        var s = Off(pve, backend, mig: false);
        s.Vm(101, $"0={Situation.First},mdev=nvidia-689");
        s.Host.Put(Situation.Settings, """{"migMode":"whenIdle","lockTimeoutSeconds":20}""");
        s.Host.Processes.SriovTime = TimeSpan.FromSeconds(100);
        var trace = s.Trace(
            () => s.Refuses(101, "it is left to finish and keeps the lock", "pgrep -a sriov-manage"),
            "hook 101 pre-start");
        Assert.Equal(Tool, trace.Last(t => t == Tool || t == "nvmlInit_v2"));
        Assert.True(s.Gpu().MigCurrent, "MIG mode was switched off under the tool");
        Assert.Equal(0, s.Gpu().FunctionCount);
        Assert.Empty(s.Host.State.NvmlClients);

        s.Refuses(101, "was not free within 20 s; held by /usr/lib/nvidia/sriov-manage -e 0000:4b:00.0");
        s.Waits(1);
        s.Host.Processes.SriovTime = TimeSpan.Zero;
        s.Starts(101);
        Assert.Equal(16, s.Gpu().FunctionCount);
    }

    [Fact]
    public void A_failure_after_the_switch_switches_back()
    {
        var s = Off("9.2", LabBackend.Vfio);
        var before = s.Node.Snapshot();
        s.Host.Gate.Fail("nvmlDeviceCreateGpuInstanceWithPlacement", 999);
        Assert.NotNull(s.Node.Start(101).Error);
        s.Is(before);
    }

    private static Situation Off(string pve, LabBackend backend, bool mig = true, params string[] models)
    {
        var s = Situation.Of(pve, backend, mig, functions: false, models);
        return s.Vm(101, $"0={Situation.First},mdev=nvidia-{(mig ? 690 : 685)}");
    }
}
