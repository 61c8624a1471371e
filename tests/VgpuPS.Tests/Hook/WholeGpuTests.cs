using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>A GPU from before SR-IOV: mediated devices on the GPU itself, several VMs on one address.</summary>
public sealed class WholeGpuTests
{
    private static LabHostNode Make(int vms, string name)
    {
        var node = LabNodes.Of(["T4"], LabBackend.Mdev, mig: false, functions: false);
        var type = node.Host.State.Gpus[0].Model.Types.First(t => t.Name.EndsWith(name, StringComparison.Ordinal));
        for (var vm = 101; vm < 101 + vms; vm++)
        {
            node.CreateVm(new VmId(vm), $"0={LabNodes.Gpu},mdev=nvidia-{type.Id}");
        }

        return node;
    }

    [Fact]
    public void VMs_share_it_up_to_the_types_maximum()
    {
        var node = Make(3, "-8Q");
        var before = node.Snapshot();
        Assert.Null(node.Start(101).Error);
        Assert.Null(node.Start(102).Error);
        Assert.Equal(2, node.Host.State.Gpus[0].Vgpus.Count(v => v.Holder is not null));
        var snapshot = HostSnapshot.TakeUndone(node);

        var result = node.Hook("103", "pre-start");

        Assert.Equal(75, result.ExitCode);
        var (first, second) = RefusalCase.TwoLines(result, "vgpu-hook: VM 103 pre-start: ");
        Assert.Contains("2 x T4-8Q", first, StringComparison.Ordinal);
        Assert.Contains("VM 101", second, StringComparison.Ordinal);
        Assert.DoesNotContain("VM 102", second, StringComparison.Ordinal);
        Assert.Equal(snapshot, HostSnapshot.TakeUndone(node));
        node.StopAndCleanUp(101);
        Assert.Null(node.Start(103).Error);
        node.StopAndCleanUp(102);
        node.StopAndCleanUp(103);
        Assert.Equal(before, node.Snapshot());
    }
}
