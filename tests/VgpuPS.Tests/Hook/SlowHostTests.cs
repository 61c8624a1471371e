using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Calls that take longer than the hook may: told, taken back, and ended in bounded time.</summary>
[Trait("Duration", "Long")]
public sealed class SlowHostTests
{
    private const int BusyExit = 75;

    // The work itself, the undo, and what a removal or a switch of functions may take on top.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60 + 30 + 30 + 10);

    public static TheoryData<LabBackend> Backends { get; } = [LabBackend.Mdev, LabBackend.Vfio];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Call_that_takes_a_minute_ends_in_a_start_or_a_refusal_that_leaves_nothing(LabBackend backend)
    {
        var names = Names(backend);
        var refused = 0;
        foreach (var name in names)
        {
            var node = RefusalCase.With(LabNodes.A30(backend));
            var before = HostSnapshot.TakeUndone(node);
            node.Host.Gate.Delay(name, TimeSpan.FromSeconds(61), times: 1);
            var result = node.Hook("101", "pre-start");
            node.Host.Gate.Clear();
            if (result.ExitCode != 0)
            {
                refused++;
                Assert.Equal(BusyExit, result.ExitCode);
                var (first, _) = RefusalCase.TwoLines(result, "vgpu-hook: VM 101 pre-start: ");
                Assert.Contains("not finished within 60 s; the next step was: ", first, StringComparison.Ordinal);
                Assert.True(before == HostSnapshot.TakeUndone(node), name);
            }

            Assert.Null(node.Start(101).Error);
        }

        Assert.True(refused > 5, $"{refused} refused");
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Calls_that_take_long_each_time_still_end(LabBackend backend)
    {
        var node = RefusalCase.With(LabNodes.A30(backend));
        node.Host.Gate.Delay("nvmlDeviceCreateGpuInstanceWithPlacement", TimeSpan.FromSeconds(50));
        node.Host.Gate.Delay("nvmlGpuInstanceCreateComputeInstance", TimeSpan.FromSeconds(50));
        var before = HostSnapshot.TakeUndone(node);
        var began = node.Host.Clock.GetTimestamp();

        var result = node.Hook("101", "pre-start");

        Assert.Equal(BusyExit, result.ExitCode);
        Assert.InRange(node.Host.Clock.GetElapsedTime(began), TimeSpan.FromSeconds(60), s_bound);
        Assert.Equal(before, HostSnapshot.TakeUndone(node));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Functions_that_take_too_long_are_left_to_finish_with_the_lock(LabBackend backend)
    {
        var node = RefusalCase.With(LabNodes.A30(backend, functions: false));
        node.Host.Processes.SriovTime = TimeSpan.FromSeconds(200);
        var began = node.Host.Clock.GetTimestamp();

        var result = node.Hook("101", "pre-start");

        Assert.Equal(BusyExit, result.ExitCode);
        var (first, second) = RefusalCase.TwoLines(result, "vgpu-hook: VM 101 pre-start: ");
        Assert.Contains("sriov-manage -e 0000:4b:00.0 had not ended after", first, StringComparison.Ordinal);
        Assert.Contains("pgrep -a sriov-manage", second, StringComparison.Ordinal);
        Assert.True(node.Host.Clock.GetElapsedTime(began) <= s_bound);
        Assert.Contains("claims  made ", node.Snapshot(), StringComparison.Ordinal);

        // The tool holds the lock: the next start waits for it, and finds the functions.
        var next = node.Start(101);
        Assert.Null(next.Error);
        Assert.True(node.Host.Clock.GetElapsedTime(began) >= TimeSpan.FromSeconds(200));
    }

    [Fact]
    public void Orphaned_device_that_somebody_holds_is_reported_after_the_deadline()
    {
        var node = RefusalCase.With(LabNodes.A30(LabBackend.Mdev), 690);
        Assert.Null(node.Start(101).Error);
        node.Host.Files.Delete("/run/qemu-server/101.pid");
        node.CreateVm(new VmId(101), $"0=0000:4b:00.5,mdev=nvidia-690");
        var began = node.Host.Clock.GetTimestamp();

        var result = node.Hook("101", "pre-start");

        Assert.Equal(BusyExit, result.ExitCode);
        var (first, second) = RefusalCase.TwoLines(result, "vgpu-hook: VM 101 pre-start: ");
        Assert.Contains("00000000-0000-0000-0000-000000000101", first, StringComparison.Ordinal);
        Assert.Contains("qm status 101", second, StringComparison.Ordinal);
        Assert.True(node.Host.Clock.GetElapsedTime(began) <= s_bound);
    }

    private static List<string> Names(LabBackend backend)
    {
        var node = RefusalCase.With(LabNodes.A30(backend));
        var names = new List<string>();
        node.Host.Gate.Passing = (name, _) => names.Add(name);
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        return [.. names.Distinct().Where(n => n.StartsWith("nvml", StringComparison.Ordinal) || Fault.IsChange(n))];
    }
}
