using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>GPU instances that carry several vGPUs, and compute instances in them.</summary>
public sealed class SharedInstanceTests
{
    private const int TwoEach = 1558;
    private const int FourEach = 1553;

    /// <summary>The driver does not tell where a vGPU sits whose VM does not run yet: 103 to 105 fill the instance of
    /// 102.</summary>
    [Fact]
    public void A_guess_where_others_sit_does_not_take_the_place_of_the_driver()
    {
        var node = Node(
            (101, TwoEach), (102, FourEach), (103, FourEach), (104, FourEach), (105, FourEach), (106, FourEach));
        Prepare(node, 101);
        Assert.Null(node.Start(102).Error);
        Prepare(node, 103, 104, 105);
        Assert.Equal([1, 4], Counts(node));
        Assert.Null(node.Start(106).Error);
        Assert.Equal([1, 4, 1], Counts(node));
    }

    [Fact]
    public void An_instance_whose_guest_makes_its_own_compute_instance_is_shared_as_it_is()
    {
        var node = Node((101, FourEach), (102, FourEach));
        node.Host.Put("/etc/vgpups/config.json", """{"computeInstance":"guest"}""");
        Assert.Null(node.Start(101).Error);
        node.Host.Put("/etc/vgpups/config.json", "{}");
        Assert.Null(node.Start(102).Error);
        Assert.Equal([2], Counts(node));
        Assert.Empty(Assert.Single(node.Host.State.Gpus[0].Instances).ComputeInstances);
    }

    [Fact]
    public void The_instance_that_a_mapped_vGPU_gets_is_filled_and_no_other()
    {
        var node = LabNodes.A30(LabBackend.Vfio, gpus: 2);
        var gpus = node.Host.State.Gpus;
        node.Host.Edit(state => state.Gpus.ForEach(gpu => gpu.Instances.Add(
            new LabGpuInstance { Id = 3, Serial = state.NextSerial++, Profile = 14, Start = 0, Size = 1 })));
        node.MapFunctions("pool", [.. gpus.Select(gpu => gpu.FunctionAt(0).ToString())]);
        node.CreateVm(new VmId(101), "0=mapping=pool,mdev=nvidia-689");
        Assert.Equal(0, node.Hook("101", "pre-start").ExitCode);
        Assert.Single(Assert.Single(gpus[0].Instances).ComputeInstances);
        Assert.Empty(Assert.Single(gpus[1].Instances).ComputeInstances);
    }

    private static LabHostNode Node(params (int Vm, int Type)[] vms)
    {
        var node = LabNodes.Of(["RTX PRO 6000"], LabBackend.Vfio);
        for (var index = 0; index < vms.Length; index++)
        {
            var function = node.Host.State.Gpus[0].FunctionAt(index);
            node.CreateVm(new VmId(vms[index].Vm), string.Create(
                CultureInfo.InvariantCulture, $"0={function},mdev=nvidia-{vms[index].Type}"));
        }

        return node;
    }

    /// <summary>Runs pre-start of VMs that are on their way: Proxmox holds their locks.</summary>
    private static void Prepare(LabHostNode node, params int[] vms)
    {
        foreach (var vm in vms)
        {
            Assert.NotNull(node.Host.Files.TryLock($"/var/lock/qemu-server/lock-{vm}.conf", LabEntry.FileMode));
            var result = node.Hook(vm.ToString(CultureInfo.InvariantCulture), "pre-start");
            Assert.True(result.Succeeded, result.Error);
        }
    }

    private static int[] Counts(LabHostNode node) => [.. node.Host.State.Gpus[0].Instances.OrderBy(i => i.Serial)
        .Select(i => node.Host.State.Gpus[0].Vgpus.Count(v => v.GpuInstance == i.Id))];
}
