using System.Globalization;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Boards that share differently: the GPU itself, sizes side by side, several vGPUs on an instance, two modes
/// in one VM.</summary>
public sealed class BoardTests
{
    /// <summary>T4: no SR-IOV, all vGPUs of one size on the GPU itself.</summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_GPU_before_SRIOV_carries_several_vGPUs_of_one_size(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Mdev, mig: false, functions: false, "T4");
        var before = s.Node.Snapshot();
        for (var vm = 101; vm <= 105; vm++)
        {
            s.Vm(vm, $"0={LabNodes.Gpu},mdev=nvidia-227");
        }

        s.Vm(106, $"0={LabNodes.Gpu},mdev=nvidia-224");
        for (var vm = 101; vm <= 104; vm++)
        {
            s.Starts(vm);
        }

        s.Refuses(105, "insufficient capacity for T4-4A", "has 4 x T4-4A", "the maximum is 4 x T4-4A",
            "do: stop VM 101 (qm shutdown 101), then");
        s.Stops(101);
        s.Refuses(106, "insufficient capacity for T4-2B4", "all vGPUs of one GPU must have the same size");
        s.Starts(105);
        for (var vm = 102; vm <= 105; vm++)
        {
            s.Stops(vm);
        }

        s.Is(before);
    }

    /// <summary>T4: a VM may have several types that take the whole board, and an entry that is gone takes its device
    /// along.</summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void Two_entries_of_whole_boards_are_in_one_VM_before_SRIOV(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Mdev, mig: false, functions: false, "T4", "T4")
            .Vm(101, $"0={LabNodes.Gpu},mdev=nvidia-234", "1=0000:ca:00.0,mdev=nvidia-234");
        var before = s.Node.Snapshot();
        s.Starts(101);
        Assert.Single(s.Gpu(1).Vgpus);
        s.Kills(101);
        s.Vm(101, $"0={LabNodes.Gpu},mdev=nvidia-234");
        s.Starts(101);
        Assert.Single(s.Gpu().Vgpus);
        Assert.Empty(s.Gpu(1).Vgpus);
        s.Stops(101);
        s.Is(before);
    }

    [Theory]
    [InlineData("8.4", LabBackend.Mdev, true)]
    [InlineData("9.2", LabBackend.Vfio, true)]
    [InlineData("8.4", LabBackend.Vfio, false)]
    [InlineData("9.2", LabBackend.Mdev, false)]
    public void Sizes_share_a_GPU_only_where_mixed_sizes_are_on(string pve, LabBackend backend, bool mixed)
    {
        var s = Situation.Of(pve, backend, mig: false, models: "L4")
            .Vm(101, $"0={Situation.First},mdev=nvidia-916").Vm(102, $"0={Situation.Second},mdev=nvidia-914")
            .Vm(103, "0=0000:4b:00.6,mdev=nvidia-915");
        s.Host.Edit(state => state.Gpus[0].MixedSizes = mixed);
        var before = s.Node.Snapshot();
        s.Starts(101);
        if (!mixed)
        {
            s.Refuses(102, "insufficient capacity for L4-6Q", "all vGPUs of one GPU must have the same size");
        }
        else
        {
            s.Starts(102);
            s.Refuses(103, "insufficient capacity for L4-8Q");
            s.Stops(102);
        }

        s.Stops(101);
        s.Is(before);
        Assert.Equal(mixed, s.Gpu().MixedSizes);
    }

    /// <summary>RTX PRO 6000: two DC-1-12Q on a quarter, and the quarter stays while one of them runs.</summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void VMs_share_an_instance_up_to_its_capacity(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio, models: "RTX PRO 6000");
        var before = s.Node.Snapshot();
        for (var vm = 101; vm <= 109; vm++)
        {
            var function = s.Gpu().FunctionAt(vm - 101);
            s.Vm(vm, string.Create(CultureInfo.InvariantCulture, $"0={function},mdev=nvidia-1558"));
        }

        for (var vm = 101; vm <= 108; vm++)
        {
            s.Starts(vm);
            Assert.Equal((vm - 99) / 2, s.Gpu().Instances.Count);
        }

        s.Refuses(109, "insufficient capacity for RTX Pro 6000 Blackwell DC-1-12Q");
        s.Stops(101);
        Assert.Equal(4, s.Gpu().Instances.Count);
        s.Starts(109);
        for (var vm = 102; vm <= 109; vm++)
        {
            s.Stops(vm);
        }

        s.Is(before);
    }

    /// <summary>One size a quarter: another size of the same profile gets a quarter of its own.</summary>
    [Fact]
    public void Another_size_of_the_profile_gets_an_instance_of_its_own()
    {
        var s = Situation.Of("9.2", LabBackend.Vfio, models: "RTX PRO 6000");
        s.Vm(101, $"0={s.Gpu().FunctionAt(0)},mdev=nvidia-1558").Vm(102, $"0={s.Gpu().FunctionAt(1)},mdev=nvidia-1546");
        s.Starts(101);
        s.Starts(102);
        Assert.Equal(2, s.Gpu().Instances.Count);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_VM_takes_MIG_backed_and_time_sliced_vGPUs_from_two_GPUs(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend, models: ["A30", "A30"]);
        s.Host.Edit(state => state.Gpus[1].MigCurrent = state.Gpus[1].MigPending = false);
        s.Vm(
            101, $"0={Situation.First},mdev=nvidia-690", "1=0000:ca:00.4,mdev=nvidia-685",
            $"2={Situation.Second},mdev=nvidia-689", "10=0000:ca:00.5,mdev=nvidia-685");
        var before = s.Node.Snapshot();
        s.Starts(101);
        Assert.Equal((2, 2, 0), (s.Gpu().Vgpus.Count, s.Gpu(1).Vgpus.Count, s.Gpu(1).Instances.Count));
        Assert.Equal(4, s.Claims.Claims.Count);
        s.Stops(101);
        s.Is(before);
    }

    /// <summary>The longest VM id makes the longest UUID; a PCI domain of its own is kept, where Proxmox knows
    /// it.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void Nine_digits_and_another_domain_are_served(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend, functions: false);
        s.Host.Edit(state => state.Gpus[0] = new LabGpu
        {
            Address = "0001:4b:00.0",
            Uuid = state.Gpus[0].Uuid,
            ModelName = state.Gpus[0].ModelName,
            MigCurrent = true,
            MigPending = true,
        });
        var before = s.Node.Snapshot();
        s.Vm(999999999, "0=0001:4b:00.4,mdev=nvidia-690");
        if (pve == "8.4")
        {
            s.Refuses(999999999, "outside PCI domain 0000, where qemu-server 8.4.10 starts no vGPU");
            s.Is(before);
            return;
        }

        s.Starts(999999999);
        Assert.NotNull(Assert.Single(s.Gpu().Vgpus).Holder);
        s.Stops(999999999);
        Assert.Equal((0, 0), (s.Gpu().Vgpus.Count, s.Gpu().Instances.Count));
    }
}
