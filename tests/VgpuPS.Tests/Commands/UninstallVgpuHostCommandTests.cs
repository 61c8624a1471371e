using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class UninstallVgpuHostCommandTests : ChangingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Uninstall-VgpuHost -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
        { "Uninstall-VgpuHost -HostName -oProxyCommand=x", "InvalidHostName", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new() { { "Uninstall-VgpuHost -Session la", "lab" } };

    protected override string Prepare => "Install-VgpuHost";

    protected override string Line => "Uninstall-VgpuHost";

    protected override string Plan => "stop and disable vgpups";

    protected override bool IsHigh => true;

    /// <summary>Whether there is something to uninstall, and what it left.</summary>
    protected override string Changed() => string.Join(
        '\n', Run("Uninstall-VgpuHost -WhatIf").Printed.Concat(Run("Install-VgpuHost -WhatIf").Printed));

    [Fact]
    public async Task Configuration_stays_unless_it_is_to_go_too_and_GPUs_in_any_case()
    {
        var node = await OpenLabAsync();
        Run("Install-VgpuHost; Enable-Sriov 0; $before = Get-Gpu | ConvertTo-Json");
        Assert.Empty(Values("Uninstall-VgpuHost -Confirm:$false"));
        Assert.NotNull(node.Host.Files.GetInfo("/etc/vgpups/config.json"));
        Assert.Null(node.Host.Files.GetInfo("/etc/systemd/system/vgpups.service"));
        Assert.True(One<bool>("$before -ceq (Get-Gpu | ConvertTo-Json)"));
        Run("Uninstall-VgpuHost -RemoveConfiguration -Confirm:$false");
        Assert.Null(node.Host.Files.GetInfo("/etc/vgpups/config.json"));
    }

    [Fact]
    public async Task VMs_that_still_have_the_hook_are_named_with_the_command_that_takes_it_off()
    {
        var node = await OpenLabAsync();
        Run("Install-VgpuHost; Add-VmVgpu 101, 102 A30-6C");
        foreach (var question in new[] { "-Confirm:$false", "-WhatIf" })
        {
            AssertRefused(
                "Uninstall-VgpuHost " + question, "HookInUse", ErrorCategory.ResourceBusy,
                "VM 101 (web), VM 102 (build)", "Unregister-VgpuHook -Force");
        }

        Run("Get-VgpuHook | Unregister-VgpuHook -Force -Confirm:$false; Uninstall-VgpuHost -Confirm:$false");
        Assert.Null(node.Host.Files.GetInfo("/etc/systemd/system/vgpups.service"));
    }

    [Fact]
    public async Task Hosts_are_taken_from_the_pipeline_and_one_that_fails_does_not_stop_the_next()
    {
        var node = await OpenLabAsync();
        Run("Install-VgpuHost; Connect-VgpuHost -Lab A30 -Name other; Add-VmVgpu 101 A30-6C -Session other");
        Assert.Equal("AmbiguousSession", RefusalId("Uninstall-VgpuHost -Confirm:$false"));
        Assert.Equal(["HookInUse"], Try("Get-VgpuHost | Uninstall-VgpuHost -Confirm:$false").ErrorIds);
        Assert.Null(node.Host.Files.GetInfo("/etc/systemd/system/vgpups.service"));
    }
}
