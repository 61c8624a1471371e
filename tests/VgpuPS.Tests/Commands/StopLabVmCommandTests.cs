using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class StopLabVmCommandTests : ChangingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Stop-LabVm 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Stop-LabVm we", "101" } };

    protected override string Prepare => "Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101";

    protected override string Line => "Stop-LabVm 101";

    protected override string Plan => "stop VM 101 as Proxmox VE would";

    [Fact]
    public void The_hook_runs_and_releases_what_it_created()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 -Type A30-2-12C; Start-LabVm 101; Stop-LabVm web");
        Assert.Empty(Values("Get-MigInstance; Get-Vgpu"));
    }
}
