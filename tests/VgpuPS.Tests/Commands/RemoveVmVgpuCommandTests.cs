using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class RemoveVmVgpuCommandTests : ChangingCommandTests
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
}
