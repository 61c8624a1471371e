using FsCheck.Fluent;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Cpu;

/// <summary>Which cores VMs get, on machines that the simulated kernel describes.</summary>
/// <remarks>Source: facts/numa.md C15 to C23.</remarks>
public sealed class AffinityPlannerTests
{
    [Fact]
    public void The_articles_host_yields_the_articles_four_lists() => Assert.Equal(
        ["0-5,48-53", "6-11,54-59", "12-17,60-65", "18-23,66-71"], Plan("2x24x2", [12, 12, 12, 12]));

    [Theory]
    [InlineData("2x24x2", "1-3,49-51", "4-6,52-54")]
    [InlineData("2x24x2,smt=off", "1-6", "7-12")]
    [InlineData("1x24x2", "1-3,25-27", "4-6,28-30")]
    [InlineData("1x24x1", "1-6", "7-12")]
    [InlineData("2x24x2,isolated=1-4+49-52", "5-7,53-55", "8-10,56-58")]
    public void Where_cores_are_left_over_the_core_of_CPU_0_is(string host, string first, string second) =>
        Assert.Equal([first, second], Plan(host, [6, 6]));

    [Theory]
    [InlineData(AffinityPolicy.Required, "1-7,65-71")]
    [InlineData(AffinityPolicy.Socket, "1-7,65-71")]
    public void A_quarter_of_a_socket_is_enough_for_what_fits_in_it(AffinityPolicy policy, string cpus) =>
        Assert.Equal([cpus], Plan("1x64x2,nps=4,l3=8", [14], policy: policy));

    [Fact]
    public void A_VM_goes_whole_to_another_node_of_the_socket_before_it_is_split()
    {
        Assert.Equal(["0-15,64-79", "16-31,80-95"], Plan("1x64x2,nps=4,l3=8", [32, 32]));
        Assert.Equal(
            ["0-15,64-79", "16-31,80-95"], Plan("1x64x2,nps=4,l3=8", [32, 32], policy: AffinityPolicy.Preferred));
        Assert.Equal(["0-7,64-71", "8-15,72-79"], Plan("1x64x2,nps=4,l3=8", [32, 32], policy: AffinityPolicy.Required));
    }

    [Fact]
    public void An_L3_group_with_room_is_not_left_and_the_smallest_gap_that_fits_is_taken()
    {
        Assert.Equal(["8-15,72-79", "1-6,65-70"], Plan("1x64x2,l3=8", [16, 12]));

        // Two cores of the first group and six of the second are free.
        Assert.Equal(["6-7,70-71"], Plan("1x64x2,l3=8", [4], taken: "0-5,8-9,64-69,72-73"));
    }

    [Fact]
    public void Another_socket_is_taken_only_where_that_is_allowed()
    {
        Assert.Equal(["0-23,48-71", "24-47,72-95"], Plan("2x24x2", [48, 48], policy: AffinityPolicy.Preferred));
        Assert.Equal(["0-11,48-59", "12-23,60-71"], Plan("2x24x2", [48, 48]));
    }

    [Fact]
    public void Half_a_node_taken_leaves_the_other_half() =>
        Assert.Equal(["12-17,60-65", "18-23,66-71"], Plan("2x24x2", [12, 12], taken: "0-11,48-59"));

    [Fact]
    public void Fewer_cores_than_wanted_are_divided_evenly()
    {
        Assert.Equal(["1-4,49-52", "5-8,53-56", "9-12,57-60", "13-16,61-64", "17-20,65-68"],
            Plan("2x24x2", [12, 12, 12, 12, 12]));
        Assert.Equal(["0", "1", "2"], Plan("1x3x1", [4, 4, 4]));
        Assert.Equal(["1", "2-4", "5-7"], Plan("1x8x1", [1, 9, 9], policy: AffinityPolicy.Required));
    }

    [Fact]
    public void More_VMs_than_cores_get_none() => Assert.Equal(["", "", "", ""], Plan("1x3x1", [4, 4, 4, 4]));

    [Fact]
    public void Without_a_node_any_is_as_near() =>
        Assert.Equal(["1-6,49-54"], Plan("2x24x2,numa=unknown", [12]));

    [Fact]
    public void A_node_without_CPUs_has_the_nearest_stand_for_it()
    {
        var topology = Read("2x24x2,memory-nodes=1");
        Assert.Empty(topology.NodeAt(2)!.Cpus);
        Assert.Equal([0], AffinityPlanner.NodesOf(topology, 2, AffinityPolicy.Required));
    }

    [Fact]
    public void The_simulated_kernel_describes_what_was_asked_for()
    {
        var topology = Read("2x24x2,nps=2,l3=4,smt=off,isolated=3-4");
        Assert.Equal(("0-47", "48-95", "3-4"),
            (topology.Online.ToString(), topology.Offline.ToString(), topology.Isolated.ToString()));
        Assert.Equal(["0-11", "12-23", "24-35", "36-47"], topology.Nodes.Select(n => n.Cpus.ToString()));
        Assert.Equal([10, 12, 32, 32], topology.Nodes[0].Distances.Values);
        Assert.All(topology.Nodes, n => Assert.Equal(524_288, n.MemoryMiB));
        Assert.Equal(12, topology.Cpus.Select(c => c.Cache).Distinct().Count());
        Assert.Equal([1, 1], topology.PackagesOf(3).Concat(topology.PackagesOf(2)));
    }

    [Fact]
    public void Pins_are_disjoint_whole_cores_within_the_policy_for_any_host_and_VMs() => Prop.ForAll(
        Arb.From(Gen.Elements(
            "2x24x2", "1x64x2,nps=4,l3=8", "2x32x2,nps=2,l3=4", "1x8x1", "2x12x2,isolated=1-3+25-27", "4x6x2,smt=off")),
        Arb.From(Gen.Choose(1, 40).ListOf().Where(l => l.Count is > 0 and < 9)),
        Arb.From(Gen.Choose(0, 60).ListOf()),
        (host, sizes, taken) =>
        {
            var topology = Read(host);
            foreach (var policy in Enum.GetValues<AffinityPolicy>())
            {
                var held = CpuSet.Of(taken);
                var chosen = AffinityPlanner.Plan(
                    topology, [.. sizes.Select((s, i) => new AffinityRequest(new VmId(100 + i), s, i % 2))], held,
                    policy);
                Assert.Equal(chosen.Sum(c => c.Cpus.Count), chosen.SelectMany(c => c.Cpus).Distinct().Count());
                for (var i = 0; i < chosen.Count; i++)
                {
                    var cpus = chosen[i].Cpus;
                    Assert.Empty(cpus.Intersect(held.Union(topology.Isolated)));
                    Assert.All(
                        topology.Cores.Where(c => c.Threads.Intersect(cpus).Count > 0),
                        c => Assert.True(c.Threads.IsSubsetOf(cpus)));
                    Assert.Subset(
                        AffinityPlanner.NodesOf(topology, i % 2, policy).ToHashSet(),
                        topology.NodesOf(cpus).ToHashSet());
                    Assert.InRange(cpus.Count, 0, sizes[i] + 1);
                }
            }
        }).Holds(60);

    private static string[] Plan(
        string host, int[] sizes, string? taken = null, AffinityPolicy policy = AffinityPolicy.Socket)
    {
        var topology = Read(host);
        var node = host.Contains("unknown", StringComparison.Ordinal) ? (int?)null : 0;
        var requests = sizes.Select((s, i) => new AffinityRequest(new VmId(100 + i), s, node)).ToList();
        var chosen = AffinityPlanner.Plan(
            topology, requests, taken is null ? CpuSet.Empty : CpuSet.TryParse(taken)!, policy);
        return [.. chosen.Select(c => c.Cpus.ToString())];
    }

    private static CpuTopology Read(string host) => new CpuTopologyReader(
        LabHost.Create(new LabOptions { Topology = LabCpus.Parse(host) }).Files).Read();
}
