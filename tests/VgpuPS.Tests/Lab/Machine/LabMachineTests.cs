using VgpuPS.Core.Gpu;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.Lab.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

public sealed class LabMachineTests
{
    [Fact]
    public void Adapters_read_the_machine()
    {
        var host = LabMachines.With("a30", mig: true);
        host.Put("/etc/pve/nodes/pve1/qemu-server/101.conf", "name: a\n");
        var devices = LabMachines.Devices(host);
        var gpu = Assert.Single(devices.GetGpus());
        Assert.Equal(16, devices.GetFunctions(gpu).Count);
        using (var driver = LabMachines.Open(host))
        {
            Assert.Equal(5, driver.GetProfiles(gpu.Address).Count);
            var id = driver.CreateInstance(gpu.Address, new ProfileId(14), new Placement(1, 1))!.Value;
            Assert.Equal([new VgpuTypeId(689)], driver.GetCreatableTypes(gpu.Address));
            var function = devices.GetFunctions(gpu)[0];
            Assert.True(devices.IsCreatable(function, new VgpuTypeId(689)));
            devices.SetType(function.Address, new VgpuTypeId(689));
            Assert.False(driver.TryDestroyInstance(gpu.Address, id));
            Assert.Equal(10, driver.GetTypes(gpu.Address).Count);
        }

        var proxmox = new ProxmoxHost(host.Files, host.Clock);
        Assert.Equal("pve1", proxmox.Node);
        Assert.Equal("9.2.6", proxmox.QemuServerVersion);
        Assert.Equal([new VmId(101)], proxmox.GetVms());
    }

    [Theory]
    [InlineData("A30", 5, 10)]
    [InlineData("A100-40GB", 7, 13)]
    [InlineData("H100 SXM5", 7, 15)]
    [InlineData("rtx pro 6000", 11, 71)]
    [InlineData("t4", 0, 17)]
    [InlineData("A16", 0, 15)]
    [InlineData("A2", 0, 15)]
    [InlineData("A800", 7, 14)]
    [InlineData("H200 NVL", 7, 16)]
    [InlineData("L40", 0, 26)]
    [InlineData("V100", 0, 20)]
    [InlineData("V100-16", 0, 17)]
    public void Model_is_found_by_its_alias(string name, int profiles, int types)
    {
        var model = GpuModel.Load(name);
        Assert.Equal((profiles, types), (model.Profiles.Count, model.Types.Count));
        Assert.Equal(28, GpuModel.Names.Count);
    }

    [Fact]
    public void A_board_may_have_several_GPUs_one_bus_after_the_other()
    {
        var host = LabHost.Create(new LabOptions { Gpus = ["A16", "L4"] });
        Assert.Equal(
            ["0000:4b:00.0", "0000:4c:00.0", "0000:4d:00.0", "0000:4e:00.0", "0000:ca:00.0"],
            host.State.Gpus.Select(g => g.Address));
        Assert.Equal(5, host.State.Gpus.Select(g => g.Uuid).Distinct().Count());
        Assert.Equal(
            "the maximum of the lab is 8 GPUs, and 12 are requested",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => LabHost.Create(new LabOptions { Gpus = ["A16", "A16", "A16"] }))
                .Message);
    }

    [Fact]
    public void GPUs_are_counted_by_address_wherever_they_are_put()
    {
        PciAddress[] addresses = [new(1, 0x89, 0, 0), new(0, 0x20, 0, 0)];
        var host = LabHost.Create(new LabOptions { Gpus = ["L40S", "A30", "T4"], Addresses = addresses });
        Assert.Equal(
            ["0000:20:00.0 NVIDIA A30", "0000:4b:00.0 Tesla T4", "0001:89:00.0 NVIDIA L40S"],
            host.State.Gpus.Select(g => $"{g.Address} {g.ModelName}"));
        Assert.Equal("0001:89:00.4", host.State.Gpus[2].FunctionAt(0).ToString());
        Assert.NotNull(host.Files.GetInfo("/sys/bus/pci/devices/0001:89:00.0/sriov_totalvfs"));
    }

    [Theory]
    [InlineData("0000:03:00.0", "0000:03:00.0 is another device")]
    [InlineData("0000:4b:00.0", "0000:4b:00.0 is the GPU 0000:4b:00.0 or a function of it")]
    [InlineData("0000:4b:01.0", "0000:4b:01.0 is the GPU 0000:4b:00.0 or a function of it")]
    [InlineData("0000:ff:1f.0", "no place for the virtual functions")]
    public void Two_devices_have_no_address_in_common(string second, string why) => Assert.Contains(
        why,
        Assert.Throws<ArgumentException>(() => LabHost.Create(new LabOptions
        {
            Addresses = [new(0, 0x4b, 0, 0), PciAddress.Parse(second)],
        })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("8.2", "8.2.1", "6.5.13-5-pve", "550.54.16", LabBackend.Mdev)]
    [InlineData("8.4", "8.4.10", "6.8.12-9-pve", "580.105.06", LabBackend.Mdev)]
    [InlineData("9.0", "9.0.16", "6.14.8-2-pve", "580.105.06", LabBackend.Vfio)]
    [InlineData("9.2", "9.2.6", "6.14.11-4-pve", "580.105.06", LabBackend.Vfio)]
    public void A_release_has_its_packages_and_a_driver_that_builds(
        string pve, string qemuServer, string kernel, string driver, LabBackend backend)
    {
        var host = LabHost.Create(new LabOptions { PveVersion = pve });
        Assert.Equal((kernel, driver), (host.State.Setup.Kernel, host.State.Setup.DriverVersion));
        Assert.Equal(qemuServer, new ProxmoxHost(host.Files, host.Clock).QemuServerVersion);
        Assert.Equal(NvmlStatus.Success, host.Nvml.Init());
        Assert.Equal(backend, LabRelease.Of(pve).BackendFor(null));
    }

    [Theory]
    [InlineData("6.17.4-1-pve", null, "595.71.03", true)]
    [InlineData("7.0.2-1-pve", null, "595.71.03", true)]
    [InlineData("6.17.4-1-pve", "580.105.06", "580.105.06", false)]
    [InlineData("6.8.12-9-pve", "550.54.16", "550.54.16", false)]
    public void A_driver_that_does_not_build_for_the_kernel_is_not_loaded(
        string kernel, string? driver, string installed, bool isLoaded)
    {
        var host = LabHost.Create(new LabOptions { Kernel = kernel, DriverVersion = driver });
        Assert.Equal((installed, !isLoaded), (host.State.Setup.DriverVersion, host.State.Setup.DriverIsUnloaded));
    }

    [Fact]
    public void The_first_GPU_asked_for_is_GPU_0()
    {
        string[] models = ["L40S", "A30", "H100", "A10", "A40", "A100", "H200", "L4"];
        var state = LabHost.Create(new LabOptions { Gpus = models }).State;
        Assert.Equal(
            models.Select(m => GpuModel.Load(m).Name), state.Gpus.OrderBy(g => g.Pci).Select(g => g.ModelName));
    }

    [Fact]
    public void Enabling_functions_destroys_instances_and_a_client_prevents_it()
    {
        var host = LabMachines.With("A30", mig: true, functions: false);
        var device = LabMachines.Device(host);
        host.Nvml.DeviceCreateGpuInstanceWithPlacement(device, 14, new NvmlPlacement(0, 1), out _);
        var refused = LabMachines.Sriov(host, "-e");
        Assert.Contains("Cannot obtain unbindLock for", refused.Output, StringComparison.Ordinal);
        host.Nvml.Shutdown();
        Assert.Equal(0, LabMachines.Sriov(host, "-e").ExitCode);
        Assert.Empty(host.State.Gpus[0].Instances);
        Assert.True(host.State.Gpus[0].MigCurrent);
        Assert.Equal(0, LabMachines.Sriov(host, "-e").ExitCode);
    }

    [Theory]
    [InlineData("host=0000:4b:00.5", true)]
    [InlineData("sysfsdev=/sys/bus/mdev/devices/00000000-0000-0000-0000-000000000009", true)]
    [InlineData("host=0000:4b:00.4", false)]
    public void Qemu_gives_up_on_a_device_that_it_does_not_get(string device, bool hasUuid)
    {
        var host = LabMachines.With("A30");
        host.Files.WriteAttribute(LabMachines.Vendor("current_vgpu_type"), "685");
        string[] uuid = hasUuid ? ["-uuid", "00000000-0000-0000-0000-000000000101"] : [];
        var start = host.StartQemu(new VmId(101), [.. uuid, "-device", $"vfio-pci,{device}"]);
        Assert.Null(start.Pid);
        Assert.Contains("error getting device from group", start.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Qemu_is_seen_by_its_command_line()
    {
        var host = LabMachines.With("A30");
        var start = host.StartQemu(new VmId(101), []);
        Assert.StartsWith(
            "/usr/bin/kvm\0-id\0101\0", LabMachines.Text(host, $"/proc/{start.Pid}/cmdline"), StringComparison.Ordinal);
        host.EndQemu(new VmId(101), LabQemuEnd.Quit);
        Assert.Null(host.GetQemuPid(new VmId(101)));
    }

    [Theory]
    [InlineData("A30", true)]
    [InlineData("H100", false)]
    public void Reboot_loses_what_is_volatile(string model, bool keepsMig)
    {
        var host = LabMachines.With(model, mig: true);
        var boot = LabMachines.Text(host, "/proc/sys/kernel/random/boot_id");
        host.Put("/run/vgpups/claims.json", "{}");
        host.Put("/etc/vgpups/config.json", "{}");
        host.Reboot();
        Assert.NotEqual(boot, LabMachines.Text(host, "/proc/sys/kernel/random/boot_id"));
        Assert.Equal((0, keepsMig), (host.State.Gpus[0].FunctionCount, host.State.Gpus[0].MigCurrent));
        Assert.Null(host.Files.GetInfo("/run/vgpups"));
        Assert.NotNull(host.Files.GetInfo("/etc/vgpups/config.json"));
    }

    [Fact]
    public void Two_hosts_share_a_state_file()
    {
        var path = Path.Combine(Path.GetTempPath(), $"lab-{Guid.NewGuid():N}", "state.json");
        try
        {
            var first = LabHost.Init(path, new LabOptions { Gpus = ["A30"] });
            var second = LabHost.Open(path);
            first.Files.WriteWhole("/etc/x", "1"u8, 420);
            Assert.Equal("1", LabMachines.Text(second, "/etc/x"));
            using (first.Files.TryLock("/run/l", 384))
            {
                Assert.Null(second.Files.TryLock("/run/l", 384));
            }

            Assert.Equal(0, LabMachines.Sriov(second, "-e").ExitCode);
            Assert.NotNull(first.Files.GetInfo(LabMachines.Vendor("current_vgpu_type")));
            first.Edit(state => state.Locks.ForEach(held => held.Pid = int.MaxValue));
            Assert.NotNull(second.Files.TryLock("/run/l", 384));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
