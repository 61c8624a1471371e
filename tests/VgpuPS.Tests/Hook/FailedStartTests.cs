using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Starts that fails after pre-start, of which no hook is told.</summary>
/// <remarks>Source: facts/proxmox.md (a), consequences; 8.x leaves types and reservations behind.</remarks>
[Trait("Duration", "Long")]
public sealed class FailedStartTests
{
    private const int InputOutputError = 5;

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void What_a_failed_start_left_serves_the_next_VM_and_then_the_same_one(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend)
            .Vm(101, $"0={Situation.First},mdev=nvidia-691").Vm(102, $"0={Situation.Second},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Host.Gate.Fail("run /usr/bin/kvm", 1);
        Assert.Contains("QEMU exited", s.Node.Start(101).Error, StringComparison.Ordinal);
        Assert.Single(s.Gpu().Instances);

        s.Starts(102);
        Assert.Equal(5u, Assert.Single(s.Gpu().Instances).Profile);
        s.Refuses(101, "insufficient capacity for A30-4-24C", "VM 102", "qm shutdown 102");
        s.Stops(102);
        s.Starts(101);
        Assert.Equal(0u, Assert.Single(s.Gpu().Instances).Profile);
        s.Stops(101);
        s.Is(before);
    }

    /// <summary>A VM whose configuration is locked is starting: its claims hold although it does not run yet.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_start_in_progress_is_not_swept_away_and_an_abandoned_one_is(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend)
            .Vm(101, $"0={Situation.First},mdev=nvidia-691").Vm(102, $"0={Situation.Second},mdev=nvidia-691");
        var before = s.Node.Snapshot();
        using (s.HoldConfigLock(101))
        {
            Assert.True(s.Node.Hook("101", "pre-start").Succeeded);
            s.Sweeps();
            s.Refuses(102, "insufficient capacity for A30-4-24C");
            Assert.Single(s.Claims.Claims);
        }

        s.Sweeps();
        s.Is(before);
    }

    /// <summary>A plan foretells the sweep that the start begins with, and changes nothing.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_plan_counts_on_what_a_failed_start_left(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend)
            .Vm(101, $"0={Situation.First},mdev=nvidia-691").Vm(102, $"0={Situation.Second},mdev=nvidia-690");
        s.Host.Gate.Fail("run /usr/bin/kvm", 1);
        Assert.NotNull(s.Node.Start(101).Error);
        var left = s.Node.Snapshot();
        var plan = s.Node.Hook("plan", "102");
        Assert.True(plan.Succeeded, plan.Error);
        Assert.Contains("would release what VM 101 left behind", plan.Output, StringComparison.Ordinal);
        Assert.Contains("would create GPU instance 2g.12gb", plan.Output, StringComparison.Ordinal);
        s.Is(left);
        s.Starts(102);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void The_same_VM_starts_after_its_failure_with_what_is_there(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-691");
        s.Host.Gate.Fail("run /usr/bin/kvm", 1);
        Assert.NotNull(s.Node.Start(101).Error);
        var trace = s.Trace(() => s.Starts(101), "hook 101 pre-start");
        Assert.DoesNotContain(trace, t => t.StartsWith("nvmlDeviceCreateGpuInstance", StringComparison.Ordinal));
    }

    /// <summary>8.x: the first entry's type is set, the second fails, and nothing is cleaned up.</summary>
    [Theory]
    [InlineData("8.4", true)]
    [InlineData("8.4", false)]
    [InlineData("9.2", true)]
    [InlineData("9.2", false)]
    public void Types_and_reservations_of_a_failed_choice_are_found_and_cleared(string pve, bool otherFirst)
    {
        var s = Situation.Of(pve, LabBackend.Vfio);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690", "1=mapping=gpus,mdev=nvidia-690")
            .Vm(102, "0=mapping=gpus,mdev=nvidia-691");
        var before = s.Node.Snapshot();
        s.Node.Proxmox.VolumeActivation = (_, _) =>
        {
            s.Host.Files.WriteAttribute($"/sys/bus/pci/devices/{Situation.Second}/nvidia/current_vgpu_type", "0");
            s.Host.Gate.Fail($"write */{Situation.Second}/nvidia/current_vgpu_type", InputOutputError);
            return Task.CompletedTask;
        };
        Assert.Contains("could not find a free device", s.Node.Start(101).Error, StringComparison.Ordinal);
        s.Node.Proxmox.VolumeActivation = null;
        Assert.Equal(pve == "8.4" ? 1 : 0, s.Gpu().Vgpus.Count);
        if (otherFirst)
        {
            s.Starts(102);
            s.Stops(102);
        }

        s.Starts(101);
        Assert.Equal(2, s.Gpu().Vgpus.Count(v => v.Holder is not null));
        s.Stops(101);
        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void An_entry_that_cannot_be_served_undoes_the_entries_before_it(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(102, "0=0000:4b:00.6,mdev=nvidia-690");
        s.Starts(102);
        var before = s.Node.Snapshot();
        s.Vm(101, $"0={Situation.First},mdev=nvidia-690", $"1={Situation.Second},mdev=nvidia-689");
        s.Refuses(101, "insufficient capacity for A30-1-6C of hostpci1");
        s.Is(before);
    }

    /// <summary>The device of the second entry fails in the driver, after the first one was made.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_failure_half_way_undoes_exactly_what_the_run_made(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend);
        var before = s.Node.Snapshot();
        s.Vm(101, $"0={Situation.First},mdev=nvidia-690", $"1={Situation.Second},mdev=nvidia-690");
        s.Host.Gate.Fail($"write */{Situation.Second}/*", InputOutputError);
        s.Refuses(101, "Input/output error", "  do: ");
        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void Fewer_entries_than_last_time_leave_nothing_of_the_others(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend)
            .Vm(101, $"0={Situation.First},mdev=nvidia-690", $"1={Situation.Second},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.Kills(101);
        s.Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Starts(101);
        Assert.Single(s.Gpu().Vgpus);
        Assert.Single(s.Claims.Claims);
        s.Kills(101);

        // No vGPU at all any more, and the post-stop of the last life never came.
        s.Vm(101);
        s.Starts(101);
        s.Is(before);
    }

    /// <summary>The GPU of the last life is no candidate any more, and the type there is still this VM's.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_VM_moved_to_another_GPU_takes_its_orphans_away(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend, models: ["A30", "A30"]).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.Kills(101);
        s.Vm(101, "0=0000:ca:00.4,mdev=nvidia-690");
        s.Starts(101);
        Assert.Empty(s.Gpu().Vgpus);
        Assert.Single(s.Gpu(1).Vgpus);
        s.Stops(101);
        s.Is(before);
    }
}
