using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class FindVgpuPlacementCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Find-VgpuPlacement", "MissingParameter", ErrorCategory.InvalidArgument },
        { "Find-VgpuPlacement A30-9C", "VgpuTypeNotFound", ErrorCategory.ObjectNotFound },
        { "Find-VgpuPlacement A30-2-12C", "PlacementsExceedCapacity", ErrorCategory.ResourceUnavailable },
        { "Find-VgpuPlacement A30-6C -Mapping nope", "MappingNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new() { { "Find-VgpuPlacement -Type A30-2", "A30-24C" } };

    protected override string Prepare => "Enable-Sriov 0,1";

    protected override string Line => "Find-VgpuPlacement A30-6C -Count 2";

    [Fact]
    public void VGPUs_of_one_size_go_together_and_the_next_size_to_another_GPU()
    {
        Run("Enable-Sriov 0,1; Add-VmVgpu 101 A30-12C");
        var places = Values("Find-VgpuPlacement A30-6C 4").Cast<VgpuPlacementInfo>().ToList();
        Assert.Equal([1, 1, 1, 1], places.Select(p => p.GpuIndex));
    }

    [Fact]
    public void A_GPU_instance_goes_where_the_planner_wants_it_and_the_VM_starts_there()
    {
        Run("Enable-MigMode 0,1 -Reset; Enable-Sriov 0,1; Add-VmVgpu 101 A30-1-6C; Start-LabVm 101");
        var place = One<VgpuPlacementInfo>("Find-VgpuPlacement A30-2-12C");
        Run("Find-VgpuPlacement A30-2-12C | Add-VmVgpu 102; Start-LabVm 102");
        var made = One<MigInstanceInfo>("Get-MigInstance | Where-Object Profile -eq 2g.12gb");
        Assert.Equal((place.GpuAddress, place.Placement), (made.GpuAddress, made.Placement));
        Assert.NotNull(place.RunnerUp);
        Assert.True(place.RunnerUpCost > place.Cost);
    }

    [Fact]
    public void What_does_not_fit_is_said_with_what_does_and_whether_moves_would_help()
    {
        Run("Enable-MigMode 0 -Reset; Enable-Sriov 0");
        var result = Try("Find-VgpuPlacement A30-2-12C 3");
        Assert.Equal(2, result.Output.Count);
        Assert.Contains("2 of 3 vGPUs of A30-2-12C fit", result.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Contains("limited by slices on GPU 0", result.Errors[0].Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Places_of_several_hosts_are_taken_in_the_order_of_their_cost()
    {
        Run("Connect-VgpuHost -Lab A30 -Name pve2; Enable-Sriov * -Session *; "
            + "Add-VmVgpu 101 A30-6C -Session pve2");
        var places = Values("Find-VgpuPlacement A30-6C 4").Cast<VgpuPlacementInfo>().ToList();
        Assert.Equal(["pve2", "pve2", "pve2", "lab"], places.Select(p => p.VgpuHost));
        Assert.Equal([1, 2, 3, 4], places.Select(p => p.Number));
    }
}
