using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetMigInstanceCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-MigInstance -GpuInstanceId 13", "InstanceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-MigInstance 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Get-MigInstance 0 -GpuInstanceId ", "1" } };

    protected override string Prepare =>
        "Enable-MigMode 0 -Reset; Enable-Sriov 0; New-MigInstance 0 -Profile 2g.12gb, 1g.6gb";

    [Fact]
    public void Profiles_filter_in_silence()
    {
        Run(Prepare);
        Assert.Equal(["2g.12gb"], Values("(Get-MigInstance -Profile 2g.12gb).Profile"));
        Assert.Equal(["1g.6gb"], Values("(Get-MigInstance -Profile 1g*).Profile"));
        Assert.Empty(Values("Get-MigInstance -Profile 4g.24gb"));
    }

    [Fact]
    public void The_VMs_on_it_are_a_list()
    {
        Run(Prepare + "; Add-VmVgpu 101 -Profile 2g.12gb; Start-LabVm 101");
        Assert.Equal([101], One<MigInstanceInfo>("Get-MigInstance -Profile 2g.12gb").VmIds);
    }
}
