using System.Management.Automation;
using System.Reflection;
using VgpuPS.Changing;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>What is so already is said, with -Verbose and -WhatIf: else it looks as if it was not looked at.</summary>
public sealed class NothingToDoTests : EngineTests
{
    // Each fails where what it names is gone, acts each time, or changes no host.
    private static readonly string[] s_never =
    [
        "Remove-GridLicense", "Remove-MigComputeInstance", "Remove-MigInstance", "Remove-Vgpu", "Remove-VmVgpu",
        "New-MigComputeInstance", "New-MigInstance", "New-Vgpu", "New-VgpuMapping",
        "Remove-VgpuMapping", "Start-LabVm", "Stop-LabVm",
    ];

    public static TheoryData<string, string, string> Lines => new()
    {
        { "", "Enable-Sriov 1", "GPU 1 has its 16 functions" },
        { "", "Disable-Sriov 0", "GPU 0 has its functions disabled" },
        { "", "Enable-MigMode 0 -Reset", "GPU 0 has MIG mode on" },
        { "", "Disable-MigMode 1", "GPU 1 has MIG mode off" },
        { "Enable-Sriov 0", "Enable-VgpuMixedSize 0", "GPU 0 has mixed sizes on" },
        { "Enable-Sriov 0", "Disable-VgpuMixedSize 0", "GPU 0 has mixed sizes off" },
        { "Enable-Sriov 0", "Set-VgpuScheduler 0 -Policy EqualShare", "GPU 0 has the scheduler equal share" },
        { "Export-VgpuLayout -Path l.json", "Sync-VgpuLayout l.json", "GPU 0 has its functions disabled" },
        { "Enable-Sriov 0; Add-VmVgpu 101 A30-6C", "Start-VgpuVm 101", "VM 101 (web) runs" },
        { "", "Stop-VgpuVm 101", "VM 101 (web) does not run" },
        { "Enable-MigMode 0 -Reset; Enable-Sriov 0", "Optimize-VgpuPlacement 2g.12gb", "2g.12gb fits already: at " },
        { "", "Register-VgpuHook 101", "VM 101 (web) has the hook" },
        { "", "Unregister-VgpuHook 101", "VM 101 (web) does not have the hook" },
        {
            "Enable-Sriov 0", "Add-VmVgpu 101 A30-6C -Function 0000:4b:00.4", "VM 101 (web) is as requested"
        },
        { "Enable-Sriov 0; Add-VmVgpu 101 A30-6C", "Set-VmVgpu 101 -Type A30-12C", "VM 101 (web) is as requested" },
        { "Enable-Sriov 0; Add-VmVgpu 101 A30-6C", "Set-VmVgpuAffinity 101", "VM 101 (web) is as requested" },
        {
            "Enable-Sriov 0; New-VgpuMapping gpu -Gpu 0", "Sync-VgpuMapping gpu",
            "mapping gpu has the functions of node pve1 as they are"
        },
        {
            "Set-VgpuConfiguration -Reclaim Never", "Set-VgpuConfiguration -Reclaim Never",
            "the configuration of host pve1 is as requested"
        },
        { "", "Remove-VmVgpuAffinity 101", "VM 101 (web) is as requested" },
        { "", "Export-VgpuLayout -Save", "/etc/vgpups/layout.json is as requested" },
        { "", "Install-VgpuHost", "node pve1 is as requested" },
        { "Install-VgpuHost", "Update-VgpuHost", "node pve1 is as requested" },
        { "Install-VgpuHost", "Uninstall-VgpuHost", "node pve1 is as requested" },
        { "", "Invoke-VgpuSweep", "no VM has left anything on" },
        { "", "Repair-VgpuHost -Check Hook*", "host pve1 has no fault that can be repaired without harm" },
        { "", "Initialize-VgpuHost", "host pve1 is prepared" },
        {
            "Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; New-LabToken t.tok",
            "Set-GridLicense 101 -TokenPath t.tok", "VM 101 (web) is as requested"
        },
        {
            "Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Set-LabGuest 101 -Driver ''",
            "Install-VmVgpuDriver 101 -Path /root/NVIDIA-Linux-x86_64-580.105.08-grid.run",
            "VM 101 (web) is as requested"
        },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void It_is_said(string prepare, string line, string text)
    {
        Run($"Set-Location '{Path.GetDirectoryName(PathOf("t"))}'; {prepare}");
        Try($"{line} -Confirm:$false");
        var before = State();
        var printed = string.Join('\n', Run($"{line} -WhatIf").Printed);
        Assert.Contains($"What if: nothing to do: {text}", printed, StringComparison.Ordinal);
        Assert.Contains($"nothing to do: {text}", One<string>($"{line} -Verbose -Confirm:$false 4>&1 | Out-String"),
            StringComparison.Ordinal);
        Assert.Equal(before, State());
    }

    [Fact]
    public void Every_command_that_can_have_nothing_to_do_is_in_the_table() => Assert.Empty(
        typeof(VgpuCmdlet).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(ChangingCommand)) || t.IsSubclassOf(typeof(InstallingCommand)))
            .Select(t => t.GetCustomAttribute<CmdletAttribute>()).OfType<CmdletAttribute>()
            .Select(c => $"{c.VerbName}-{c.NounName}").Except(s_never)
            .Except(Lines.Select(l => l.Data.Item2.Split(' ')[0])));

    [Fact]
    public void Without_either_nothing_is_said_and_nothing_asked()
    {
        Run("Enable-Sriov 1");
        var result = Run("Enable-Sriov 1; Disable-MigMode 1");
        Assert.Empty(result.Printed);
        Assert.Empty(result.Questions);
    }
}
