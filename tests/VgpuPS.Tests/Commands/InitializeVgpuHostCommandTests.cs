using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class InitializeVgpuHostCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Initialize-VgpuHost ./x.run", "DriverPackageWrong", ErrorCategory.InvalidArgument },
        { "Initialize-VgpuHost x.run -Session nowhere", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Initialize-VgpuHost -Session l", "lab" } };

    private const string Line = "Initialize-VgpuHost /root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run";

    public InitializeVgpuHostCommandTests() => Lab(options: "-Bare");

    [Fact]
    public void A_bare_host_is_made_ready_in_two_runs_with_a_restart_between_them()
    {
        var warning = Assert.Single(Run(Line + " -Restart").Warnings);
        Assert.Matches("restarts now.*nouveau.*Initialize-VgpuHost again", warning);
        Assert.Equal(["DriverMissing"], Values("(Test-VgpuHost | Where-Object -Not Passed).Check"));
        Assert.Equal("580.105.06", One<HostInfo>(Line + " -PassThru").DriverVersion);
        Assert.Empty(Values("Test-VgpuHost | Where-Object -Not Passed"));
        Assert.Empty(Run(Line).Warnings);
    }

    [Fact]
    public void WhatIf_prints_the_plan_and_changes_nothing()
    {
        var before = string.Join('\n', Values("Test-VgpuHost | Out-String"));
        var printed = string.Join('\n', Run(Line + " -WhatIf").Printed);
        Assert.StartsWith("What if: Initialize-VgpuHost on host pve1:", printed, StringComparison.Ordinal);
        Assert.Matches(
            @"(?s)1\. install packages proxmox-headers-.*dkms.*/etc/default/grub.*iommu=pt.*blacklist nouveau",
            printed);
        Assert.Equal(before, string.Join('\n', Values("Test-VgpuHost | Out-String")));
        Assert.Equal(["NouveauLoaded", "DriverMissing"], Values("(Test-VgpuHost | Where-Object -Not Passed).Check"));
    }

    [Fact]
    public void It_is_done_after_a_yes_only()
    {
        Answer("n");
        Assert.Contains("Continue?", Assert.Single(Run(Line + " -Confirm").Questions), StringComparison.Ordinal);
        Assert.Equal(["NouveauLoaded", "DriverMissing"], Values("(Test-VgpuHost | Where-Object -Not Passed).Check"));
        AssertRefused(Line + " -Confirm", "ConfirmationRequired", ErrorCategory.NotEnabled, action: "-Confirm:$false");
    }

    [Fact]
    public void A_guest_s_driver_is_refused() => Assert.StartsWith(
        "DriverPackage", RefusalId("Initialize-VgpuHost /root/NVIDIA-Linux-x86_64-580.105.06-grid.run"),
        StringComparison.Ordinal);
}
