using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>What Remove- commands write with -PassThru: what was removed.</summary>
public sealed class PassThruTests : EngineTests
{
    /// <summary>Each of them: what makes something to remove, and the line.</summary>
    private static readonly Dictionary<string, (string Prepare, string Line)> s_lines = new()
    {
        ["Remove-GridLicense"] = (
            "Add-VmVgpu 101 A30-6C; Start-LabVm 101; New-LabToken t.tok | Out-Null; "
                + "Set-GridLicense 101 -TokenPath t.tok", "101"),
        ["Remove-MigComputeInstance"] = (
            "Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb | Out-Null",
            "0 -GpuInstanceId 1 -ComputeInstanceId 0"),
        ["Remove-MigInstance"] = (
            "Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb | Out-Null", "0 -GpuInstanceId 1"),
        ["Remove-Vgpu"] = ("New-Vgpu -Function 0000:4b:00.4 -Type A30-6C | Out-Null", "-Function 0000:4b:00.4"),
        ["Remove-VgpuMapping"] = ("New-VgpuMapping gpu -Gpu 0 | Out-Null", "gpu"),
        ["Remove-VmVgpu"] = ("Add-VmVgpu 101 A30-6C", "101"),
        ["Remove-VmVgpuAffinity"] = ("Add-VmVgpu 101 A30-6C; Set-VmVgpuAffinity 101", "101"),
    };

    [Fact]
    public void What_was_removed_is_written()
    {
        var commands = Values("Get-Command -Module VgpuPS -Verb Remove").Cast<CmdletInfo>().ToList();
        Assert.Equal(s_lines.Keys.Order(), commands.Select(c => c.Name).Order());
        foreach (var (name, (prepare, line)) in s_lines)
        {
            Lab();
            Run($"Enable-Sriov 0; {prepare}");
            var written = Run($"{name} {line} -PassThru -Confirm:$false").Output;
            Assert.True(written.Count == 1, $"{name} writes {written.Count} objects");
            Assert.Contains(
                written[0].BaseObject.GetType().FullName,
                commands.Single(c => c.Name == name).OutputType.Select(t => t.Name));
        }
    }
}
