using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Migration;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Migration;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>A VM that may go to another node, each rule broken alone, and what the lab's own migration makes of
/// it.</summary>
[Trait("Duration", "Long")]
public sealed class MigrationTests
{
    private const string Vm = "101";
    private const string Function = "0000:4b:00.4";
    private const string Config = "/etc/pve/nodes/pve1/qemu-server/101.conf";

    private readonly LabClusters _lab;

    public MigrationTests() => _lab = new LabClusters("9.2", ["A30"], ["A30"]);

    [Fact]
    public void Nothing_broken_goes_live_as_the_verdict_says()
    {
        Prepare();
        Start();
        var rows = Judge();
        Assert.All(rows, r => Assert.True(r.Verdict is "Passed" or "Skipped" || r.Check is "License" or "Migration",
            $"{r.Check}: {r.Verdict}: {r.Reason}"));
        Assert.Equal("Passed", Row(rows, "Nvml").Verdict);
        Assert.Equal(MigrationRules.Checks.Append(MigrationRules.Sum), rows.Select(r => r.Check));
        Assert.NotEqual("Failed", rows[^1].Verdict);
        Assert.Equal("qm migrate 101 pve2 --online", rows[^1].RecommendedAction);
        Assert.True(Migrate("--online"));
        Assert.NotNull(_lab[1].GetQemuPid(new VmId(101)));
    }

    [Fact]
    public void A_stopped_VM_goes_offline_whatever_the_drivers()
    {
        Prepare();
        _lab[1].Edit(s => s.Setup.DriverVersion = "580.1.1");
        var rows = Judge();
        Assert.Empty(Failed(rows));
        Assert.Equal("Skipped", Row(rows, "DriverVersion").Verdict);
        Assert.True(Migrate());
    }

    /// <summary>Proxmox moves a stopped VM that cannot start there; the verdict says both.</summary>
    [Theory]
    [InlineData("capacity", "Capacity")]
    [InlineData("hook", "Hook")]
    public void A_stopped_VM_that_does_not_start_there_is_moved_all_the_same(string what, string check)
    {
        Prepare();
        Break(what, isBefore: false);
        var rows = Judge();
        Assert.Empty(Failed(rows));
        Assert.Equal("Warning", Row(rows, check).Verdict);
        Assert.Equal("Warning", rows[^1].Verdict);
        Assert.Contains($"offline from pve1 to pve2, but does not start there: {check}", rows[^1].Reason,
            StringComparison.Ordinal);
        Assert.True(Migrate());
        Assert.NotEqual(0, _lab.Run(1, "/usr/sbin/qm", "start", Vm).ExitCode);
    }

    [Fact]
    public void A_VM_without_a_vGPU_goes_whatever_the_drivers()
    {
        Prepare();
        _lab.Ok(0, "/usr/sbin/qm", "set", Vm, "--delete", "hostpci0");
        Start();
        _lab[1].Edit(s => s.Setup.DriverVersion = "580.1.1");
        var rows = Judge();
        Assert.Empty(Failed(rows));
        Assert.Equal("the VM has no vGPU", Row(rows, "DriverVersion").Reason);
        Assert.True(Migrate("--online"));
    }

    /// <summary>What is broken, the checks that fail, and whether the lab's own migration fails too.</summary>
    public static TheoryData<string, string, bool> Broken => new()
    {
        { "lock", "VmLock", true },
        { "raw", "LocalDevice", true },
        { "entry", "Mapping", true },
        { "flag", "LiveMigration", true },
        { "rule", "HighAvailability", false },
        { "driver", "DriverVersion Nvml", true },
        { "ecc", "EccMode Nvml", true },
        { "parameter", "Parameters Nvml", true },
        { "capacity", "Capacity", true },
        { "memory", "HostMemory", false },
        { "affinity", "Affinity", true },
        { "numa", "Numa", true },
        { "hook", "Hook", true },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Each_rule_that_is_broken_alone_is_named_alone(string what, string checks, bool fails)
    {
        Prepare(isLive: what != "flag", hasEntry: what != "entry", isRaw: what == "raw");
        Break(what, isBefore: true);
        Start();
        Break(what, isBefore: false);
        var rows = Judge();
        Assert.Equal(checks.Split(' '), Failed(rows));
        Assert.All(rows.Where(r => r.Verdict == "Failed"), r => Assert.NotNull(r.RecommendedAction));
        Assert.Equal("Failed", rows[^1].Verdict);
        Assert.Contains(checks.Split(' ')[0], rows[^1].Reason, StringComparison.Ordinal);
        if (fails)
        {
            Assert.False(Migrate("--online"));
            Assert.NotNull(_lab[0].GetQemuPid(new VmId(101)));
        }
    }

    /// <summary>What is typed about a mapping or a hook that the other node lacks is what puts it right.</summary>
    [Theory]
    [InlineData("entry", "Mapping", "Sync-VgpuMapping gpu -Gpu 0 -Session pve2")]
    [InlineData("hook", "Hook", "Install-VgpuHost -Session pve2")]
    public void What_the_other_node_lacks_is_brought_there_by_a_command(string what, string check, string command)
    {
        Prepare(hasEntry: what != "entry");
        Break(what, isBefore: false);
        Assert.EndsWith(command, Row(Judge(), check).RecommendedAction!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_no_vGPU_is_not_told_to_be_changed_as_one()
    {
        Prepare();
        _lab.Ok(0, "/usr/sbin/qm", "set", Vm, "--hostpci1", "0000:03:00.0", "--hostpci2", "mapping=nic");
        var rows = Judge();
        Assert.Equal(
            "map the device, which is no vGPU (Datacenter, Resource Mappings), or take it out: "
                + "qm set 101 --delete hostpci1",
            Row(rows, "LocalDevice").RecommendedAction);
        Assert.DoesNotContain("-VgpuMapping", Row(rows, "Mapping").RecommendedAction!, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_model_has_no_such_type()
    {
        var lab = new LabClusters("9.2", ["A30"], ["L40S"]);
        Prepare(lab: lab);
        Ok(lab, 0, "start", Vm);
        var rows = Judge(lab);
        Assert.Equal("Failed", Row(rows, "VgpuType").Verdict);
        Assert.Equal("Skipped", Row(rows, "Capacity").Verdict);
        Assert.NotEqual(0, lab.Run(0, "/usr/sbin/qm", "migrate", Vm, "pve2", "--online").ExitCode);
    }

    [Fact]
    public void Without_the_guest_s_driver_NVML_s_answer_is_not_known()
    {
        Prepare();
        Start();
        _lab[0].Edit(s => s.Guests.Find(g => g.Vm == 101)!.Driver = null);
        Assert.Equal("Unknown", Row(Judge(), "Nvml").Verdict);
        Assert.Empty(Failed(Judge()));
    }

    [Fact]
    public void A_restricted_group_of_8_4_is_a_rule()
    {
        var lab = new LabClusters("8.4", ["A30"], ["A30"]);
        Prepare(lab: lab);
        lab[0].Put("/etc/pve/ha/resources.cfg", "vm: 101\n\tgroup gpus\n\tstate started\n");
        lab[0].Put("/etc/pve/ha/groups.cfg", "group: gpus\n\tnodes pve1\n\trestricted 1\n");
        var row = Row(Judge(lab), "HighAvailability");
        Assert.Equal("Failed", row.Verdict);
        Assert.Contains("restricted group gpus", row.Reason, StringComparison.Ordinal);
        lab[0].Put("/etc/pve/ha/groups.cfg", "group: gpus\n\tnodes pve1,pve2\n\trestricted 1\n");
        Assert.Equal("Passed", Row(Judge(lab), "HighAvailability").Verdict);
    }

    /// <summary>The doctor's advice about a VM that HA manages is what puts it right.</summary>
    [Theory]
    [InlineData("9.2")]
    [InlineData("8.4")]
    public async Task The_doctor_s_advice_binds_a_VM_to_its_mapping_s_nodes(string pve)
    {
        var lab = new LabClusters(pve, ["A30"], ["A30"], ["A30"]);
        Prepare(lab: lab);
        lab.Ok(0, "/usr/sbin/ha-manager", "add", "vm:101");
        var found = await LookAsync(lab);
        Assert.Equal("Warning", found.Verdict);
        Assert.Contains("mapping gpu is on pve1, pve2", found.Evidence, StringComparison.Ordinal);
        foreach (var command in found.RecommendedAction!.Split("; "))
        {
            lab.Ok(0, "/usr/sbin/ha-manager", command.Split(' ')[1..]);
        }

        Assert.Equal("Passed", (await LookAsync(lab)).Verdict);
    }

    [Theory]
    [InlineData("pve1", "TargetIsSource")]
    [InlineData("pve9", "NodeNotFound")]
    [InlineData("../pve2", "NodeNotFound")]
    public async Task A_target_that_is_none_is_refused(string target, string id)
    {
        Prepare();
        var failure = await Assert.ThrowsAnyAsync<VgpuPS.Core.Errors.VgpuException>(() => ReadAsync(_lab, target));
        Assert.Equal(id, failure.ErrorId);
    }

    [Fact]
    public async Task A_node_that_is_down_and_a_cluster_without_quorum_are_refused()
    {
        var lab = new LabClusters("9.2", ["A30"], ["A30"], ["A30"]);
        Prepare(lab: lab);
        lab[1].StopNode();
        var down = await Assert.ThrowsAnyAsync<VgpuPS.Core.Errors.VgpuException>(() => ReadAsync(lab, "pve2"));
        Assert.Equal("NodeOffline", down.ErrorId);
        lab[2].StopNode();
        var alone = await Assert.ThrowsAnyAsync<VgpuPS.Core.Errors.VgpuException>(() => ReadAsync(lab, "pve2"));
        Assert.Equal("NoQuorum", alone.ErrorId);
    }

    private void Break(string what, bool isBefore)
    {
        var other = _lab[1];
        switch (what, isBefore)
        {
            case ("lock", false):
                _lab[0].Put(Config, Encoding.UTF8.GetString(_lab[0].Files.Read(Config, 1 << 20)) + "lock: backup\n");
                break;
            case ("rule", false):
                _lab.Ok(0, "/usr/sbin/ha-manager", "add", "vm:101");
                _lab.Ok(0, "/usr/sbin/ha-manager", "rules", "add", "node-affinity", "gpus", "--resources", "vm:101",
                    "--nodes", "pve1", "--strict", "1");
                break;
            case ("driver", false):
                other.Edit(s => s.Setup.DriverVersion = "580.1.1");
                break;
            case ("ecc", false):
                other.Edit(s => s.Gpus.ForEach(g => g.HasEcc = false));
                break;
            case ("parameter", true):
                _lab[0].Put(
                    "/etc/vgpups/config.json",
                    """{"version":1,"vgpuParameters":{"101":{"hostpci0":{"enable_debugging":1}}}}""");
                break;
            case ("capacity", false):
                _lab.Ok(1, "/usr/sbin/qm", "set", "201", "--hostpci0", "mapping=gpu,mdev=nvidia-687");
                Ok(_lab, 1, "start", "201");
                break;
            case ("memory", false):
                other.Edit(s => s.Setup.Cpus.MemoryMiB = 4_096);
                break;
            case ("affinity", true):
                Set("--affinity", "8-11");
                break;
            case ("numa", true):
                _lab[0].Edit(s => s.Setup.Cpus = LabCpus.Parse("2x8x1"));
                Set("--numa", "1");
                Set("--numa0", "cpus=0-3,memory=8192,hostnodes=1,policy=bind");
                break;
            case ("affinity", false):
                other.Edit(s => s.Setup.Cpus = LabCpus.Parse("1x4x1"));
                break;
            case ("hook", false):
                other.Files.Delete("/var/lib/vz/snippets/vgpu-hook");
                break;
        }
    }

    private void Prepare(
        bool isLive = true, bool hasEntry = true, bool isRaw = false, LabClusters? lab = null)
    {
        lab ??= _lab;
        foreach (var node in lab.Nodes)
        {
            node.Host.Put("/var/lib/vz/snippets/vgpu-hook", LabVms.HookMark, 0x1ed);
        }

        var there = lab[1].State.Gpus[0].Address[..^1] + "4";
        (int, string)[] functions = hasEntry ? [(0, Function), (1, there)] : [(0, Function)];
        lab.Map("gpu", isLive, functions);
        lab.Ok(0, "/usr/sbin/qm", "set", Vm, "--hostpci0", isRaw ? $"{Function},mdev=nvidia-685"
            : "mapping=gpu,mdev=nvidia-685", "--hookscript", "local:snippets/vgpu-hook");
    }

    private void Set(string key, string value) => _lab.Ok(0, "/usr/sbin/qm", "set", Vm, key, value);

    private void Start() => Ok(_lab, 0, "start", Vm);

    private static void Ok(LabClusters lab, int node, string verb, string vm) =>
        lab.Ok(node, "/usr/sbin/qm", verb, vm);

    private bool Migrate(params string[] options) =>
        _lab.Run(0, "/usr/sbin/qm", ["migrate", Vm, "pve2", .. options]).ExitCode == 0;

    private IReadOnlyList<VmVgpuMigrationInfo> Judge(LabClusters? lab = null)
    {
        lab ??= _lab;
        var source = ReadAsync(lab, "pve2").Result;
        using var process = lab[1].BeginActor("agent");
        var target = HostUseCases.ReadMigrationTarget.RunAsync(
            lab.Nodes[1].Connect(_ => { }),
            new ReadMigrationTargetRequest
            {
                VmId = 101,
                Source = source.Node,
                IsRunning = source.IsRunning,
                Metadata = [.. source.Running.Select(r => r.Metadata).OfType<string>()],
            },
            new Progress<StepProgress>(), CancellationToken.None).Result;
        return MigrationRules.Judge(source, target);
    }

    private static async Task<MigrationSource> ReadAsync(LabClusters lab, string target)
    {
        using var process = lab[0].BeginActor("agent");
        return await HostUseCases.ReadMigrationSource.RunAsync(
            lab.Nodes[0].Connect(_ => { }), new ReadMigrationSourceRequest { Vm = Vm, Target = target },
            new Progress<StepProgress>(), CancellationToken.None);
    }

    private static async Task<VgpuHostTestInfo> LookAsync(LabClusters lab)
    {
        using var process = lab[0].BeginActor("agent");
        var result = await HostUseCases.RunDoctor.RunAsync(
            lab.Nodes[0].Connect(_ => { }), new RunDoctorRequest { Checks = ["HaNodesUnbound"] },
            new Progress<StepProgress>(), CancellationToken.None);
        return result.Checks.Single();
    }

    private static VmVgpuMigrationInfo Row(IReadOnlyList<VmVgpuMigrationInfo> rows, string check) =>
        rows.Single(r => r.Check == check);

    private static IEnumerable<string> Failed(IReadOnlyList<VmVgpuMigrationInfo> rows) =>
        rows.SkipLast(1).Where(r => r.Verdict == "Failed").Select(r => r.Check);
}
