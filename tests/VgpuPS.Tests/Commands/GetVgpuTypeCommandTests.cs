using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuTypeCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuType -Gpu 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuType -Function 0000:99:00.4", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuType -GpuInstanceId 9", "InstanceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuType A30-9-99C", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuType nvidia-9999", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-VgpuType A30-2", "A30-2-12C" },
        { "Get-VgpuType 690", "A30-2-12C" },
    };

    protected override string Prepare => "Enable-MigMode 0 -Reset; Enable-Sriov 0";

    [Theory]
    [InlineData("A30-2-12C")]
    [InlineData("690")]
    [InlineData("nvidia-690")]
    [InlineData("*-2-12C")]
    public void A_type_is_found_by_name_number_and_number_in_the_form_of_a_configuration(string name) =>
        Assert.Equal(690u, One<VgpuTypeInfo>($"Get-VgpuType {name} -Gpu 0").VgpuTypeId);

    /// <summary>RTX Pro 6000 Blackwell DC-8Q: nobody types the board.</summary>
    [Theory]
    [InlineData("Get-VgpuType DC-8Q", 1)]
    [InlineData("$null = New-Vgpu -Gpu 0 -Type dc-8q; Get-Vgpu -Type DC-8Q", 1)]
    [InlineData("Add-VmVgpu 101 DC-8Q; Set-VmVgpu 101 -Type DC-16Q; Get-VmVgpu 101", 1)]
    [InlineData("Get-SriovFunction -Type DC-8Q | Select-Object -First 1", 1)]
    [InlineData("Get-VgpuCapacity -Type DC-8Q", 1)]
    [InlineData("Find-VgpuPlacement -Type DC-8Q", 1)]
    [InlineData("New-VgpuMapping gpu -Type DC-8Q", 1)]
    [InlineData("Optimize-VgpuPlacement -Type DC-8Q -Confirm:$false", 0)]
    public void A_name_without_its_board_is_a_type_everywhere(string line, int count)
    {
        Lab("RTX-PRO-6000");
        Run("Enable-Sriov 0");
        Assert.Equal(count, Run(line).Output.Count);
        Assert.Contains("'RTX Pro 6000 Blackwell DC-8Q'", Complete("Add-VmVgpu 101 DC-8"));
    }

    [Fact]
    public void A_wildcard_without_a_match_is_silent() => Assert.Empty(Values("Get-VgpuType *-9-99C"));

    [Fact]
    public void A_class_chooses()
    {
        Assert.Equal(
            One<int>("@(Get-VgpuType -Gpu 0 | Where-Object VgpuType -Match 'C(ME)?$').Count"),
            Values("Get-VgpuType -Gpu 0 -Class C").Length);
        Assert.Equal(["A30-1-6CME"], Values("(Get-VgpuType A30-1-6CME -Gpu 0 -Class C).VgpuType"));
        Assert.Empty(Values("Get-VgpuType A30-1-6CME -Gpu 0 -Class Q"));
    }

    [Fact]
    public void The_profile_of_a_type_is_named_before_MIG_mode_is_on()
    {
        Assert.Equal("2g.12gb", One<VgpuTypeInfo>("Get-VgpuType A30-2-12C -Gpu 0").Profile);
        Assert.Null(One<VgpuTypeInfo>("Get-VgpuType A30-6C -Gpu 0").Profile);
    }

    [Fact]
    public void How_many_a_GPU_and_a_VM_can_have_is_shown()
    {
        Assert.Equal(
            [4, 16, false],
            Values(
                "Get-VgpuType A30-6C -Gpu 0 | ForEach-Object { [int]$_.MaxPerGpu; [int]$_.MaxPerVm; $_.IsExclusiveInVm "
                    + "}"));
        Assert.Contains("4/16", Show("Get-VgpuType A30-6C -Gpu 0"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_be_created_now_is_shown_of_a_function_and_of_an_instance()
    {
        Run(Prepare + "; New-MigInstance 0 -Profile 2g.12gb");
        Assert.Equal(["A30-2-12C"], Values("(Get-VgpuType -Gpu 0 -Creatable).VgpuType"));
        Assert.Equal(["A30-2-12C"], Values("(Get-VgpuType -Function 0000:4b:00.4).VgpuType"));
        Assert.Equal(["A30-2-12C"], Values("(Get-MigInstance | Get-VgpuType).VgpuType"));
    }
}
