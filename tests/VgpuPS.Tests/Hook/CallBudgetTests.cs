using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>
/// What the hook asks a full host: 4 GPUs, 16 VMs, 16 GPU instances that it made. Each call costs a system call or a
/// request to the driver, so their number is what its own time is made of.
/// </summary>
public sealed class CallBudgetTests
{
    private const int LastVm = 116;

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void A_start_beside_many_others_asks_little_more_than_a_first_one(LabBackend backend)
    {
        var node = Fill(backend, out var first);
        var last = Calls(node, () => Assert.Null(node.Start(LastVm).Error));
        Assert.InRange(last.Count, 1, first + 250);
        Assert.Single(last, name => name == "nvmlInit_v2");
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void Nothing_is_asked_twice_when_all_exists(LabBackend backend)
    {
        var node = Fill(backend, out _);
        var again = Calls(node, () => Assert.Equal(0, node.Hook("101", "pre-start").ExitCode));
        Assert.Single(again, name => name == "nvmlInit_v2");
        Assert.DoesNotContain(again, name => name.StartsWith("run ", StringComparison.Ordinal));
        Assert.InRange(again.Count, 1, 600);
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void A_stop_and_a_sweep_read_every_GPU_once(LabBackend backend)
    {
        var node = Fill(backend, out _);
        Assert.InRange(Calls(node, () => Assert.Equal(0, node.Hook("sweep").ExitCode)).Count, 1, 1300);
        Assert.InRange(Calls(node, () => node.StopAndCleanUp(LastVm - 1)).Count, 1, 1500);
    }

    [Fact]
    public void A_start_attaches_its_own_GPU_alone_and_leaves_what_is_idle_on_others_to_the_sweep()
    {
        var node = Fill(LabBackend.Mdev, out _);
        node.Host.Gate.CrashBefore(1, "hook 101 post-stop");
        node.StopAndCleanUp(101);
        var (own, other) = (node.Host.State.Gpus[1], node.Host.State.Gpus[0]);
        Assert.Equal(4, other.Instances.Count);
        var attached = new HashSet<string>();
        node.Host.Gate.Passing = (_, _) => attached.UnionWith(node.Host.State.NvmlClients.SelectMany(c => c.Gpus));
        node.StopAndCleanUp(105);
        attached.Clear();
        Assert.Null(node.Start(105).Error);
        node.Host.Gate.Passing = null;
        Assert.Equal([own.Address], attached);
    }

    private static LabHostNode Fill(LabBackend backend, out int callsOfTheFirst)
    {
        var node = LabNodes.A30(backend, gpus: 4);
        var vm = 101;
        foreach (var gpu in node.Host.State.Gpus)
        {
            for (var index = 0; index < 4; index++, vm++)
            {
                node.CreateVm(new VmId(vm), string.Create(
                    CultureInfo.InvariantCulture, $"0={gpu.FunctionAt(index)},mdev=nvidia-689"));
            }
        }

        callsOfTheFirst = Calls(node, () => Assert.Null(node.Start(101).Error)).Count;
        for (var other = 102; other < LastVm; other++)
        {
            Assert.Null(node.Start(other).Error);
        }

        return node;
    }

    /// <summary>Names of the calls that hooks make meanwhile.</summary>
    private static List<string> Calls(LabHostNode node, Action work)
    {
        const string Mark = ": ";
        node.Host.Gate.Clear();
        node.Host.Gate.IsTracing = true;
        work();
        node.Host.Gate.IsTracing = false;
        return
        [
            .. node.Host.Gate.Trace.Where(line => line.StartsWith("hook ", StringComparison.Ordinal))
                .Select(line => line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]),
        ];
    }
}
