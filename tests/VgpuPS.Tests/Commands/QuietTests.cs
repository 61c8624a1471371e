using System.Management.Automation;
using System.Reflection;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>
/// <c>if (-not (Test-… -Quiet))</c>: in PowerShell a list of two values is true, so that one Boolean is all that is
/// ever written.
/// </summary>
public sealed class QuietTests : EngineTests
{
    private const string Sick = "Connect-VgpuHost -Lab A30 -Bare -Name a; Connect-VgpuHost -Lab A30 -Bare -Name b; "
        + "Disconnect-VgpuHost lab; ";

    /// <summary>Each command: what makes it pass on one host, what makes it fail on a second, and its line.</summary>
    public static TheoryData<string, string, string> Commands => new()
    {
        { "Test-VgpuHost -Check Driver", "Connect-VgpuHost -Lab A30 -Bare -Name other", "" },
        {
            "Test-VgpuConfiguration",
            "Set-VgpuConfiguration -Chain @{777=@{path='/root/x.sh'}} -Session other",
            ""
        },
        { "Test-VgpuLayout layout.json", "Disable-Sriov 0 -Session other -Confirm:$false", "Enable-Sriov 0" },
        {
            "Test-VgpuHook",
            "Add-VmVgpu 101 A30-6C -NoHook -Session other",
            "Enable-Sriov 0; Add-VmVgpu 101 A30-6C"
        },
        { "Test-VmVgpu 101, 102", "Add-VmVgpu 102 A30-6C -NoHook", "Enable-Sriov 0; Add-VmVgpu 101 A30-6C" },
        {
            "Test-VgpuMapping",
            "New-VgpuMapping gpu -Gpu 0 -Session other; Disable-Sriov 0 -Session other -Confirm:$false",
            "Enable-Sriov 0; New-VgpuMapping gpu -Gpu 0"
        },
        {
            "Test-VmVgpuMigration 101 -Target n2",
            "Add-VmVgpu 101 A30-6C -Session n1",
            "Disconnect-VgpuHost lab; Connect-VgpuHost -Lab A30 -Cluster c -Name n1 | Out-Null; "
                + "Connect-VgpuHost -Lab A30 -Cluster c -Name n2 | Out-Null; Enable-Sriov 0 -Session n1"
        },
        {
            "Test-GridLicense",
            "Add-VmVgpu 101 A30-6C -Session other; Start-LabVm 101 -Session other",
            "Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; New-LabToken t.tok; "
                + "Set-GridLicense 101 -TokenPath t.tok"
        },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void One_Boolean_is_written_for_all_hosts_and_objects_together(string line, string fail, string pass)
    {
        var export = line.Contains("layout.json", StringComparison.Ordinal)
            ? "; Export-VgpuLayout -Path layout.json" : "";
        Run($"Set-Location '{Path.GetDirectoryName(PathOf("t"))}'; {pass}{export}");
        Assert.Equal([true], Values($"{line} -Quiet"));
        if (fail.Contains("-Session other", StringComparison.Ordinal))
        {
            Run("Connect-VgpuHost -Lab A30, A30 -Name other; Enable-Sriov 0 -Session other");
        }

        Run(fail);
        Assert.Equal([false], Values($"{line} -Quiet"));
    }

    [Fact]
    public void Every_command_that_can_be_quiet_is_in_the_table() => Assert.Equal(
        typeof(VgpuCmdlet).Assembly.GetTypes().Where(t => t.GetProperty("Quiet") is not null)
            .Select(t => t.GetCustomAttribute<CmdletAttribute>()!).Select(c => $"{c.VerbName}-{c.NounName}").Order(),
        Commands.Select(c => c.Data.Item1.Split(' ')[0]).Order());

    [Theory]
    [InlineData("Test-VgpuHost -Quiet")]
    [InlineData("Test-VgpuHook 4711 -Quiet")]
    [InlineData("Test-GridLicense -Quiet")]
    [InlineData("Test-VmVgpu 4711 -Quiet")]
    [InlineData("Test-VgpuHost -Session a, nobody -Quiet")]
    public void Two_sick_hosts_and_what_cannot_be_asked_are_False(string line)
    {
        Run(Sick);
        Assert.Equal([false], Values(line, canFail: true));
        Assert.Equal(["would repair"], Values($"if (-not ({line})) {{ 'would repair' }}", canFail: true));
    }

    [Fact]
    public void Objects_of_a_pipe_are_one_answer()
    {
        Run("Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C");
        Assert.Equal([true], Values("Get-VmVgpu | Test-VmVgpu -Quiet"));
    }
}
