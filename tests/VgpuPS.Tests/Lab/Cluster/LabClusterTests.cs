using System.Text;
using System.Text.Json.Nodes;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Cluster;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Lab.Cluster;

/// <summary>The simulated cluster against Proxmox's own texts.</summary>
/// <remarks>Source: facts/cluster.md D1-D16.</remarks>
public sealed class LabClusterTests
{
    private const string Function = "0000:4b:00.4";
    private const string Mappings = "/etc/pve/mapping/pci.cfg";

    private readonly LabClusters _lab = new();

    [Fact]
    public void Nodes_share_one_cluster_file_system_and_nothing_else()
    {
        _lab[0].Files.WriteWhole("/etc/pve/shared", "x"u8, 0x1a0);
        Assert.Equal("x", Read(1, "/etc/pve/shared"));
        Assert.Contains("memory", Read(2, "/etc/pve/nodes/pve1/qemu-server/101.conf"), StringComparison.Ordinal);
        Assert.Contains("name: web2", Read(1, "/etc/pve/qemu-server/201.conf"), StringComparison.Ordinal);
        _lab[0].Files.WriteWhole("/run/own", "x"u8, 0x1a0);
        Assert.Null(_lab[1].Files.GetInfo("/run/own"));
        Assert.Equal("nodes/pve2", _lab[1].Files.ReadLink("/etc/pve/local"));
        var members = JsonNode.Parse(Read(1, "/etc/pve/.members"))!;
        Assert.Equal("pve2", (string?)members["nodename"]);
        Assert.Equal(3, members["nodelist"]!.AsObject().Count);
        Assert.Equal(3, _lab.Nodes.SelectMany(n => n.Host.State.Gpus).Select(g => g.Uuid).Distinct().Count());
    }

    [Fact]
    public void A_node_that_is_down_answers_nothing_and_two_of_three_take_the_quorum_along()
    {
        _lab[2].StopNode();
        Assert.Equal(ErrorIds.HostUnreachable, Assert.Throws<HostConnectionException>(
            () => _lab[2].Files.GetInfo("/etc")).ErrorId);
        var status = JsonNode.Parse(_lab.Pvesh(0, "get", "/cluster/status", "--output-format", "json"))!.AsArray();
        Assert.Equal(1, (int?)status[0]!["quorate"]);
        Assert.Equal([1, 1, 0], status.Skip(1).Select(n => (int)n!["online"]!));
        Assert.Contains(
            "No route to host", _lab.Refused(0, "get", "/nodes/pve3/qemu/301/migrate"), StringComparison.Ordinal);
        _lab[1].StopNode();
        Assert.Equal(Errno.EACCES, Assert.Throws<HostFileException>(
            () => _lab[0].Files.WriteWhole("/etc/pve/x", "x"u8, 0x1a0)).Number);
        Assert.Equal(0, _lab[0].Files.GetInfo("/etc/pve/storage.cfg")!.Mode & 0x92);
        _lab[1].StartNode();
        _lab[0].Files.WriteWhole("/etc/pve/x", "x"u8, 0x1a0);
    }

    [Fact]
    public void A_mapping_is_made_changed_whole_and_removed()
    {
        _lab.Map("gpu", false, (0, Function), (1, Function));
        Assert.StartsWith("gpu\n\tmap id=10de:", Read(2, Mappings), StringComparison.Ordinal);
        Assert.EndsWith("\tmdev 1\n\n", Read(2, Mappings), StringComparison.Ordinal);
        var digest = (string)Get("gpu")["digest"]!;
        Assert.Equal(
            "create hardware mapping failed: pci ID 'gpu' already defined\n",
            _lab.Refused(0, "create", "/cluster/mapping/pci", "--id", "gpu", "--map", _lab.Entry(0, Function)));
        _lab.Pvesh(
            1, "set", "/cluster/mapping/pci/gpu", "--map", _lab.Entry(1, Function), "--live-migration-capable", "1",
            "--digest", digest);
        var map = Assert.Single(Get("gpu")["map"]!.AsArray());
        Assert.Contains("node=pve2", (string)map!, StringComparison.Ordinal);
        Assert.Equal(1, (int?)Get("gpu")["mdev"]);
        Assert.Equal(
            "update hardware mapping failed: detected modified configuration - file changed by other user? "
                + "Try again.\n",
            _lab.Refused(
                0, "set", "/cluster/mapping/pci/gpu", "--map", _lab.Entry(0, Function), "--digest", digest));
        Assert.Equal(
            "update hardware mapping failed: missing value for required option 'map'\n",
            _lab.Refused(0, "set", "/cluster/mapping/pci/gpu", "--description", "x"));
        Assert.Equal(
            "update hardware mapping failed: pci ID 'none' does not exist\n",
            _lab.Refused(0, "set", "/cluster/mapping/pci/none", "--map", _lab.Entry(0, Function)));
        _lab.Pvesh(2, "delete", "/cluster/mapping/pci/gpu");
        Assert.Equal("mapping 'gpu' not found\n", _lab.Refused(0, "get", "/cluster/mapping/pci/gpu"));
    }

    [Theory]
    [InlineData("--id", "1x", "id: invalid format - invalid configuration ID '1x'")]
    [InlineData("--id", "a b", "id: invalid format - invalid configuration ID 'a b'")]
    [InlineData("--map", "node=pve1,path=4b:00.4,id=10de:20b7", "path: value does not match the regex pattern")]
    [InlineData("--map", "node=pve1,path=0000:4B:00.4,id=10de:20b7", "path: value does not match the regex pattern")]
    [InlineData("--map", "node=pve1,id=10de:20b7", "path: property is missing and it is not optional")]
    [InlineData("--mdev", "maybe", "mdev: type check ('boolean') failed - got 'maybe'")]
    [InlineData("--vendor", "10de", "Unknown option: vendor")]
    public void What_cannot_be_written_is_refused(string option, string value, string text)
    {
        var words = new Dictionary<string, string> { ["--id"] = "gpu", ["--map"] = _lab.Entry(0, Function) };
        words[option] = value;
        Assert.Contains(
            text,
            _lab.Refused(0, ["create", "/cluster/mapping/pci", .. words.SelectMany(w => new[] { w.Key, w.Value })]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_node_itself_judges_its_entries()
    {
        _lab.Map("gpu", false, (0, Function), (1, Function));
        _lab.Ok(1, "/usr/lib/nvidia/sriov-manage", "-d", "0000:4b:00.0");
        Assert.Empty(Checks(0, "pve1"));
        Assert.Equal(
            "Invalid configuration: pci device '0000:4b:00.4' not found\n", (string?)Checks(0, "pve2")[0]!["message"]);
        Assert.Equal(
            "Invalid configuration: pci device '0000:4b:00.4' not found\n", (string?)Checks(1, "pve2")[0]!["message"]);
        Assert.Equal("No mapping for node pve3.", (string?)Checks(2, "pve3")[0]!["message"]);
        Assert.Equal("warning", (string?)Checks(2, "pve3")[0]!["severity"]);
    }

    [Fact]
    public void A_lock_that_hangs_is_waited_for_and_one_of_two_minutes_taken_over()
    {
        CfsLock.Hold(_lab[0], CfsLock.Mappings);
        var said = _lab.Refused(
            0, "create", "/cluster/mapping/pci", "--id", "gpu", "--map", _lab.Entry(0, Function));
        Assert.StartsWith("trying to acquire cfs lock 'file-mapping_pci_cfg' ...\n", said, StringComparison.Ordinal);
        Assert.EndsWith(
            "create hardware mapping failed: cfs-lock 'file-mapping_pci_cfg' error: got lock request timeout\n", said,
            StringComparison.Ordinal);
        _lab[0].Clock.Advance(TimeSpan.FromSeconds(120));
        _lab.Map("gpu", false, (0, Function));
    }

    [Fact]
    public void Without_quorum_nothing_is_written()
    {
        _lab[0].SplitCluster(true);
        Assert.EndsWith(
            "cfs-lock 'file-mapping_pci_cfg' error: no quorum!\n",
            _lab.Refused(0, "create", "/cluster/mapping/pci", "--id", "gpu", "--map", _lab.Entry(0, Function)),
            StringComparison.Ordinal);
        Assert.Equal("cluster not ready - no quorum?\n", _lab.Refused(0, "get", "/nodes/pve1/qemu/101/migrate"));
    }

    [Fact]
    public void Rules_of_HA_need_managed_resources_and_nodes_that_exist()
    {
        const string Manager = "/usr/sbin/ha-manager";
        Assert.Equal(
            "create ha rule failed: cannot use unmanaged resource(s) vm:101.\n",
            _lab.Run(0, Manager, "rules", "add", "node-affinity", "gpu", "--resources", "vm:101", "--nodes", "pve1")
                .Error);
        _lab.Ok(0, Manager, "add", "vm:101");
        _lab.Ok(0, Manager, "add", "201");
        Assert.Equal(
            "create ha rule failed: cannot use non-existent node(s) pve9.\n",
            _lab.Run(0, Manager, "rules", "add", "node-affinity", "gpu", "--resources", "vm:101", "--nodes", "pve9")
                .Error);
        _lab.Ok(
            0, Manager, "rules", "add", "node-affinity", "gpu", "--resources", "vm:101", "--nodes", "pve2,pve1:2",
            "--strict", "1");
        Assert.Equal(
            "node-affinity: gpu\n\tnodes pve1:2,pve2\n\tresources vm:101\n\tstrict 1\n\n",
            Read(1, "/etc/pve/ha/rules.cfg"));
        Assert.Contains(
            "resource 'vm:101' is already used in another node affinity rule",
            _lab.Run(1, Manager, "rules", "add", "node-affinity", "two", "--resources", "vm:101", "--nodes", "pve2")
                .Error, StringComparison.Ordinal);
        _lab.Ok(
            1, Manager, "rules", "add", "resource-affinity", "apart", "--resources", "vm:101,vm:201", "--affinity",
            "negative");
        var refused = JsonNode.Parse(_lab.Pvesh(0, "get", "/nodes/pve1/qemu/101/migrate", "--output-format", "json"))!;
        Assert.Equal(["pve3"], refused["allowed_nodes"]!.AsArray().Select(n => (string)n!));
        Assert.Equal(
            "vm:201",
            (string?)refused["not_allowed_nodes"]!["pve2"]!["blocking-ha-resources"]![0]!["sid"]);
        Assert.Contains(
            "invalid parameter 'group'", _lab.Run(0, Manager, "set", "vm:101", "--group", "x").Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Proxmox_VE_8_has_groups_and_no_rules()
    {
        var lab = new LabClusters("8.4", ["A30"], ["A30"]);
        lab.Ok(0, "/usr/sbin/ha-manager", "groupadd", "gpus", "--nodes", "pve1,pve2", "--restricted", "1");
        lab.Ok(0, "/usr/sbin/ha-manager", "add", "vm:101", "--group", "gpus");
        Assert.Equal(
            "group: gpus\n\tnodes pve1,pve2\n\trestricted 1\n\n",
            Encoding.UTF8.GetString(lab[1].Files.Read("/etc/pve/ha/groups.cfg", 4096)));
        Assert.NotEqual(0, lab.Run(0, "/usr/sbin/ha-manager", "rules", "list").ExitCode);
    }

    [Theory]
    [InlineData("0=0000:4b:00.4,mdev=nvidia-689", false, false, "can't migrate VM which uses local devices: hostpci0")]
    [InlineData(
        "0=mapping=own,mdev=nvidia-689", false, false, "can't migrate to 'pve2': missing mapped devices hostpci0")]
    [InlineData("0=mapping=gpu,mdev=nvidia-689", false, false, null)]
    [InlineData("0=mapping=gpu,mdev=nvidia-689", true, false, "can't migrate running VM without --online")]
    [InlineData(
        "0=mapping=gpu,mdev=nvidia-689", true, true,
        "can't live migrate running VM which uses following mapped devices: hostpci0:gpu")]
    [InlineData("0=mapping=live,mdev=nvidia-689", true, true, null)]
    public void A_migration_is_refused_as_Proxmox_does(string device, bool isRunning, bool isOnline, string? text)
    {
        _lab.Map("own", true, (0, "0000:4b:00.5"));
        _lab.Map("gpu", false, (0, "0000:4b:00.6"), (1, Function));
        _lab.Map("live", true, (0, "0000:4b:00.7"), (1, Function));
        foreach (var node in _lab.Nodes.Take(2))
        {
            node.Host.Edit(state => state.Gpus.ForEach(gpu => gpu.MigCurrent = gpu.MigPending = true));
        }

        // The hook is a file of each node.
        _lab.Nodes[1].CreateVm(new VmId(210));
        var vm = new VmId(110);
        _lab.Nodes[0].CreateVm(vm, device);
        if (isRunning)
        {
            Assert.Null(_lab.Nodes[0].Start(110).Error);
        }

        var result = _lab.Run(
            0, "/usr/sbin/qm", ["migrate", "110", "pve2", .. isOnline ? (string[])["--online"] : []]);
        if (text is not null)
        {
            Assert.Equal(255, result.ExitCode);
            Assert.Contains(text, result.Output + result.Error, StringComparison.Ordinal);
            Assert.Equal(isRunning, _lab[0].GetQemuPid(vm) is not null);
            Assert.NotNull(_lab[0].Files.GetInfo("/etc/pve/nodes/pve1/qemu-server/110.conf"));
            return;
        }

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.EndsWith("migration finished successfully", result.Output.Split(" (dur")[0], StringComparison.Ordinal);
        Assert.Null(_lab[0].Files.GetInfo("/etc/pve/nodes/pve1/qemu-server/110.conf"));
        Assert.Equal(isRunning, _lab[1].GetQemuPid(vm) is not null);
        Assert.Null(_lab[0].GetQemuPid(vm));
        Assert.Equal(isRunning ? 1 : 0, _lab[1].State.Gpus[0].Vgpus.Count);
        Assert.Empty(_lab[0].State.Gpus[0].Vgpus);
        Assert.DoesNotContain("lock:", Read(1, "/etc/pve/nodes/pve2/qemu-server/110.conf"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_the_target_refuses_leaves_the_VM_running_where_it_was()
    {
        _lab.Map("live", true, (0, Function), (1, Function));
        _lab[0].Edit(state => state.Gpus.ForEach(gpu => gpu.MigCurrent = gpu.MigPending = true));
        _lab.Nodes[0].CreateVm(new VmId(110), "0=mapping=live,mdev=nvidia-689");
        Assert.Null(_lab.Nodes[0].Start(110).Error);
        var result = _lab.Run(0, "/usr/sbin/qm", "migrate", "110", "pve2", "--online");
        Assert.Equal("migration problems\n", result.Error);
        Assert.Contains("[pve2] ", result.Output, StringComparison.Ordinal);
        Assert.NotNull(_lab[0].GetQemuPid(new VmId(110)));
        Assert.DoesNotContain("lock:", Read(0, "/etc/pve/nodes/pve1/qemu-server/110.conf"), StringComparison.Ordinal);
        Assert.Null(_lab.Nodes[0].Stop(110).Error);
    }

    [Fact]
    public void A_cluster_lives_in_one_file_and_a_process_opens_any_of_its_nodes()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var first = LabHost.InitCluster(path, new LabOptions { Gpus = ["A30"] });
            first.AddNode(new LabOptions { Gpus = ["L40S"], Node = "pve2" });
            var other = LabHost.Open(path, "pve2");
            Assert.Equal("NVIDIA L40S", other.State.Gpus[0].Model.Name);
            other.Files.WriteWhole("/etc/pve/x", "x"u8, 0x1a0);
            Assert.NotNull(first.Files.GetInfo("/etc/pve/x"));
            first.StopNode();
            Assert.False(other.HasQuorum);
            Assert.Throws<ArgumentException>(() => LabHost.Open(path, "pve3"));
            Assert.Throws<ArgumentException>(() => other.AddNode(new LabOptions { Node = "PVE2" }));
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + ".lock");
        }
    }

    private string Read(int node, string path) => Encoding.UTF8.GetString(_lab[node].Files.Read(path, 1 << 20));

    private JsonNode Get(string id) =>
        JsonNode.Parse(_lab.Pvesh(0, "get", $"/cluster/mapping/pci/{id}", "--output-format", "json"))!;

    private JsonArray Checks(int node, string judged) => JsonNode.Parse(_lab.Pvesh(
        node, "get", "/cluster/mapping/pci", "--check-node", judged, "--output-format", "json"))![0]!["checks"]!
        .AsArray();
}
