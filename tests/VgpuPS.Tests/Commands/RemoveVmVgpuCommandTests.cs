using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RemoveVmVgpuCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Remove-VmVgpu 102", "EntryNotFound", ErrorCategory.ObjectNotFound },
        { "Remove-VmVgpu 101 hostpci9", "EntryNotFound", ErrorCategory.ObjectNotFound },
        { "Remove-VmVgpu 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Remove-VmVgpu 101 host", "hostpci0" },
        { "Remove-VmVgpu we", "101" },
    };

    protected override string Prepare => "Add-VmVgpu 101 A30-6C";

    protected override string Line => "Remove-VmVgpu 101";

    protected override string Plan => "delete hostpci0 of VM 101";

    protected override bool IsHigh => true;

    [Fact]
    public void PassThru_writes_what_went_and_not_what_is_left()
    {
        Run("Add-VmVgpu 101 A30-6C; Add-VmVgpu 101 A30-6C");
        Assert.Equal(["hostpci1"], Values("(Remove-VmVgpu 101 1 -Confirm:$false -PassThru).Entry"));
        Assert.Equal(["hostpci0"], Values("(Get-VmVgpu).Entry"));
    }

    [Fact]
    public void What_is_piped_in_goes_and_then_there_is_nothing_to_remove()
    {
        Run("Add-VmVgpu 101, 102 A30-6C; Get-VmVgpu | Remove-VmVgpu -Confirm:$false");
        Assert.Empty(Values("Get-VmVgpu"));
        Assert.Equal("EntryNotFound", RefusalId("Remove-VmVgpu 101 -Confirm:$false"));
    }

    [Fact]
    public void An_object_goes_back_to_its_own_host_and_a_VM_on_two_is_asked_for()
    {
        Run("Add-VmVgpu 101, 102 A30-6C; Connect-VgpuHost -Lab A30 -Name other");
        AssertRefused(
            "Remove-VmVgpu 101 -Confirm:$false", "AmbiguousVm", ErrorCategory.InvalidArgument, action: "-Session lab");
        Run("Get-VmVgpu -Session lab | Remove-VmVgpu -Confirm:$false");
        Assert.Empty(Values("Get-VmVgpu"));
    }

    [Fact]
    public void The_hook_goes_with_the_last_vGPU_and_the_host_can_be_uninstalled()
    {
        Run("Add-VmVgpu 101 A30-6C");
        Assert.Contains(
            "delete hookscript of VM 101", string.Join('\n', Run("Remove-VmVgpu 101 -WhatIf").Printed),
            StringComparison.Ordinal);
        Run("Remove-VmVgpu 101 -Confirm:$false");
        Assert.False(One<VgpuHookInfo>("Get-VgpuHook 101").IsRegistered);
        Run("Uninstall-VgpuHost -Confirm:$false");
    }

    [Fact]
    public void The_hook_stays_where_it_is_needed_or_wanted()
    {
        Run("Add-VmVgpu 101, 102, 103 A30-6C; Add-VmVgpu 103 A30-6C; Start-LabVm 102");
        Run("Remove-VmVgpu 101 -KeepHook -Confirm:$false; Remove-VmVgpu 103 0 -Confirm:$false");
        var steps = Run("Remove-VmVgpu 102 -Confirm:$false").Steps;
        Assert.Contains(steps, s => s.Contains("keep the hook, which releases the vGPU", StringComparison.Ordinal));
        Assert.Equal([true, true, true], Values("(Get-VgpuHook 101, 102, 103).IsRegistered"));
        Run("Stop-LabVm 102");
        Assert.Empty(Values("Get-Vgpu"));
        Run("Unregister-VgpuHook -VmId 102");
    }

    [Fact]
    public async Task A_chained_script_is_put_back()
    {
        var host = (await OpenLabAsync()).Host;
        Run("Enable-Sriov 0");
        host.Put("/var/lib/vz/snippets/own.sh", "#!/bin/sh\n", 0b111_101_101);
        var config = "/etc/pve/nodes/pve1/qemu-server/101.conf";
        host.Put(config, System.Text.Encoding.UTF8.GetString(host.Files.Read(config, 1 << 20))
            + "hookscript: local:snippets/own.sh\n");
        Run("Add-VmVgpu 101 A30-6C");
        Assert.Equal("/var/lib/vz/snippets/own.sh", One<VgpuHookInfo>("Get-VgpuHook 101").ChainedPath);
        Run("Remove-VmVgpu 101 -Confirm:$false");
        var hook = One<VgpuHookInfo>("Get-VgpuHook 101");
        Assert.Equal(("local:snippets/own.sh", false, null), (hook.Volume, hook.IsRegistered, hook.ChainedPath));
    }
}
