using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Capacity;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Operations.VmVgpus;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>What is counted, and what keeps it from being more.</summary>
public sealed class CapacityTests
{
    [Fact]
    public void Places_are_counted_and_not_slices()
    {
        var lab = new VmLab(["A100-40"]);
        Add(lab, 101, "1g.5gb");
        lab.Start(101);
        Add(lab, 102, "3g.20gb");
        lab.Start(102);

        // 1g at 4:1 and 3g at 0:4 leave the slices 5, 6 and 7; 2g begins at 0, 2 or 4.
        Assert.Equal("2 x A100-1-5C", Count(lab, profile: "1g.5gb").ToString());
        Assert.Equal((0, "placement"), Limit(Count(lab, profile: "2g.10gb")));
        Assert.Equal((0, "slices"), Limit(Count(lab, profile: "4g.20gb")));
    }

    [Fact]
    public void A_mapping_counts_its_own_functions_and_a_host_without_an_entry_none()
    {
        var lab = new VmLab(["A30", "A30"], mig: [false, false]);
        lab.Node.MapFunctions("a30", "0000:4b:00.4", "0000:4b:00.5");
        var rows = Rows(lab, new ReadCapacityRequest { Type = "A30-6C", Mapping = "a30" });
        Assert.Equal([(2, "functions"), (0, "mapping")], rows.Select(Limit));
    }

    [Fact]
    public void Memory_of_stopped_VMs_is_taken_once_all_have_started()
    {
        var lab = new VmLab(["A30", "A30"], mig: [false, false]);
        lab.Host.Edit(s => s.Setup.Cpus = LabCpus.Parse("1x24x2,memory=40000"));
        Add(lab, 101, null, "A30-6C");
        Add(lab, 103, null, "A30-6C");
        var row = Rows(lab, new ReadCapacityRequest { Type = "A30-6C", VmMemoryMiB = 16_384 })[0];
        Assert.Equal((2, 1), (row.Startable, row.StartableAfter));
        Assert.Equal("host memory", row.LimitedBy);
        lab.Start(103);
        Assert.NotNull(lab.Node.Start(101).Error);
    }

    [Fact]
    public void VMs_whose_memory_does_not_fit_beside_each_other_are_named()
    {
        var lab = new VmLab(["A30", "A30"], mig: [false, false]);
        lab.Host.Edit(s => s.Setup.Cpus = LabCpus.Parse("1x24x2,memory=40000"));
        Add(lab, 103, null, "A30-6C");
        Assert.Empty(lab.Warnings);
        Add(lab, 102, null, "A30-6C");
        Assert.Contains("needs 32768 MiB of memory, all of which VFIO pins, and 23616 MiB are available",
            Assert.Single(lab.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Four_whole_GPUs_wanted_of_two_are_told_when_the_third_is_written()
    {
        var lab = new VmLab(["A30", "A30"], mig: [false, false]);
        Add(lab, 101, null, "A30-24C");
        Add(lab, 102, null, "A30-24C");
        Assert.Empty(lab.Warnings);
        Add(lab, 103, null, "A30-24C");
        Assert.Contains("VM 103 (render, A30-24C) would be refused while VM ", Assert.Single(lab.Warnings),
            StringComparison.Ordinal);
        var test = await HostUseCases.TestVmVgpu.RunAsync(
            lab.Ports, new TestVmVgpuRequest { Vm = "103" }, new Progress<Host.Execution.StepProgress>(),
            TestContext.Current.CancellationToken);
        Assert.True(test.Passed);
        Assert.StartsWith("GPU ", test.Overcommitment, StringComparison.Ordinal);
    }

    /// <summary>The lab's VMs have a UUID of their own, which the driver reports instead of Proxmox's.</summary>
    [Fact]
    public void VMs_that_run_are_counted_and_named()
    {
        var lab = new VmLab(["A30", "A30"], mig: [false, false]);
        Add(lab, 101, null, "A30-24C");
        Add(lab, 102, null, "A30-24C");
        lab.Start(101).Start(102);
        Add(lab, 103, null, "A30-24C");
        var warning = Assert.Single(lab.Warnings);
        Assert.Contains("would be refused while VM 101 ", warning, StringComparison.Ordinal);
        Assert.Matches("carry the [23] VMs that", warning);
    }

    [Fact]
    public void One_more_VM_never_leaves_more_and_a_stopped_one_brings_it_back()
    {
        var lab = new VmLab(["A100-40"]);
        var before = Count(lab, profile: "1g.5gb").Startable;
        foreach (var (vm, profile) in new[] { (101, "1g.5gb"), (102, "3g.20gb"), (103, "1g.5gb") })
        {
            Add(lab, vm, profile);
            lab.Start(vm);
            var now = Count(lab, profile: "1g.5gb").Startable;
            Assert.True(now < before, $"{now} after {vm}, {before} before");
            before = now;
        }

        lab.Node.StopAndCleanUp(102);
        Assert.True(Count(lab, profile: "1g.5gb").Startable > before);
    }

    private static void Add(VmLab lab, int vm, string? profile, string? type = null) => lab.Do(
        HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = $"{vm}", Profile = profile, Type = type });

    private static VgpuCapacityInfo Count(VmLab lab, string? profile = null, string? type = null) =>
        Assert.Single(Rows(lab, new ReadCapacityRequest { Profile = profile, Type = type }));

    private static IReadOnlyList<VgpuCapacityInfo> Rows(VmLab lab, ReadCapacityRequest request) =>
        HostUseCases.ReadCapacity.RunAsync(
            lab.Ports, request, new Progress<Host.Execution.StepProgress>(), default).GetAwaiter().GetResult().Gpus;

    private static (int Startable, string LimitedBy) Limit(VgpuCapacityInfo row) => (row.Startable, row.LimitedBy);
}
