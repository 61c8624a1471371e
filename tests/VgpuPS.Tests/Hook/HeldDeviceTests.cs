using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Devices that somebody holds: waited for a while, reported, left to the next sweep.</summary>
/// <remarks>Source: facts/linux-and-build.md B.3: a removal blocks while the mediated device is open.</remarks>
public sealed class HeldDeviceTests
{
    private const int Stranger = 99999;

    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_mediated_device_held_open_hangs_neither_the_stop_nor_the_next_start(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Mdev)
            .Vm(101, $"0={Situation.First},mdev=nvidia-690").Vm(102, $"0={Situation.Second},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.Kills(101);
        s.Host.Edit(state => state.Gpus[0].Vgpus[0].Holder = Stranger);
        Assert.InRange(Took(s, () => Assert.True(s.Node.Hook("101", "post-stop").Succeeded)), 9, 25);
        Assert.Single(s.Claims.Claims);
        Assert.InRange(Took(s, () => s.Starts(102)), 0, 20);
        Assert.Equal(2, s.Gpu().Instances.Count);

        s.Stops(102);
        s.Host.Edit(state => state.Gpus[0].Vgpus.Clear());
        s.Sweeps();
        s.Is(before);
    }

    /// <summary>
    /// The kernel shows a device no more as soon as its removal begins: nothing is released while it is still open.
    /// </summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_removal_that_goes_on_is_not_taken_for_one_that_has_ended(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Mdev).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.Kills(101);
        s.Host.Edit(state => state.Gpus[0].Vgpus[0].Holder = Stranger);
        Assert.True(s.Node.Hook("101", "post-stop").Succeeded);
        Assert.True(s.Gpu().Vgpus[0].IsBeingRemoved);

        var swept = s.Node.Hook("sweep");
        Assert.True(swept.Succeeded, swept.Error);
        Assert.DoesNotContain("released", swept.Output, StringComparison.Ordinal);
        Assert.Contains(
            $"warning: VM 101: the removal of mediated device {s.Gpu().Vgpus[0].MdevUuid} has not ended", swept.Error,
            StringComparison.Ordinal);
        Assert.Single(s.Claims.Claims);
        Assert.Single(s.Gpu().Instances);

        s.Host.Edit(state => state.Gpus[0].Vgpus.Clear());
        Assert.Contains(
            "released what VM 101 left behind", s.Node.Hook("sweep").Output, StringComparison.Ordinal);
        s.Is(before);
    }

    [Fact]
    public void Many_held_devices_cost_a_start_no_more_than_one()
    {
        var s = Situation.Of("8.4", LabBackend.Mdev, mig: false);
        for (var vm = 101; vm <= 106; vm++)
        {
            s.Vm(vm, $"0=0000:4b:00.{vm - 97},mdev=nvidia-684".Replace("00.8", "01.0", StringComparison.Ordinal)
                .Replace("00.9", "01.1", StringComparison.Ordinal));
        }

        for (var vm = 101; vm <= 105; vm++)
        {
            s.Starts(vm);
            s.Kills(vm);
        }

        s.Host.Edit(state => state.Gpus[0].Vgpus.ForEach(v => v.Holder = Stranger));
        Assert.InRange(Took(s, () => s.Starts(106)), 9, 15);
    }

    /// <summary>Vendor VFIO: the driver refuses at once, and the claim stays until it does not.</summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_type_that_cannot_be_cleared_stays_claimed(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.Kills(101);
        s.Host.Edit(state => state.Gpus[0].Vgpus[0].Holder = Stranger);
        Assert.True(s.Node.Hook("101", "post-stop").Succeeded);
        Assert.Single(s.Claims.Claims);
        Assert.Single(s.Gpu().Instances);
        s.Host.Edit(state => state.Gpus[0].Vgpus[0].Holder = null);
        s.Sweeps();
        s.Is(before);
    }

    /// <summary>An instance that is still in use after the stop is tried for ten seconds, then by the next
    /// sweep.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void An_instance_in_use_is_retried_and_then_left_to_the_sweep(string pve, LabBackend backend)
    {
        foreach (var isShort in (bool[])[true, false])
        {
            var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
            var before = s.Node.Snapshot();
            s.Starts(101);
            s.Host.Gate.Fail("nvmlGpuInstanceDestroy", VgpuPS.Host.Seams.NvmlStatus.InUse, isShort ? 5 : 1000);
            s.Stops(101);
            Assert.Equal(isShort ? 0 : 1, s.Gpu().Instances.Count);
            s.Host.Gate.Clear();
            s.Sweeps();
            s.Is(before);
        }
    }

    /// <summary>A VM whose QEMU has died, and whose vGPU is open, is not started into a failure of QEMU.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_vGPU_that_is_still_open_is_named_when_its_VM_starts_again(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Starts(101);
        var uuid = s.Gpu().Vgpus[0].VmUuid;
        s.Kills(101);
        s.Host.Edit(state => (state.Gpus[0].Vgpus[0].Holder, state.Gpus[0].Vgpus[0].VmUuid) = (Stranger, uuid));
        Assert.InRange(
            Took(s, () => s.Refuses(
                101, "the vGPU of VM 101's last run is still open", "A30-2-12C (690)", "although the VM does not run",
                "fuser -v /dev/vfio/*")),
            15, 60);
        var plan = s.Node.Hook("plan", "101");
        Assert.Equal(75, plan.ExitCode);
        Assert.Contains("the vGPU of VM 101's last run is still open", plan.Error, StringComparison.Ordinal);

        s.Host.Edit(state => (state.Gpus[0].Vgpus[0].Holder, state.Gpus[0].Vgpus[0].VmUuid) = (null, null));
        s.Starts(101);
    }

    private static double Took(Situation s, Action work)
    {
        var since = s.Host.Clock.GetTimestamp();
        work();
        return s.Host.Clock.GetElapsedTime(since).TotalSeconds;
    }
}
