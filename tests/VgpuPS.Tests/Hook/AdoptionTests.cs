using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>What a person, the layout or the guest made is used, and never destroyed.</summary>
public sealed class AdoptionTests
{
    private static readonly Placement s_second = new(2, 2);

    /// <summary>Compute slices of the person's compute instance, the policy, and compute instances while the VM
    /// runs.</summary>
    public static TheoryData<string, LabBackend, int?, string, int> Persons { get; } = new(
        from row in Situation.Hosts
        from kind in ((int? Slices, string Policy, int Running)[])
            [(null, "full", 1), (2, "full", 1), (1, "full", 1), (null, "guest", 0), (2, "guest", 1)]
        select (row.Data.Item1, row.Data.Item2, kind.Slices, kind.Policy, kind.Running));

    [Theory]
    [MemberData(nameof(Persons))]
    public void A_user_created_instance_is_used_and_stays_as_it_was(
        string pve, LabBackend backend, int? slices, string policy, int running)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Host.Put(Situation.Settings, $$"""{"computeInstance":"{{policy}}"}""");
        s.PersonCreates("2g.12gb", s_second, slices);
        var before = s.Node.Snapshot();
        s.Starts(101);
        var instance = Assert.Single(s.Gpu().Instances);
        Assert.Equal((2, running), (instance.Start, instance.ComputeInstances.Count));
        s.Stops(101);
        s.Sweeps();
        s.Is(before);
    }

    /// <summary>The guest's own compute instance goes with the VM; one that stays is a person's.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_compute_instance_that_the_hook_did_not_make_keeps_its_instance_until_it_is_gone(
        string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Host.Put(Situation.Settings, """{"computeInstance":"guest"}""");
        var before = s.Node.Snapshot();
        s.Starts(101);
        var instance = Assert.Single(s.Gpu().Instances);
        Assert.Empty(instance.ComputeInstances);
        s.Kills(101);
        s.PersonFills(new GpuInstanceId(instance.Id), 2);
        s.Sweeps();
        s.Sweeps();
        Assert.Single(Assert.Single(s.Gpu().Instances).ComputeInstances);

        s.Host.Edit(state => state.Gpus[0].Instances[0].ComputeInstances.Clear());
        s.Sweeps();
        s.Is(before);
    }

    /// <summary>A person's vGPU on an instance of the hook's keeps it, whoever's VM it is.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void An_instance_that_carries_a_vGPU_of_nobody_known_stays(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Starts(101);
        s.Kills(101);
        s.Host.Edit(state =>
        {
            var vgpu = state.Gpus[0].Vgpus[0];
            (vgpu.Function, vgpu.MdevUuid) = (
                Situation.Second, backend == LabBackend.Mdev ? "6f1d4b9e-0000-4000-8000-000000000001" : null);
        });
        s.Sweeps();
        Assert.Single(s.Gpu().Instances);
        Assert.Single(s.Gpu().Vgpus);
    }

    /// <summary>The type that a VM wants, set by a person or another hook, is what Proxmox accepts as it is.</summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_type_that_is_set_already_is_used(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.PersonCreates("2g.12gb", s_second, computeSlices: 2);
        Preset(s, "690");
        var trace = s.Trace(() => s.Starts(101), "hook 101 pre-start");
        Assert.DoesNotContain($"write /sys/bus/pci/devices/{Situation.First}/nvidia/current_vgpu_type", trace);
        Assert.Contains($"read /sys/bus/pci/devices/{Situation.First}/nvidia/current_vgpu_type", trace);
        Assert.Single(s.Gpu().Instances);
    }

    /// <summary>Another type that nobody holds is overwritten, as Proxmox itself would.</summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void Another_type_that_nobody_holds_is_replaced_and_restored_by_a_failure(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.PersonCreates("1g.6gb", new Placement(0, 1), computeSlices: 1);
        Preset(s, "689");
        var before = s.Node.Snapshot();
        s.Host.Gate.Fail("read */nvidia/creatable_vgpu_types", 5);
        Assert.NotNull(s.Node.Start(101).Error);
        s.Is(before);

        s.Starts(101);
        Assert.Equal(690u, Assert.Single(s.Gpu().Vgpus).Type);
    }

    /// <summary>Another VM's reservation is respected, and so is its type.</summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_type_on_a_function_that_another_VM_holds_is_not_touched(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio)
            .Vm(101, $"0={Situation.First},mdev=nvidia-690").Vm(102, $"0={Situation.First},mdev=nvidia-689");
        s.WithoutHook(102);
        s.PersonCreates("1g.6gb", new Placement(0, 1), computeSlices: 1);
        s.Starts(102);
        var before = s.Node.Snapshot();
        s.Refuses(101, $"function {Situation.First} of hostpci0 is held by VM 102");
        s.Is(before);
    }

    /// <summary>A VM may have a mediated device of another vendor, with a UUID made in the same way.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_device_of_another_vendor_is_left_to_Proxmox(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Host.Edit(state => state.Setup.OtherDevices[1].Mdevs.Add("00000001-0000-0000-0000-000000000101"));
        var before = s.Node.Snapshot();
        s.Starts(101);
        var calls = s.Trace(() => s.Stops(101), "hook 101 post-stop");
        s.Is(before);
        Assert.NotEmpty(calls);
        Assert.DoesNotContain(calls, c => c.Contains("00000001-0000-0000-0000-000000000101/remove",
            StringComparison.Ordinal));
        Assert.Single(s.Host.State.Setup.OtherDevices[1].Mdevs);
    }

    private static void Preset(Situation s, string type) =>
        s.Host.Files.WriteAttribute($"/sys/bus/pci/devices/{Situation.First}/nvidia/current_vgpu_type", type);
}
