using System.Management.Automation;
using System.Text;
using VgpuPS.Core.Rows;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class InstallVgpuHostCommandTests : CommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Install-VgpuHost -Session nobody", "SessionNotFound", ErrorCategory.ObjectNotFound },
        { "Install-VgpuHost -Storage none", "NoSnippetStorage", ErrorCategory.ObjectNotFound },
        { "Install-VgpuHost -Path ./none", "HookNotInstalled", ErrorCategory.ObjectNotFound },
        { "Install-VgpuHost -Path "
            + "$PSHOME/System.Management.Automation.dll", "HookProgramUnusable", ErrorCategory.InvalidData },
        { "Install-VgpuHost -HostName -oProxyCommand=x", "InvalidHostName", ErrorCategory.InvalidArgument },
        { "Install-VgpuHost pve1:99999", "InvalidHostName", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Install-VgpuHost -Session la", "lab" },
        { "Install-VgpuHost -Storage lo", "local" },
    };

    [Fact]
    public void An_option_that_switches_host_keys_off_is_refused() => AssertRefused(
        $"Install-VgpuHost 127.0.0.1:1 -Path '{MakeProgram()}' -Options @{{ StrictHostKeyChecking = 'no' }}",
        "SshOptionRefused", ErrorCategory.InvalidArgument);

    private const string Configuration = "/etc/vgpups/config.json";

    [Fact]
    public async Task Units_and_configuration_are_installed_step_by_step_and_nothing_is_done_the_second_time()
    {
        var node = await OpenLabAsync();
        var result = Run("Install-VgpuHost");
        Assert.Empty(result.Output);
        Assert.Contains(result.Steps, s => s.Contains("enable vgpups.service", StringComparison.Ordinal));
        Assert.Contains("ExecStart=", Text(node, "/etc/systemd/system/vgpups.service"), StringComparison.Ordinal);
        Assert.Equal("{}", Text(node, Configuration)?.Trim());
        Assert.Empty(Run("Install-VgpuHost").Steps);
    }

    [Fact]
    public async Task WhatIf_prints_the_plan_and_changes_nothing()
    {
        var node = await OpenLabAsync();
        var printed = Assert.Single(Run("Install-VgpuHost -WhatIf").Printed);
        Assert.Matches(
            "(?s)^What if: Install-VgpuHost on node pve1:.*1\\. write the unit .*enable and start vgpups-sweep.timer.*"
                +
            "write the default configuration",
            printed);
        Assert.Null(Text(node, Configuration));
        Assert.Null(Text(node, "/etc/systemd/system/vgpups.service"));
    }

    [Fact]
    public async Task It_is_done_after_a_yes_only()
    {
        var node = await OpenLabAsync();
        AssertRefused(
            "Install-VgpuHost -Confirm", "ConfirmationRequired", ErrorCategory.NotEnabled, action: "-Confirm:$false");
        Answer("n");
        Assert.Contains(
            "Continue?", Assert.Single(Run("Install-VgpuHost -Confirm").Questions), StringComparison.Ordinal);
        Assert.Null(Text(node, Configuration));
        Answer("y");
        Run("Install-VgpuHost -Confirm");
        Assert.NotNull(Text(node, Configuration));
    }

    [Fact]
    public async Task A_program_that_is_named_is_brought_and_nothing_of_its_way_there_stays()
    {
        var node = await OpenLabAsync();
        Run($"Install-VgpuHost -Path '{MakeProgram()}'");
        Assert.EndsWith(" a program", Text(node, "/usr/lib/vgpups/vgpu-hook"), StringComparison.Ordinal);
        Assert.EndsWith(" a program", Text(node, "/var/lib/vz/snippets/vgpu-hook"), StringComparison.Ordinal);
        Assert.Null(Text(node, "/usr/lib/.vgpups-staged/vgpu-hook"));
        Run("Enable-Sriov 0; Add-VmVgpu 101 A30-6C");
        Assert.True(One<VgpuInfo>("Start-LabVm 101 -PassThru").IsRunning);
    }

    [Fact]
    public void What_was_taken_off_is_installed_again()
    {
        Run("Uninstall-VgpuHost -Confirm:$false");
        Assert.Equal("HookNotInstalled", RefusalId("Update-VgpuHost"));
        Run("Install-VgpuHost; Add-VmVgpu 101 A30-6C");
        Assert.True(One<VgpuHookInfo>("Get-VgpuHook 101").IsRegistered);
    }

    [Fact]
    public async Task Snippets_are_allowed_only_where_that_is_asked_for()
    {
        var node = await OpenLabAsync();
        node.Host.Put("/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent iso,backup\n\n");
        AssertRefused("Install-VgpuHost", "NoSnippetStorage", ErrorCategory.NotEnabled, action: "-EnableSnippets");
        Run("Install-VgpuHost -EnableSnippets");
        Assert.Contains("\tcontent iso,backup,snippets", Text(node, "/etc/pve/storage.cfg"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_is_written_within_120_columns()
    {
        Assert.Equal("lab", One<HostInfo>("Install-VgpuHost -PassThru").VgpuHost);
        Assert.Contains(typeof(HostInfo).FullName, Values("(Get-Command Install-VgpuHost).OutputType.Name"));
        Assert.All(Show("Install-VgpuHost -PassThru", 500).Split('\n'), l => Assert.True(l.TrimEnd().Length <= 120, l));
    }

    [Fact]
    public async Task Hosts_are_taken_from_the_pipeline_and_one_that_fails_does_not_stop_the_next()
    {
        var node = await OpenLabAsync();
        node.Host.Put("/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent iso\n\n");
        Run("Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal("AmbiguousSession", RefusalId("Install-VgpuHost"));
        var result = Try("(Install-VgpuHost -Session lab, other -PassThru).VgpuHost");
        Assert.Equal(["other"], result.Output.Select(o => o.BaseObject));
        Assert.Equal(["NoSnippetStorage"], result.ErrorIds);
        Assert.Equal(
            ["lab", "other"],
            Values("(Get-VgpuHost | Install-VgpuHost -EnableSnippets -PassThru).VgpuHost | Sort-Object"));
    }

    [Theory]
    [InlineData("-HostName pve1 -Session lab", "AmbiguousParameterSet")]
    [InlineData("-Session lab -Cluster", "AmbiguousParameterSet")]
    [InlineData("-HostName pve1 -Port 0", "ParameterArgumentValidationError")]
    [InlineData("-HostName ''", "ParameterArgumentValidationError")]
    public void A_host_over_SSH_or_a_session_is_taken_and_not_both(string arguments, string id) =>
        Assert.Equal(id, RefusalId("Install-VgpuHost " + arguments));

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
