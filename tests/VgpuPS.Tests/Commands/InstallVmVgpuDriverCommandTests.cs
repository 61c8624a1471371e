using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class InstallVmVgpuDriverCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        {
            "Install-VmVgpuDriver 101 -Path /root/none.run -Confirm:$false", "ReadFailed", ErrorCategory.ObjectNotFound
        },
        {
            "Install-VmVgpuDriver 101 -Path driver.run -Confirm:$false",
            "GuestDriverUnusable", ErrorCategory.InvalidArgument
        },
        { "Install-VmVgpuDriver 101 -Path /root -Confirm:$false",
            "GuestDriverUnusable", ErrorCategory.InvalidArgument },
        { "Install-VmVgpuDriver 101 -Path /root/x.exe -Confirm:$false", "ReadFailed", ErrorCategory.ObjectNotFound },
        { "Install-VmVgpuDriver 4711 -Path /root/NVIDIA-Linux-x86_64-580.105.08-grid.run "
            + "-Confirm:$false", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Install-VmVgpuDriver we", "101" } };

    protected override string Prepare =>
        "Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101; Set-LabGuest 101 -Driver ''";

    private const string Line = "Install-VmVgpuDriver 101 -Path /root/NVIDIA-Linux-x86_64-580.105.08-grid.run";

    [Fact]
    public void A_driver_is_installed_and_seen()
    {
        Run(Prepare);
        Assert.Equal(["Missing"], Values("(Get-VmVgpuDriver 101).Verdict | ForEach-Object ToString"));
        var done = One<VmVgpuDriverInfo>(Line + " -Confirm:$false -PassThru");
        Assert.Equal(("580.105.08", "SameBranch"), (done.GuestDriver, done.Verdict.ToString()));
    }

    [Fact]
    public void It_asks_before_it_restarts_a_guest()
    {
        Run(Prepare);
        AssertRefused(Line, "ConfirmationRequired", ErrorCategory.NotEnabled, "must be confirmed", "-Confirm:$false");
        Answer("n");
        Assert.Contains("Continue?", Assert.Single(Run(Line).Questions), StringComparison.Ordinal);
        Assert.Null(One<VmVgpuDriverInfo>("Get-VmVgpuDriver 101").GuestDriver);
        Answer("y");
        Run(Line);
        Assert.Equal("580.105.08", One<VmVgpuDriverInfo>("Get-VmVgpuDriver 101").GuestDriver);
    }

    [Fact]
    public void WhatIf_prints_the_plan_and_changes_nothing()
    {
        Run(Prepare);
        Assert.StartsWith("What if: Install-VmVgpuDriver on ", Assert.Single(Run(Line + " -WhatIf").Printed),
            StringComparison.Ordinal);
        Assert.Null(One<VmVgpuDriverInfo>("Get-VmVgpuDriver 101").GuestDriver);
    }
}
