using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using VgpuPS.Tests.Commands;
using Xunit;

namespace VgpuPS.Tests.Golden;

/// <summary>What stands in files on a host, the event log among them, as hook, boot service and commands write
/// it.</summary>
public sealed class GoldenFilesTests : EngineTests
{
    private const int UnknownError = 999;

    public static TheoryData<string, LabBackend, bool> Hosts => new(
        from pve in (string[])["8.4", "9.2"]
        from backend in Enum.GetValues<LabBackend>()
        from mig in (bool[])[true, false]
        select (pve, backend, mig));

    [Theory]
    [MemberData(nameof(Hosts))]
    public void A_VMs_life(string pve, LabBackend backend, bool mig)
    {
        var s = Situation.Of(pve, backend, mig: mig, functions: false)
            .Vm(101, $"0={Situation.First},mdev=nvidia-{(mig ? 690 : 685)}")
            .Vm(102, $"0={Situation.Second},mdev=nvidia-{(mig ? 690 : 685)}");
        new GoldenStory(s.Node)
            .Then("VM 101 starts", _ => s.Starts(101))
            .Then("VM 102 starts", _ => s.Starts(102))
            .Then("VM 101 stops", _ => s.Stops(101))
            .Then("VM 102 is killed", _ => s.Kills(102))
            .Then("ten minutes later: sweep", _ =>
            {
                s.Waits(10);
                s.Sweeps();
            })
            .Check($"files/life-{pve}-{backend}-{(mig ? "mig" : "time-sliced")}.txt");
    }

    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_mapped_VMs_life(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio, models: ["A30", "A30"]);
        s.Node.MapFunctions("gpus", "0000:4b:00.4", "0000:ca:00.4", "0000:4b:00.5", "0000:ca:00.5");
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690").Vm(102, "0=mapping=gpus,mdev=nvidia-689");
        new GoldenStory(s.Node)
            .Then("pre-start of VM 101 alone", _ =>
            {
                using (s.HoldConfigLock(101))
                {
                    Assert.True(s.Node.Hook("101", "pre-start").Succeeded);
                }
            })
            .Then("VM 101 starts", _ => s.Starts(101))
            .Then("VM 102 starts", _ => s.Starts(102))
            .Then("VM 101 reboots", _ => Assert.Null(s.Reboots(101)))
            .Then("VM 101 stops", _ => s.Stops(101))
            .Then("VM 102 stops", _ => s.Stops(102))
            .Check($"files/mapped-{pve}.txt");
    }

    [Theory]
    [InlineData("8.4", LabBackend.Mdev)]
    [InlineData("9.2", LabBackend.Vfio)]
    public void Starts_that_fail(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend)
            .Vm(101, $"0={Situation.First},mdev=nvidia-691").Vm(102, $"0={Situation.Second},mdev=nvidia-690")
            .Vm(103, "0=0000:4b:00.6,mdev=nvidia-690").Vm(104, "0=0000:4b:00.7,mdev=nvidia-689");
        new GoldenStory(s.Node)
            .Then("QEMU of VM 101 fails", _ =>
            {
                s.Host.Gate.Fail("run /usr/bin/kvm", 1);
                Assert.NotNull(s.Node.Start(101).Error);
            })
            .Then("VM 102 starts", _ => s.Starts(102))
            .Then("VM 101 finds no room", _ => s.Refuses(101))
            .Then("the compute instance of VM 103 fails", _ =>
            {
                s.Host.Gate.Fail("nvmlGpuInstanceCreateComputeInstance*", UnknownError, times: 9);
                s.Refuses(103);
                s.Host.Gate.Clear();
            })
            .Then("configuration of VM 104 that is locked for a backup", _ =>
            {
                s.SetLock(104, "backup");
                Assert.NotNull(s.Node.Start(104).Error);
            })
            .Then("sweep", _ => s.Sweeps())
            .Check($"files/failed-starts-{pve}-{backend}.txt");
    }

    [Fact]
    public void Boots()
    {
        var host = new BootNode();
        new GoldenStory(host.Node)
            .Then("a slow boot", node =>
            {
                node.Host.Reboot(LabBootSetup.Slow());
                host.Boots(0);
            })
            .Then("a second run", _ => host.Boots(0))
            .Then("a layout that no longer fits", node =>
            {
                node.CreateVm(new VmId(101), "0=0000:4b:00.4,mdev=nvidia-690");
                Assert.Null(node.Start(101).Error);
                host.PutLayout(BootNode.Layout.Replace("2g.12gb", "1g.6gb", StringComparison.Ordinal));
                host.Boots(75);
            })
            .Then("a driver that does not come", node =>
            {
                node.Host.Reboot(new LabBootSetup { DriverAfterMs = 10_000_000 });
                host.Boots(69, "--timeout", "30");
            })
            .Then("no layout", node =>
            {
                node.Host.Files.Delete("/etc/vgpups/layout.json");
                node.Host.Reboot(new LabBootSetup());
                host.Boots(0);
            })
            .Check("files/boot.txt");
    }

    [Fact]
    public async Task Commands_that_change_a_host() => (await StoryAsync("9.2", LabBackend.Vfio))
        .Then("Install-VgpuHost", Runs("Install-VgpuHost"))
        .Then("Enable-Sriov", Runs("Enable-Sriov 0"))
        .Then("Enable-MigMode", Runs("Enable-MigMode 0 -Reset"))
        .Then("New-MigInstance", Runs("New-MigInstance 0 -Profile 2g.12gb, 1g.6gb"))
        .Then("Remove-MigComputeInstance",
            Runs("Get-MigComputeInstance | Select-Object -First 1 | Remove-MigComputeInstance -Confirm:$false"))
        .Then("New-MigComputeInstance", Runs("Get-MigInstance | Select-Object -First 1 | New-MigComputeInstance"))
        .Then("Save the layout", Runs("Export-VgpuLayout -Save"))
        .Then("Add-VmVgpu", Runs("Add-VmVgpu 101 A30-2-12C"))
        .Then("Start-LabVm", Runs("Start-LabVm 101"))
        .Then("Stop-LabVm", Runs("Stop-LabVm 101"))
        .Then("Remove-VmVgpu", Runs("Remove-VmVgpu 101 -Confirm:$false"))
        .Then("Remove-MigInstance", Runs("Get-MigInstance | Remove-MigInstance -Confirm:$false"))
        .Then("Disable-MigMode", Runs("Disable-MigMode 0 -Reset -Confirm:$false"))
        .Then("New-Vgpu", Runs("New-Vgpu -Gpu 0 -Type A30-6C"))
        .Then("Remove-Vgpu", Runs("Get-Vgpu | Remove-Vgpu -Confirm:$false"))
        .Then("Set-VgpuScheduler", Runs("Set-VgpuScheduler 0 -Policy EqualShare -Persist"))
        .Then("Enable-VgpuMixedSize", Runs("Enable-VgpuMixedSize 0"))
        .Then("Sync-VgpuLayout", Runs("Sync-VgpuLayout -Force -Confirm:$false"))
        .Then("Disable-Sriov",
            Runs("Get-MigInstance | Remove-MigInstance -Confirm:$false; Disable-Sriov 0 -Confirm:$false"))
        .Then("Update-VgpuHost", Runs("Update-VgpuHost"))
        .Then("Uninstall-VgpuHost", Runs("Unregister-VgpuHook 101 -Confirm:$false; Uninstall-VgpuHost -Confirm:$false"))
        .Check("files/commands.txt");

    [Fact]
    public async Task Hooks_that_are_registered() => (await StoryAsync("8.4", LabBackend.Mdev))
        .Then("Register-VgpuHook", Runs("Register-VgpuHook 101"))
        .Then("Register-VgpuHook in front of another script", node =>
        {
            var path = node.ConfigPath(new VmId(102));
            node.Host.Put("/var/lib/vz/snippets/pin.sh", "#!/bin/sh\n", 0b111_101_101);
            node.Host.Put(
                path, "hookscript: local:snippets/pin.sh\n" + GoldenStory.FilesOf(node)[path].Split('\n', 2)[1]);
            Run("Register-VgpuHook 102");
        })
        .Then("Unregister-VgpuHook", Runs("Register-VgpuHook 101; Unregister-VgpuHook 101 -Confirm:$false"))
        .Then("Unregister-VgpuHook in front of another script", Runs("Unregister-VgpuHook 102 -Confirm:$false"))
        .Check("files/hooks.txt");

    private static async Task<GoldenStory> StoryAsync(string pve, LabBackend backend) =>
        new(await OpenLabAsync(new LabOptions { WithVms = true, PveVersion = pve, Backend = backend }));

    private Action<LabHostNode> Runs(string script) => _ => Run(script);
}
