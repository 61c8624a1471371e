using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Hook;

public sealed class VmReportTests
{
    private readonly LabHostNode _node = LabNodes.A30(LabBackend.Vfio);

    [Fact]
    public void A_vm_reports_what_it_is_and_its_hook()
    {
        Put(101, "hookscript: local:snippets/vgpu-hook\nlock: backup\nmachine: q35\nname: web\ntemplate: 1\n");
        _node.Host.Put(
            Situation.Settings, """{"chain": {"101": {"path": "/var/lib/vz/snippets/pin.sh", "order": "before"}}}""");
        var vm = Assert.Single(Read());
        Assert.Equal((101, "web", "backup", "q35", true), (vm.Id, vm.Name, vm.Lock, vm.Machine, vm.IsTemplate));
        Assert.Equal(
            new VgpuHookInfo
            {
                VmId = 101,
                VmName = "web",
                Volume = "local:snippets/vgpu-hook",
                IsRegistered = true,
                Path = "/var/lib/vz/snippets/vgpu-hook",
                ChainedPath = "/var/lib/vz/snippets/pin.sh",
                ChainOrder = "before",
            },
            vm.Hook);
    }

    [Fact]
    public void Each_vgpu_entry_has_its_gpu_its_type_and_its_profile()
    {
        Put(
            101,
            "hostpci0: 0000:4b:00.4,mdev=nvidia-690,pcie=1,x-vga=1\nhostpci1: mapping=gpus,mdev=nvidia-685\n"
            + "hostpci2: 0000:03:00.0\nhostpci3: 0000:09:00.4,mdev=nvidia-9\nname: web\n");
        var vgpus = Assert.Single(Read()).Vgpus;
        Assert.Equal(
            [
                ("hostpci0", "0000:4b:00.4,mdev=nvidia-690,pcie=1,x-vga=1", "0000:4b:00.4", null, "0000:4b:00.0", 690u),
                ("hostpci1", "mapping=gpus,mdev=nvidia-685", null, "gpus", null, 685),
                ("hostpci3", "0000:09:00.4,mdev=nvidia-9", "0000:09:00.4", null, null, 9),
            ],
            vgpus.Select(v => (v.Entry, v.Value, v.FunctionAddress, v.Mapping, v.GpuAddress, v.VgpuTypeId)));
        Assert.Equal(
            [
                ("A30-2-12C", 12288L, "2g.12gb", true, true, "current"),
                ("A30-6C", 6144, null, false, false, "current"), (null, null, null, false, false, "current"),
            ],
            vgpus.Select(v => (v.VgpuType, v.FramebufferMiB, v.Profile, v.PrimaryGpu, v.PciExpress, v.State)));
        Assert.All(vgpus, v => Assert.Equal((101, "web", false, false), (v.VmId, v.VmName, v.IsRunning, v.HasHook)));
    }

    [Fact]
    public void What_waits_for_the_next_start_is_told_apart()
    {
        Put(
            101,
            "hostpci0: 0000:4b:00.4,mdev=nvidia-690\nhostpci1: 0000:4b:00.5,mdev=nvidia-690\nname: web\n\n"
            + "[PENDING]\ndelete: hostpci0\nhostpci1: 0000:4b:00.5,mdev=nvidia-689\nhostpci2: "
            + "0000:4b:00.6,mdev=nvidia-689\n");
        Assert.Equal(
            [
                ("hostpci0", 690u, "removing"), ("hostpci1", 690u, "removing"), ("hostpci1", 689u, "pending"),
                ("hostpci2", 689u, "pending"),
            ],
            Assert.Single(Read()).Vgpus.Select(v => (v.Entry, v.VgpuTypeId!.Value, v.State)));
    }

    [Fact]
    public void An_entry_that_keeps_its_driver_has_the_type_of_our_configuration()
    {
        Put(101, "hostpci0: 0000:4b:00.4,driver=keep\nname: web\n");
        _node.Host.Put(Situation.Settings, """{"keepTypes": {"101": {"hostpci0": "nvidia-689"}}}""");
        Assert.Equal("A30-1-6C", Assert.Single(Assert.Single(Read()).Vgpus).VgpuType);
    }

    [Fact]
    public void A_wrong_configuration_of_ours_is_a_warning()
    {
        Put(101, "hookscript: local:snippets/vgpu-hook\nname: web\n");
        _node.Host.Put(Situation.Settings, "{\"chian\": {}}");
        var warnings = new List<string>();
        var vm = Assert.Single(new ReadHost(_node.Connect(warnings.Add)).Run(new ReadHostRequest()).Vms);
        Assert.True(vm.Hook.IsRegistered);
        Assert.Contains("chian", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private void Put(int vm, string text) => _node.Host.Put(_node.ConfigPath(new VmId(vm)), text);

    private IReadOnlyList<VmReport> Read() => new ReadHost(_node.Connect(_ => { })).Run(new ReadHostRequest()).Vms;
}
