using System.Management.Automation;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class SetVmVgpuAffinityCommandTests : PassThruCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Set-VmVgpuAffinity 102", "VgpuNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpuAffinity 900", "VmIsTemplate", ErrorCategory.InvalidArgument },
        { "Set-VmVgpuAffinity 4711", "VmNotFound", ErrorCategory.ObjectNotFound },
        { "Set-VmVgpuAffinity 101 -HostCpu 5-0", "InvalidCpuList", ErrorCategory.InvalidArgument },
        { "Set-VmVgpuAffinity 101 -HostCpu 400", "InvalidCpuList", ErrorCategory.InvalidArgument },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Set-VmVgpuAffinity -VmId we", "101" },
        { "Set-VmVgpuAffinity 101 -Policy Re", "Required" },
        { "Set-VmVgpuAffinity 101 -Memory B", "Bind" },
    };

    protected override string Prepare => "Add-VmVgpu 101 A30-6C";

    protected override string Line => "Set-VmVgpuAffinity 101";

    protected override string Plan => @"set affinity of VM 101 \(web\) to 1";

    protected override bool IsIdempotent => true;

    [Fact]
    public void CPUs_are_written_without_quotes()
    {
        Run("Add-VmVgpu 101 A30-6C; Set-VmVgpuAffinity 101 -HostCpu 1-2,5-6");
        Assert.Equal(["1-2,5-6"], Values("(Get-VmVgpuAffinity 101).Affinity"));
    }

    [Fact]
    public void VMs_of_one_pipeline_are_planned_together()
    {
        Run("Add-VmVgpu 101 A30-6C; Add-VmVgpu 102 A30-6C; Get-VmVgpu | Set-VmVgpuAffinity");
        Assert.Equal(2, Values("(Get-VmVgpuAffinity).Affinity").Distinct().Count());
    }
}
