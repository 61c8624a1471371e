using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class GetVgpuCapacityCommandTests : PipedCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Get-VgpuCapacity 9", "DeviceNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuCapacity -Type A30-9C", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuCapacity -Type L40S-8Q", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuCapacity -Profile 9g.99gb", "ProfileNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuCapacity -Type A30-6C -Memory 6GB", "ConflictingParameters", ErrorCategory.InvalidArgument },
        { "Get-VgpuCapacity -Memory many", "InvalidMemorySize", ErrorCategory.InvalidArgument },
        { "Get-VgpuCapacity -Mapping nope", "MappingNotFound", ErrorCategory.ObjectNotFound },
        { "Get-VgpuCapacity -WithoutHost lab", "MissingParameter", ErrorCategory.InvalidArgument },
        { "Get-VgpuCapacity -WithoutHost pve9", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Get-VgpuCapacity -Type A30-1", "A30-12C" }, { "Get-VgpuCapacity -By C", "Cluster" },
    };

    protected override string Prepare => "Enable-Sriov 0,1";

    [Fact]
    public void An_empty_GPU_has_one_size_or_another_and_after_the_first_one_only_that()
    {
        Run(Prepare);
        Assert.Equal(
            ["6 x A30-4C", "4 x A30-6C", "3 x A30-8C", "2 x A30-12C", "1 x A30-24C"],
            One<VgpuCapacityInfo>("Get-VgpuCapacity 0").Fits);
        Run("Add-VmVgpu 101 A30-6C; Start-LabVm 101");
        var row = One<VgpuCapacityInfo>("Get-VgpuCapacity 0");
        Assert.Equal((1, 0, 0, "3 x A30-6C"), (row.Running, row.Pending, row.Stopped, row.ToString()));
        var other = One<VgpuCapacityInfo>("Get-VgpuCapacity 0 A30-12C");
        Assert.Equal((0, "size on the GPU"), (other.Startable, other.LimitedBy));
    }

    [Fact]
    public void Stopped_VMs_are_counted_apart_and_those_that_find_no_place_are_named()
    {
        Run("Enable-Sriov 0,1; Add-VmVgpu 101,102,103,104 A30-24C -WarningAction Ignore");
        var host = One<VgpuCapacityInfo>("Get-VgpuCapacity -Type A30-24C -By Host");
        Assert.Equal((2, 0, 2, 2), (host.Startable, host.StartableAfter, host.Stopped, host.Excess));
    }

    [Fact]
    public void Rows_of_hosts_add_up_to_the_cluster_and_a_host_without_the_type_is_no_error()
    {
        Run("Connect-VgpuHost -Lab A30 -Name pve2; Connect-VgpuHost -Lab L40S -Name pve3; Enable-Sriov * -Session *");
        var sum = One<VgpuCapacityInfo>("Get-VgpuCapacity -Type A30-6C -By Cluster");
        Assert.Equal((12, "*", "lab, pve2"), (sum.Startable, sum.VgpuHost, sum.Hosts.ToString()));
        Assert.Equal([8, 4], Values("(Get-VgpuCapacity -Type A30-6C -By Host).Startable"));
    }

    [Fact]
    public void Memory_of_the_host_is_a_limit_once_it_is_known_what_a_VM_needs()
    {
        Run("Disconnect-VgpuHost lab; Connect-VgpuHost -Lab A30,A30 -Name lab "
            + "-Topology '1x24x2,memory=65536'; Enable-Sriov 0,1");
        var row = One<VgpuCapacityInfo>("Get-VgpuCapacity -Type A30-6C -VmMemory 20GB -By Host");
        Assert.Equal((3, "host memory", 65536), (row.Startable, row.LimitedBy, (int)row.AvailableMemoryMiB!));
        Assert.Equal(0, One<VgpuCapacityInfo>("Get-VgpuCapacity 0 A30-6C -VmCpu 49").Startable);
    }

    [Fact]
    public void Functions_that_are_disabled_count_as_the_hook_enables_them()
    {
        Assert.Equal([4, 4], Values("(Get-VgpuCapacity -Type A30-6C).Startable"));
    }

    [Theory]
    [InlineData("Get-VgpuCapacity -Type A30-6Q")]
    [InlineData("Find-VgpuPlacement A30-6Q")]
    public void What_no_host_has_is_said_for_each_of_them(string line)
    {
        Run("Connect-VgpuHost -Lab L40S -Name pve2");
        var said = Refusal(line).ErrorDetails;
        Assert.Contains(
            "o host has it: lab: no vGPU type A30-6Q is known to GPU 0 (NVIDIA A30", said.Message,
            StringComparison.Ordinal);
        Assert.Contains("; pve2: no vGPU type A30-6Q is known", said.Message, StringComparison.Ordinal);
        Assert.Equal("see what each of them has: Get-VgpuType -Session *", said.RecommendedAction);
    }

    [Fact]
    public void Without_a_host_its_VMs_go_to_the_others_or_it_says_why_not()
    {
        Run("Connect-VgpuHost -Lab A30 -Name pve2; Connect-VgpuHost -Lab A30 -Name pve3; Enable-Sriov * -Session *");
        Run("Add-VmVgpu 101,102 A30-24C -Session pve2 -WarningAction Ignore; Start-LabVm 101 -Session pve2");
        var rows = Values("Get-VgpuCapacity -WithoutHost pve2 -Session pve3").Cast<VmRelocationInfo>().ToList();
        Assert.True(rows[0].Fits, rows[0].Reason);
        Assert.Equal([(101, true, "pve3"), (102, false, null)], rows.Select(r => (r.VmId, r.Fits, r.Target)));
        Assert.Contains("pve3: insufficient capacity for A30-24C", rows[1].Reason, StringComparison.Ordinal);
        Assert.Equal([true, true], Values("(Get-VgpuCapacity -WithoutHost pve2).Fits"));
        Assert.Contains("102 (build)", Show("Get-VgpuCapacity -WithoutHost pve2", 80), StringComparison.Ordinal);
    }
}
