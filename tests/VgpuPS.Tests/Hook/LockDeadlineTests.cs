using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>The host lock behind a hook that hangs, and behind one that dies.</summary>
public sealed class LockDeadlineTests
{
    private const string CreateInstance = "nvmlDeviceCreateGpuInstanceWithPlacement";
    private readonly LabHostNode _node = LabNodes.A30(LabBackend.Mdev);
    private readonly List<string> _said = [];

    public LockDeadlineTests()
    {
        _node.Host.Put("/etc/vgpups/config.json", """{"lockTimeoutSeconds":30,"timeoutSeconds":600}""");
        _node.HookOutput = (output, error) => _said.Add(output + error);
        for (var index = 0; index < 4; index++)
        {
            var function = _node.Host.State.Gpus[0].FunctionAt(index);
            _node.CreateVm(new VmId(101 + index), $"0={function},mdev=nvidia-689");
        }
    }

    [Fact]
    public void Who_waits_behind_a_hook_that_hangs_fails_in_time_names_it_and_leaves_nothing()
    {
        var before = _node.Snapshot();
        _node.Host.Gate.Delay(CreateInstance, TimeSpan.FromMinutes(2), times: 1);
        var (results, _) = Play([.. Enumerable.Range(101, 4)]);
        Assert.Null(results[101].Error);
        Assert.All([102, 103, 104], vm =>
        {
            Assert.Contains("exit code 75", results[vm].Error, StringComparison.Ordinal);
            var said = Assert.Single(_said, text => text.Contains($"VM {vm} pre-start", StringComparison.Ordinal));
            Assert.Contains("was not free within 30 s; held by pid ", said, StringComparison.Ordinal);
            Assert.Contains(": VM 101 pre-start since ", said, StringComparison.Ordinal);
        });
        var running = _node.Snapshot();
        Assert.Contains("claims 101.0 Live", running, StringComparison.Ordinal);
        Assert.DoesNotContain("102", running, StringComparison.Ordinal);
        _node.StopAndCleanUp(101);
        Assert.Equal(before, _node.Snapshot());
    }

    [Fact]
    public void The_lock_of_a_hook_that_dies_is_free_at_once()
    {
        var call = FindCall(CreateInstance);
        _node.Host.Gate.Delay("nvmlInit_v2", TimeSpan.FromSeconds(20), times: 1);
        _node.Host.Gate.CrashBefore(call, "hook 101 pre-start");
        var (results, ends) = Play([101, 102]);
        Assert.Contains("got signal 9", results[101].Error, StringComparison.Ordinal);
        Assert.Null(results[102].Error);
        Assert.InRange(ends[102] - ends[101], TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    /// <summary>Starts VMs a second apart, all on the host's clock.</summary>
    private (Dictionary<int, LabTaskResult> Results, Dictionary<int, DateTimeOffset> Ends) Play(int[] vms)
    {
        var (results, ends) = (new Dictionary<int, LabTaskResult>(), new Dictionary<int, DateTimeOffset>());
        var scheduler = new LabScheduler(_node.Host, seed: 1);
        foreach (var vm in vms)
        {
            scheduler.Add($"vm{vm}", async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(vm - vms[0]), _node.Host.Clock);
                results[vm] = await _node.Proxmox.StartAsync(new VmId(vm));
                ends[vm] = _node.Host.Clock.GetUtcNow();
            });
        }

        Assert.All(scheduler.Run(), Assert.Null);
        return (results, ends);
    }

    /// <summary>Which call of VM 101's pre-start it is, counted on a host of the same kind.</summary>
    private static int FindCall(string name)
    {
        var twin = LabNodes.A30(LabBackend.Mdev);
        twin.Host.Put("/etc/vgpups/config.json", "{}");
        twin.CreateVm(new VmId(101), $"0={twin.Host.State.Gpus[0].FunctionAt(0)},mdev=nvidia-689");
        twin.Host.Gate.IsTracing = true;
        Assert.Null(twin.Start(101).Error);
        const string Actor = "hook 101 pre-start: ";
        var calls = twin.Host.Gate.Trace.Where(line => line.StartsWith(Actor, StringComparison.Ordinal)).ToList();
        return calls.IndexOf(Actor + name) + 1;
    }
}
