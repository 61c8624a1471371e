using System.Text.RegularExpressions;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>A list of one command is planned together: what -WhatIf shows is what the command then does.</summary>
public sealed partial class ListPlanTests : EngineTests
{
    private const string Four = "Add-VmVgpu 101, 102, 103, 104 A30-24C";

    public static TheoryData<string, string> Lists => new()
    {
        { "Enable-Sriov 0, 1", Four },
        {
            "Enable-Sriov 0, 1; Set-Content vms.csv 'VmId,Type,Memory', '101,A30-24C,', '102,,24GB', '103,,24GB', "
                + "'104,A30-24C,'",
            "Import-Csv vms.csv | Add-VmVgpu"
        },
        { "Enable-Sriov 0, 1; Add-VmVgpu 101, 102 A30-6C", "Add-VmVgpu 101, 102, 103 A30-6C" },
        { "Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C", "Set-VmVgpu 101, 102 -Type A30-12C" },
        { "", "Register-VgpuHook 101, 102, 103" },
        { "Register-VgpuHook 101, 102", "Unregister-VgpuHook 101, 102" },
        {
            "Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Add-VmVgpu 102 A30-6C",
            "Get-VmVgpu | Remove-VmVgpu -Confirm:$false"
        },
        {
            "Enable-MigMode 0 -Reset; Enable-Sriov 0",
            "'1g.6gb', '2g.12gb', '1g.6gb' | ForEach-Object { [pscustomobject]@{ GpuUuid = 0; Profile = $_ } } "
                + "| New-MigInstance"
        },
        {
            "Enable-Sriov 0",
            "Get-SriovFunction 0 | Select-Object -First 3 | New-Vgpu -Type A30-8C"
        },
        { "", "Enable-Sriov 0, 1" },
        { "", "Get-Gpu | Enable-MigMode -Reset" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_list_is_planned_and_then_done_equally(string prepare, string line)
    {
        Run($"Set-Location '{Path.GetDirectoryName(PathOf("t"))}'; {prepare}");
        var before = State();
        var planned = Planned(line);
        Assert.Equal(before, State());
        Assert.True(planned.Count > 1, string.Join('\n', planned));
        Assert.Equal(planned, Run(line).Steps);
        Assert.NotEqual(before, State());
    }

    [Fact]
    public void VMs_get_the_functions_that_the_plan_shows_and_the_hook_is_written_once()
    {
        Run("Enable-Sriov 0, 1");
        var planned = string.Join('\n', Planned(Four));
        Assert.Equal(
            ["0000:4b:00.4", "0000:ca:00.4", "0000:4b:00.5", "0000:ca:00.5"],
            Regex.Matches(planned, "to (0000:.{7}),mdev").Select(m => m.Groups[1].Value));
        Assert.Single(Regex.Matches(planned, "write the hook to "));
        Run(Four);
        Assert.Equal(
            ["0000:4b:00.4", "0000:ca:00.4", "0000:4b:00.5", "0000:ca:00.5"],
            Values("(Get-VmVgpu).FunctionAddress"));
    }

    [Fact]
    public void With_several_hosts_all_is_planned_before_any_of_it_is_done()
    {
        Run("Enable-Sriov 0, 1; Connect-VgpuHost -Lab A30 -Name other");
        var line = Four + " -Session lab";
        var planned = Planned(line);
        Answer("yyyy");
        var asked = Run(line + " -Confirm");
        Assert.Equal(4, asked.Questions.Count);
        Assert.Equal(planned, asked.Steps);
        Assert.Equal(
            ["0000:4b:00.4", "0000:ca:00.4", "0000:4b:00.5", "0000:ca:00.5"],
            Values("(Get-VmVgpu -Session lab).FunctionAddress"));
    }

    [Fact]
    public void What_was_declined_is_not_counted_on()
    {
        Run("Enable-Sriov 0, 1; Connect-VgpuHost -Lab A30 -Name other");
        Answer("nyny");
        Run(Four + " -Session lab -Confirm");
        Assert.Equal(["0000:4b:00.4", "0000:ca:00.4"], Values("(Get-VmVgpu -Session lab).FunctionAddress"));
    }

    [Fact]
    public void What_does_not_fit_beside_the_others_is_refused_in_the_plan_too()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0, 1");
        var line = "'4g.24gb', '1g.6gb' | ForEach-Object { [pscustomobject]@{ GpuUuid = 0; Profile = $_ } } "
            + "| New-MigInstance";
        Assert.Equal(["NoFreePlacement"], Try(line + " -WhatIf").ErrorIds);
        Assert.Equal(["NoFreePlacement"], Try(line).ErrorIds);
        line = "Get-SriovFunction 1 | Select-Object -First 2 | New-Vgpu -Type A30-24C";
        Assert.Equal(["TypeNotCreatable"], Try(line + " -WhatIf").ErrorIds);
        Assert.Equal(["TypeNotCreatable"], Try(line).ErrorIds);
    }

    [Fact]
    public void The_hook_goes_with_the_last_vGPU_of_the_list()
    {
        Lab("A30");
        Run("Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Add-VmVgpu 101 A30-6C");
        var line = "Get-VmVgpu 101 | Remove-VmVgpu";
        Assert.Equal(
            [
                "delete hostpci0 of VM 101 (web)",
                "delete hostpci1 of VM 101 (web)",
                "delete hookscript of VM 101 (web)",
            ],
            Planned(line).Select(s => s.Split(',')[0]));
        Run(line + " -Confirm:$false");
        Assert.False(One<VgpuHookInfo>("Get-VgpuHook 101").IsRegistered);
        Run("Uninstall-VgpuHost -Confirm:$false");
    }

    private List<string> Planned(string line) =>
        [.. Run(line + " -WhatIf").Printed.SelectMany(p => p.Split('\n'))
            .Select(l => Step().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value)];

    [GeneratedRegex(@"^  \d+\. (.*)$")]
    private static partial Regex Step();
}
