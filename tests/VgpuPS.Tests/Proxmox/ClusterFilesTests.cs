using System.Text;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Proxmox;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Proxmox;

/// <summary>Where the cluster may start a VM: high availability, replication; and the node's containers.</summary>
public sealed class ClusterFilesTests
{
    private const string Resources = """
        vm: 101
        	state started

        ct: 200
        	state started

        vm: 104
        	state ignored

        vm: 102
        	group gpus
        	state started

        """;

    private const string Rules = """
        node-affinity: near
        	comment two words
        	nodes pve1:2,pve2
        	resources vm:101,ct:200,vm:103
        	strict 1

        node-affinity: off
        	disable
        	nodes pve9
        	resources vm:101
        	strict 1

        resource-affinity: apart
        	affinity negative
        	resources vm:101,vm:102

        """;

    private const string Groups = """
        group: gpus
        	nodes pve3:1,pve4
        	restricted 1

        group: nobodys
        	nodes pve1

        """;

    private readonly FileTree _tree = new();
    private readonly ProxmoxHost _host;

    public ClusterFilesTests()
    {
        _host = new ProxmoxHost(_tree, new JumpingClock());
        _tree.Link("/etc/pve/local", "nodes/pve1");
    }

    [Fact]
    public void Rules_and_groups_say_where_a_VM_may_run()
    {
        var ha = HighAvailability.Read(Bytes(Resources), Bytes(Rules), Bytes(Groups));
        Assert.Equal([101, 102], ha.Vms.Select(v => v.Value));
        var rule = Assert.Single(ha.RulesOf(new VmId(101)));
        Assert.Equal(("near", true, false), (rule.Name, rule.IsStrict, rule.IsGroup));
        Assert.Equal(["pve1", "pve2"], rule.Nodes);
        Assert.Equal([101, 103], rule.Vms.Select(v => v.Value));
        var group = Assert.Single(ha.RulesOf(new VmId(102)));
        Assert.Equal(("gpus", true, true), (group.Name, group.IsStrict, group.IsGroup));
        string[] nodes = ["pve1", "pve2", "pve3", "pve4"];
        Assert.Equal(["pve1", "pve2"], ha.NodesFor(new VmId(101), nodes));
        Assert.Equal(["pve3", "pve4"], ha.NodesFor(new VmId(102), nodes));
        Assert.Equal(nodes, ha.NodesFor(new VmId(104), nodes));
    }

    [Fact]
    public void A_rule_that_is_not_strict_keeps_a_VM_from_nowhere()
    {
        var loose = Rules.Replace("\tstrict 1", "\tstrict 0", StringComparison.Ordinal);
        var ha = HighAvailability.Read(Bytes(Resources), Bytes(loose), []);
        Assert.False(Assert.Single(ha.RulesOf(new VmId(101))).IsStrict);
        Assert.Equal(["pve1", "pve9"], ha.NodesFor(new VmId(101), ["pve1", "pve9"]));
        Assert.Empty(ha.RulesOf(new VmId(102)));
    }

    [Fact]
    public void No_files_mean_nothing()
    {
        Assert.Empty(_host.ReadHighAvailability().Vms);
        Assert.Empty(_host.ReadHighAvailability().Rules);
        Assert.Empty(_host.ReadReplication());
        Assert.Empty(_host.ReadContainers());
        Assert.Equal(["pve1"], _host.GetNodes());
    }

    [Fact]
    public void Replication_names_the_nodes_that_a_guest_is_copied_to()
    {
        _tree["/etc/pve/replication.cfg"] =
            "local: 101-0\n\ttarget pve2\n\tschedule */15\n\nlocal: 101-1\n\tdisable\n\ttarget pve3\n\n"
            + "local: x-0\n\ttarget pve4\n\nlocal: 102-0\n\tsource pve1\n";
        Assert.Equal([new ReplicationJob(new VmId(101), "pve2")], _host.ReadReplication());
    }

    [Fact]
    public void A_containers_own_list_is_that_before_its_snapshots()
    {
        _tree["/etc/pve/nodes/pve1/lxc/200.conf"] =
            "cores: 2\nhostname: dns\nlxc.cgroup2.cpuset.cpus: 0-3\n\n[before]\nlxc.cgroup2.cpuset.cpus: 9\n";
        _tree["/etc/pve/nodes/pve1/lxc/201.conf"] = "cores: 2\n#lxc.cgroup2.cpuset.cpus: 0-3\n";
        _tree["/etc/pve/nodes/pve2/lxc/202.conf"] = "hostname: there\n";
        Assert.Equal(
            [
                new ContainerConfig(new VmId(200), "dns", CpuSet.Of([0, 1, 2, 3])),
                new ContainerConfig(new VmId(201), null, null),
            ],
            _host.ReadContainers());
        Assert.Equal(["pve1", "pve2"], _host.GetNodes());
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
