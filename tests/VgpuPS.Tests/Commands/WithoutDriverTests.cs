using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>What VMs are configured with is Proxmox's, and known where NVIDIA's driver is not.</summary>
public sealed class WithoutDriverTests : EngineTests
{
    public WithoutDriverTests() => Lab(options: "-Bare");

    [Fact]
    public void The_hook_of_VMs_is_seen_tested_and_taken_off()
    {
        Run("Install-VgpuHost; Register-VgpuHook 101");
        Assert.Equal([true], Values("(Get-VgpuHook 101).IsRegistered"));
        Assert.Empty(Values("Get-VmVgpu"));
        Assert.NotEmpty(Values("Test-VgpuHook 101"));
        Assert.Equal(["Passed"], Values("(Test-VgpuHost -Check HookNotRegistered).Verdict"));
        Run("Get-VgpuHook | Unregister-VgpuHook -Force");
        Assert.DoesNotContain(true, Values("(Get-VgpuHook).IsRegistered"));
    }

    [Fact]
    public async Task GPUs_are_seen_as_PCI_shows_them()
    {
        Assert.Equal(["0000:4b:00.0", "0000:ca:00.0"], Values("(Get-Gpu).GpuAddress"));
        Assert.Equal(["A30", "A30"], Values("(Get-Gpu).Model"));
        Assert.Equal("nouveau", One<GpuInfo>("Get-Gpu 0000:ca:00.0").Driver);
        Assert.Contains("nouveau", Show("Get-Gpu"), StringComparison.Ordinal);
        Assert.Equal(["A30 (nouveau)", "A30 (nouveau)"], Values("(Get-VgpuHost).Gpus"));
        var host = (await OpenLabAsync(new() { Gpus = ["A30", "A30"] })).Host;
        host.Edit(s => s.Gpus[1].Driver = null);
        Assert.Equal([0, -1], Values("(Get-Gpu).GpuIndex"));
        Assert.Contains("no driver", Show("Get-Gpu *A30"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VGPUs_of_VMs_are_seen_by_number_and_taken_away()
    {
        var host = (await OpenLabAsync(new() { WithVms = true, IsBare = true })).Host;
        host.Put(
            "/etc/pve/nodes/pve1/qemu-server/101.conf",
            "name: web\nhostpci0: 0000:4b:00.4,mdev=nvidia-690,pcie=1\nmachine: q35\n");
        var vgpu = One<VmVgpuInfo>("Get-VmVgpu web");
        Assert.Equal((690u, null, "0000:4b:00.4"), (vgpu.VgpuTypeId, vgpu.VgpuType, vgpu.FunctionAddress));
        Assert.Contains("nvidia-690", Show("Get-VmVgpu"), StringComparison.Ordinal);
        Run("Get-VmVgpu | Remove-VmVgpu -Confirm:$false");
        Assert.Empty(Values("Get-VmVgpu"));
    }
}
