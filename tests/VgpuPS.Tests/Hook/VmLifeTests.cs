using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

public sealed class VmLifeTests
{
    private const string FirstFunction = "0000:4b:00.4";

    public static TheoryData<LabBackend> Backends { get; } = [LabBackend.Mdev, LabBackend.Vfio];

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_mig_backed_vgpu_is_made_for_a_start_and_released_after_the_stop(LabBackend backend)
    {
        var node = LabNodes.A30(backend);
        var before = node.Snapshot();
        node.CreateVm(new VmId(101), $"0={FirstFunction},mdev=nvidia-689");

        Assert.Null(node.Start(101).Error);
        var gpu = node.Host.State.Gpus[0];
        var instance = Assert.Single(gpu.Instances);
        Assert.Equal(14u, instance.Profile);
        Assert.Single(instance.ComputeInstances);
        var vgpu = Assert.Single(gpu.Vgpus);
        Assert.Equal((FirstFunction, 689u, instance.Id), (vgpu.Function, vgpu.Type, vgpu.GpuInstance));
        Assert.NotNull(vgpu.Holder);

        node.StopAndCleanUp(101);
        Assert.Equal(before, node.Snapshot());
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_time_sliced_vgpu_needs_no_instance(LabBackend backend)
    {
        var node = LabNodes.A30(backend, mig: false);
        var before = node.Snapshot();
        node.CreateVm(new VmId(101), $"0={FirstFunction},mdev=nvidia-685");

        Assert.Null(node.Start(101).Error);
        var gpu = node.Host.State.Gpus[0];
        Assert.Empty(gpu.Instances);
        Assert.NotNull(Assert.Single(gpu.Vgpus).Holder);

        node.StopAndCleanUp(101);
        Assert.Equal(before, node.Snapshot());
    }
}
