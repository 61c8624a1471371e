using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetSriovFunctionCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-SriovFunction 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-SriovFunction -Function 0000:4b:09.0", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-SriovFunction -Function 0000:4b:00.5", "0000:4b:00.5" },
        { "Get-SriovFunction 0000:4b", "0000:4b:00.0" },
    };

    protected override string Prepare => "Enable-Sriov 0";

    [Fact]
    public void Those_that_are_free_are_shown()
    {
        Run("Enable-Sriov 0; New-Vgpu 0 A30-8C");
        Assert.Equal(16, Values("Get-SriovFunction").Length);
        var free = Values("(Get-SriovFunction -Free).FunctionAddress");
        Assert.Equal(15, free.Length);
        Assert.DoesNotContain("0000:4b:00.4", free);
    }

    /// <summary>K3c: what a VM's configuration names, waiting or not, is not offered to another.</summary>
    [Fact]
    public async Task Those_that_a_vm_names_are_its_own_and_the_next_is_taken_as_advised()
    {
        var node = await OpenLabAsync();
        Run("Enable-Sriov 0; Add-VmVgpu 101 A30-8C -Function 0000:4b:00.4");
        var path = node.ConfigPath(new(102));
        node.Host.Put(path, System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 16))
            + "\n[PENDING]\nhostpci0: 0000:4b:00.5,mdev=nvidia-686\n");

        Assert.Equal(
            ["101", "102"],
            Values("Get-SriovFunction -Function 0000:4b:00.4,0000:4b:00.5 | ForEach-Object { [string]$_.VmId }"));
        Assert.Equal("0000:4b:00.6", Values("(Get-SriovFunction -Free)[0].FunctionAddress").Single());
        Assert.Equal(14, Values("Get-SriovFunction -Free").Length);
        AssertRefused(
            "Add-VmVgpu 103 A30-8C -Function 0000:4b:00.4", "FunctionHeld", ErrorCategory.ResourceBusy);
        Run("Add-VmVgpu 103 A30-8C -Function (Get-SriovFunction -Free)[0].FunctionAddress");
    }

    [Fact]
    public void Those_of_a_type_are_shown_and_a_GPU_without_functions_is_silent()
    {
        Run("Enable-Sriov 0; New-Vgpu 0 A30-8C");
        Assert.Equal(
            ["0000:4b:00.4"], Values("(Get-SriovFunction -Type A30-8C | Where-Object VgpuType).FunctionAddress"));
        Assert.Empty(Values("Get-SriovFunction 1"));
    }
}
