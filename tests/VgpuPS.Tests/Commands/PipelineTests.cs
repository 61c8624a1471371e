using System.Management.Automation;
using VgpuPS.Text;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>What commands take from a pipe: values, rows, rows of files, lines of a table.</summary>
public sealed class PipelineTests : EngineTests
{
    private static readonly string[] s_identities = ["VmId", "Gpu", "Function", "Session", "HostName", "Type"];

    private const string Running = "Enable-Sriov 0,1; Add-VmVgpu 101,102 A30-6C; Start-LabVm 101,102";

    /// <summary>A new vGPU is on a GPU or on a function, and functions have a GPU too.</summary>
    [Fact]
    public void What_a_command_is_about_is_taken_by_value_and_by_property_name()
    {
        foreach (var command in Commands())
        {
            var about = command.Parameters.Values.FirstOrDefault(p => s_identities.Contains(p.Name)
                && p.ParameterSets.Values.Any(s => s.Position == 0));
            if (about is not null)
            {
                Assert.True(
                    about.ParameterSets.Values.Any(s => s.Position == 0 && s.ValueFromPipeline), command.Name);
                Assert.True(
                    command.Name == "New-Vgpu"
                        || about.ParameterSets.Values.All(s => s.ValueFromPipelineByPropertyName), command.Name);
            }

            Assert.True(command.Parameters.Values.Count(p => p.ParameterSets.Values.Any(s => s.ValueFromPipeline)) < 2);
        }
    }

    [Fact]
    public void A_wildcard_is_taken_where_a_name_is_meant_and_help_says_so()
    {
        string[] named = ["VmId", "Session", "Gpu"];
        foreach (var parameter in Commands().SelectMany(c => c.Parameters.Values.Select(p => (c.Name, p))))
        {
            var isNamed = named.Contains(parameter.p.Name) && parameter.p.ParameterType == typeof(string[]);
            Assert.True(
                !isNamed || parameter.p.Attributes.OfType<SupportsWildcardsAttribute>().Any(),
                $"{parameter.Name} -{parameter.p.Name}");
        }
    }

    /// <summary>By value comes first in PowerShell, and the text of a row may be another id than the one that is
    /// meant.</summary>
    [Fact]
    public void A_row_is_never_taken_by_its_text()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0,1; New-MigInstance 0 -Profile 1g.6gb,1g.6gb | Out-Null; "
            + "Add-VmVgpu 103 A30-6C; Start-LabVm 103");
        string[] readers = ["Get-Gpu", "Get-MigInstance", "Get-MigProfile", "Get-SriovFunction", "Get-Vgpu",
            "Get-VgpuType", "Get-VmVgpu", "Get-VgpuVm", "Get-VgpuHook", "Get-VgpuScheduler", "Get-VgpuHost",
            "Get-VgpuEvent"];
        foreach (var row in readers.Select(r => PSObject.AsPSObject(Values($"@({r})[0]")[0])))
        {
            foreach (var (command, parameter) in Commands().SelectMany(c => c.Parameters.Values.Select(p => (c, p))))
            {
                if (parameter.Attributes.OfType<IdentityAttribute>().FirstOrDefault() is { } identity)
                {
                    var names = parameter.Aliases.Prepend(parameter.Name);
                    var byName = names.Select(n => row.Properties[n]?.Value).FirstOrDefault(v => v is not null);
                    var byValue = Record.Exception(() => identity.Transform(null!, row)) is { } refusal
                        ? Assert.IsType<PSInvalidCastException>(refusal.InnerException) is null ? "" : null
                        : identity.Transform(null!, row);
                    Assert.True(
                        byValue is null || Equals(byName, byValue) || command.Name == "New-Vgpu",
                        $"{row.TypeNames[0]} to {command.Name} -{parameter.Name}: {byValue}, and not {byName}");
                }
            }
        }
    }

    [Theory]
    [InlineData("101,102 | Get-VmVgpu", 2)]
    [InlineData("'web','build' | Get-VmVgpu", 2)]
    [InlineData("0,1 | Get-Gpu", 2)]
    [InlineData("'A30-6C' | Get-VgpuType", 2)]
    [InlineData("'lab' | Get-VgpuHost", 1)]
    [InlineData("101,102 | Get-VgpuEvent -Last 1", 2)]
    [InlineData("'web','build' | Get-VgpuVm", 2)]
    [InlineData("101,102 | Test-VmVgpu", 2)]
    [InlineData("101 | Test-VgpuHook | Select-Object -First 1", 1)]
    [InlineData("101,102 | Test-GridLicense", 2)]
    [InlineData("'web' | Get-GridLicense", 1)]
    [InlineData("@{ Name = 'web' },@{ VM = 102 },@{ Id = 103 } | % { [pscustomobject]$_ } | Get-VgpuHook", 3)]
    [InlineData("[pscustomobject]@{ ComputerName = 'lab'; Name = 'web' } | Get-VmVgpu", 1)]
    [InlineData("[pscustomobject]@{ VmId = 101 } | Get-VmVgpu", 1)]
    public void Values_and_tables_are_read(string line, int count)
    {
        Run(Running);
        Assert.Equal(count, Values(line).Length);
    }

    [Fact]
    public void Values_are_changed()
    {
        Run("0,1 | Enable-Sriov; 101,102 | Add-VmVgpu -Type A30-6C; 'web','build' | Start-LabVm; 'we*' | Stop-LabVm");
        Assert.Equal([102], Values("(Get-Vgpu | Where-Object IsRunning).VmId"));
        Run("101 | Remove-VmVgpu -Confirm:$false; 0,1 | New-Vgpu -Type A30-6C | Out-Null");
        Run("(Get-SriovFunction 0 | Where-Object VgpuType)[-1].FunctionAddress | Remove-Vgpu -Confirm:$false");
        Assert.Equal([102], Values("(Get-VmVgpu).VmId"));
        Run("Set-Content vms.csv 'Name,Type','desk,A30-6C'; Import-Csv vms.csv | Add-VmVgpu");
        Assert.Equal(["desk"], Values("(Get-VmVgpu 104).VmName"));
    }

    [Fact]
    public void Rows_of_a_file_go_to_the_host_that_they_came_from()
    {
        Run(Running + $"; Get-VmVgpu 101 | Export-Clixml '{PathOf("vm.xml")}'; Connect-VgpuHost -Lab A30 -Name other");
        Run($"Import-Clixml '{PathOf("vm.xml")}' | Stop-LabVm");
        Assert.Equal([102], Values("(Get-Vgpu -Session lab | Where-Object IsRunning).VmId"));
    }

    [Fact]
    public void A_row_that_has_no_VM_is_none()
    {
        Run(Running);
        var before = State();
        Assert.Equal("InputObjectMissingMandatory", RefusalId("Get-Gpu 0 | Stop-LabVm"));
        Assert.Equal("ParameterArgumentTransformationError", RefusalId("Stop-LabVm (Get-Gpu 0)"));
        Assert.Equal(before, State());
    }

    [Fact]
    public void Wildcards_mean_VMs_and_sessions_wherever_these_are_named()
    {
        Run(Running);
        Assert.Equal([101, 102], Values("(Test-VmVgpu [wb]*).VmId"));
        Assert.Equal([101], Values("(Test-GridLicense w*).VmId"));
        Assert.Equal([102], Values("(Test-VgpuHook b* | Where-Object VmId).VmId | Select-Object -Unique"));
        Run("Stop-LabVm [wb]*; Set-VmVgpu w* -Type A30-8C; Remove-VmVgpu b* -Confirm:$false; Register-VgpuHook re*");
        Assert.Equal(["A30-8C"], Values("(Get-VmVgpu).VgpuType"));
        Assert.True(One<bool>("(Get-VgpuHook 103).IsRegistered"));
        Run("Connect-VgpuHost -Lab A30 -Name other; Stop-LabVm 101 -Session lab");
        Assert.Equal(["lab", "other"], Values("(Get-Gpu -Session l*,o*).VgpuHost | Select-Object -Unique"));
        Run("Disconnect-VgpuHost o*");
        Assert.Equal(["lab"], Values("(Get-VgpuHost *).VgpuHost"));
    }

    [Fact]
    public void A_wildcard_that_means_nothing_is_silent()
    {
        Run(Running);
        var before = State();
        Assert.Empty(Run("Test-VmVgpu x*; Test-GridLicense x*; Test-VgpuHook x*; Stop-LabVm x*; Get-Gpu -Session x*; "
            + "Remove-VmVgpu x* -Confirm:$false; Set-LabGuest x* -Driver ''; Get-VgpuHost x*; "
            + "Remove-GridLicense x* -Confirm:$false; Enable-Sriov 0 -Session x*; Export-VgpuLayout -Session x*; "
            + "Disconnect-VgpuHost x*").Output);
        Assert.Equal(before, State());
    }

    [Fact]
    public void Without_a_VM_all_that_have_a_vGPU_are_tested_on_all_hosts()
    {
        Run(Running + "; Connect-VgpuHost -Lab A30 -Name other; Add-VmVgpu 104 -Memory 6GB -Session other");
        Assert.Equal(["lab", 101, "lab", 102, "other", 104], Values("Test-VmVgpu | % { $_.VgpuHost; $_.VmId }"));
    }

    private IEnumerable<CmdletInfo> Commands() => Values("Get-Command -Module VgpuPS").Cast<CmdletInfo>();
}
