using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class NewLabVmCommandTests : ChangingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "New-LabVm 101", "VmExists", ErrorCategory.InvalidArgument },
        { "New-LabVm 900", "VmExists", ErrorCategory.InvalidArgument },
        { "New-LabVm 201 -Memory much", "InvalidMemorySize", ErrorCategory.InvalidArgument },
        { "New-LabVm 201 -Session localhost", "NotALab", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new() { { "New-LabVm 201 -Cor", "-Cores" } };

    protected override string Line => "New-LabVm 201 -Cores 12 -Memory 16GB";

    protected override string Plan => @"add VM 201 \(vm201\) with 12 CPUs and 16384 MiB of memory";

    [Fact]
    public void A_VM_that_was_added_starts_with_a_vGPU_and_has_a_guest()
    {
        Assert.Equal(["201 (a)", "202 (a)"], Values("New-LabVm 201,202 -Name a | ForEach-Object { \"$_\" }"));
        Run("Enable-Sriov 0; Add-VmVgpu 201 A30-6C; Start-VgpuVm 201");
        Assert.Equal("running", One<VgpuVmInfo>("Get-VgpuVm 201").Status);
        Assert.NotNull(One<GridLicenseInfo>("Get-GridLicense 201 -FromGuest").GuestDriver);
    }
}
