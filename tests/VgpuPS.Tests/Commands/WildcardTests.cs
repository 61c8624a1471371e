using System.Management.Automation;
using VgpuPS.Completers;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>Names and wildcards of what there is already: alike in all commands, and each meant only where it can be
/// meant.</summary>
public sealed class WildcardTests : EngineTests
{
    private static readonly Type[] s_named =
        [typeof(VmCompleter), typeof(GpuCompleter), typeof(SessionCompleter), typeof(MappingCompleter)];

    /// <summary>A guest has a driver or a token before its VM has a vGPU, or after it had one.</summary>
    private static readonly string[] s_ofAnyVm = ["Install-VmVgpuDriver", "Remove-GridLicense"];

    private static readonly Dictionary<string, string> s_needed = new()
    {
        ["Add-VmVgpu"] = "-Type A30-6C",
        ["Set-VmVgpu"] = "-Type A30-6C",
        ["Set-GridLicense"] = "-TokenPath token.tok",
        ["Test-VmVgpuMigration"] = "-Target pve2",
        ["Get-VgpuMetric"] = "-Name vgpu_*",
    };

    /// <summary>In errors: VMs that have no vGPU, and a line that cannot be run.</summary>
    private static readonly string[] s_signs = ["VM 102", "VM 103", "VM 104", "parameter"];

    private const StringComparison Ordinal = StringComparison.Ordinal;

    [Fact]
    public void Several_of_what_there_is_are_named_with_wildcards_and_VMs_by_name()
    {
        foreach (var (command, parameter) in Commands().SelectMany(c => c.Parameters.Values.Select(p => (c, p))))
        {
            var isNamed = parameter.Attributes.OfType<ArgumentCompleterAttribute>().Any(
                a => s_named.Contains(a.Type));
            Assert.True(
                !isNamed || parameter.ParameterType != typeof(string[])
                    || parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any(),
                $"{command.Name} -{parameter.Name} has no wildcards");
            Assert.True(
                parameter.Name != "VmId" || parameter.ParameterType == typeof(string[]) || command.Name == "New-LabVm",
                $"{command.Name} -VmId takes no names");
        }
    }

    [Fact]
    public void A_wildcard_means_no_VM_that_the_command_has_nothing_for()
    {
        Run("Enable-Sriov 0,1; Add-VmVgpu 101 A30-6C; Start-LabVm 101; New-LabToken token.tok | Out-Null");
        List<string> wrong = [];
        foreach (var command in Commands().Where(c => !s_ofAnyVm.Contains(c.Name)
            && c.Parameters.TryGetValue("VmId", out var vm)
            && vm.Attributes.OfType<SupportsWildcardsAttribute>().Any()))
        {
            var line = $"{command.Name} -VmId 10* {s_needed.GetValueOrDefault(command.Name)}"
                + (command.Parameters.ContainsKey("WhatIf") ? " -WhatIf" : "");
            wrong.AddRange(Try(line).Errors.Select(e => $"{line}: {e}").Where(
                e => s_signs.Any(s => e.Contains(s, Ordinal))));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Metrics_and_changes_of_a_VM_are_had_by_its_name()
    {
        Run("Enable-Sriov 0,1; Add-VmVgpu 101,102 A30-6C; Start-LabVm 101,102; Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal([101], Values("(Get-VgpuMetric vgpu_sm* -VmId web).VmId"));
        Assert.Equal([101, 102], Values("(Get-VgpuMetric vgpu_sm* -VmId [wb]*,101).VmId"));
        Assert.Equal([102], Values("(Get-VgpuVm 102 -Session lab | Get-VgpuMetric vgpu_sm*).VmId"));
        Assert.Empty(Run("Get-VgpuMetric vgpu_sm* -VmId nosuch*; Get-VgpuMetric vgpu_sm* -VmId desk").Output);
        Assert.Equal(["VmNotFound"], Try("Get-VgpuMetric vgpu_sm* -VmId nosuch").ErrorIds);
        Assert.Equal(
            ["VmNotFound"], Try("Get-VgpuMetric vgpu_sm* -VmId 4711 -MaxSamples 2 -SampleInterval 0.1").ErrorIds);
        Assert.Equal([101], Values("(Get-VgpuEvent -VmId web -Last 1).VmId"));
        Assert.Equal([101, 102], Values("('web','b*' | Get-VgpuEvent -Last 1).VmId"));
        Assert.Empty(Run("Get-VgpuEvent -VmId 4711; Get-VgpuEvent -VmId nosuch*").Output);
        Assert.Equal(["VmNotFound"], Try("Get-VgpuEvent -VmId nosuch").ErrorIds);
        Assert.Equal(["VmNotFound"], Try("Get-VgpuEvent -VmId nosuch -Follow").ErrorIds);
        Assert.Equal([102], Values("(Get-VgpuEvent -VmId build -Follow -Last 1 | Select-Object -First 1).VmId"));
    }

    [Fact]
    public void A_GPU_that_one_of_several_hosts_has_is_there_for_metrics_too()
    {
        Run("Connect-VgpuHost -Lab A30 -Name other");
        Assert.Equal(["lab"], Values("(Get-VgpuMetric gpu_up -Gpu 1).VgpuHost"));
        Assert.Equal(
            ["DeviceNotFound"], Try("Get-VgpuMetric gpu_up -Gpu 7 -MaxSamples 2 -SampleInterval 0.1").ErrorIds);
    }

    [Fact]
    public void Mappings_are_changed_by_wildcard()
    {
        Run("Enable-Sriov 0,1; $null = New-VgpuMapping gpu-a -Gpu 0; $null = New-VgpuMapping gpu-b -Gpu 1");
        Assert.Equal(2, Run("Sync-VgpuMapping GPU-* -WhatIf").Printed.Count(p => p.Contains("gpu-", Ordinal)));
        Assert.Empty(Run("Sync-VgpuMapping nosuch*; Remove-VgpuMapping nosuch* -Confirm:$false").Output);
        Run("Remove-VgpuMapping gpu-[bc] -Confirm:$false");
        Assert.Equal(["gpu-a"], Values("(Get-VgpuMapping).Mapping"));
    }

    [Fact]
    public void VMs_that_are_not_restarted_are_meant_by_wildcard_too()
    {
        Lab("A100-80");
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 -Profile 2g.20gb; Start-VgpuVm 101; "
            + "Add-VmVgpu 102 -Profile 3g.40gb; Start-VgpuVm 102; Stop-VgpuVm 101; "
            + "Remove-VmVgpu 101 -Confirm:$false");
        Assert.Contains(Run("Optimize-VgpuPlacement 4g.40gb -WhatIf").Printed, p => p.Contains("VM 102", Ordinal));
        Assert.Single(Try("Optimize-VgpuPlacement 4g.40gb -ExcludeVm b* -WhatIf").Errors);
    }

    private IEnumerable<CmdletInfo> Commands() => Values("Get-Command -Module VgpuPS").Cast<CmdletInfo>();
}
