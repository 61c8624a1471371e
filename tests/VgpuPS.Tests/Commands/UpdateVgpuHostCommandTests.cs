using System.Management.Automation;
using System.Text;
using VgpuPS.Core.Rows;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class UpdateVgpuHostCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Update-VgpuHost -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
        { "Update-VgpuHost -Storage none", "NoSnippetStorage", ErrorCategory.ObjectNotFound },
        { "Update-VgpuHost -Path ./none", "HookNotInstalled", ErrorCategory.ObjectNotFound },
        { "Update-VgpuHost -HostName -oProxyCommand=x", "InvalidHostName", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Update-VgpuHost -Session la", "lab" },
        { "Update-VgpuHost -Storage lo", "local" },
    };

    [Fact]
    public async Task WhatIf_prints_the_plan_and_changes_nothing()
    {
        var node = await OpenLabAsync();
        Run("Install-VgpuHost");
        var before = Text(node, "/usr/lib/vgpups/vgpu-hook");
        Assert.Matches(
            @"^What if: Update-VgpuHost on node pve1:\n +1\. replace the program /usr/lib/vgpups/vgpu-hook\n +" +
            @"2\. write the hook to /var/lib/vz/snippets/vgpu-hook",
            Assert.Single(Run($"Update-VgpuHost -Path '{MakeProgram()}' -WhatIf").Printed));
        Assert.Equal(before, Text(node, "/usr/lib/vgpups/vgpu-hook"));
    }

    [Fact]
    public async Task Program_and_copies_are_replaced_and_nothing_is_done_the_second_time()
    {
        var node = await OpenLabAsync();
        var line = $"Install-VgpuHost; Update-VgpuHost -Path '{MakeProgram()}'";
        Assert.Equal("lab", One<HostInfo>(line + " -PassThru").VgpuHost);
        Assert.EndsWith(" a program", Text(node, "/usr/lib/vgpups/vgpu-hook"), StringComparison.Ordinal);
        Assert.EndsWith(" a program", Text(node, "/var/lib/vz/snippets/vgpu-hook"), StringComparison.Ordinal);
        Assert.Empty(Run(line).Steps);
        Assert.Contains(typeof(HostInfo).FullName, Values("(Get-Command Update-VgpuHost).OutputType.Name"));
    }

    [Fact]
    public void Nothing_is_to_do_where_all_is_right()
    {
        Run("Install-VgpuHost");
        Assert.Empty(Run("Update-VgpuHost").Steps);
        Assert.Equal(["lab"], Values("(Get-VgpuHost | Update-VgpuHost -PassThru).VgpuHost"));
    }

    [Fact]
    public async Task It_is_done_after_a_yes_only()
    {
        var node = await OpenLabAsync();
        var line = $"Update-VgpuHost -Path '{MakeProgram()}' -Confirm";
        Run("Install-VgpuHost");
        var before = Text(node, "/usr/lib/vgpups/vgpu-hook");
        AssertRefused(line, "ConfirmationRequired", ErrorCategory.NotEnabled, action: "-Confirm:$false");
        Answer("n");
        Assert.Contains("Continue?", Assert.Single(Run(line).Questions), StringComparison.Ordinal);
        Assert.Equal(before, Text(node, "/usr/lib/vgpups/vgpu-hook"));
        Answer("y");
        Run(line);
        Assert.NotEqual(before, Text(node, "/usr/lib/vgpups/vgpu-hook"));
    }

    [Fact]
    public void A_host_that_has_nothing_to_update_is_refused_and_does_not_stop_the_next()
    {
        Run("Install-VgpuHost; Connect-VgpuHost -Lab A30 -Name other; Uninstall-VgpuHost -Session other "
            + "-Confirm:$false");
        var result = Try("(Update-VgpuHost -Session other, lab -PassThru).VgpuHost");
        Assert.Equal(["lab"], result.Output.Select(o => o.BaseObject));
        var failure = Assert.Single(result.Errors);
        Assert.Equal("HookNotInstalled,VgpuPS.Commands.UpdateVgpuHostCommand", failure.FullyQualifiedErrorId);
        Assert.Contains("Install-VgpuHost", failure.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    /// <summary>A file that looks like a program for x86-64, for installing where nobody runs it.</summary>
    private string MakeProgram()
    {
        var path = PathOf("vgpu-hook");
        File.WriteAllBytes(path, [0x7f, .. "ELF"u8, 2, .. new byte[13], 0x3e, .. " a program"u8]);
        return path;
    }

    private static string? Text(LabHostNode node, string path) =>
        node.Host.Files.GetInfo(path) is null ? null : Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 20));
}
