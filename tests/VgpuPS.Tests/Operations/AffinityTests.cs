using VgpuPS.Core.Cpu;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Affinity;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Operations.VmVgpus;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>Pins of VMs: planned, written, started with, read back, taken off.</summary>
public sealed class AffinityTests
{
    private readonly VmLab _lab = new(mig: [false, false]);

    public AffinityTests()
    {
        _lab.Host.Edit(s => s.Setup.Cpus = LabCpus.Parse("2x24x2"));
        foreach (var vm in (string[])["101", "102", "103", "104"])
        {
            Qm("set", vm, "--sockets", "1", "--cores", "12", "--memory", "16384");
            _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest
            {
                Vm = vm,
                Type = "A30-6C",
                Function = $"0000:4b:00.{int.Parse(vm) - 97}",
            });
        }
    }

    [Fact]
    public void The_articles_four_VMs_are_pinned_in_one_plan_and_start_there()
    {
        var done = Set(["101", "102", "103", "104"]);
        Assert.Equal("VM 101, VM 102, VM 103, VM 104", done.Plan.Target);
        Assert.Equal(
            "set affinity of VM 101 (web) to 0-5,48-53 (6 cores of node 0, next to GPU 0000:4b:00.0), before: not set",
            done.Plan.Steps[0]);
        Assert.Equal(
            ["0-5,48-53", "6-11,54-59", "12-17,60-65", "18-23,66-71"],
            Enumerable.Range(101, 4).Select(v => _lab.Line(v, "affinity")));
        _lab.Start(102);
        var row = Rows().Single(r => r.VmId == 102);
        Assert.Equal(("Near", "6-11,54-59", "0-23,48-71"), (row.Verdict, row.RunningCpus, row.NearCpus));
        Assert.Equal(["0:16384"], row.RunningMemory);
        Assert.Empty(Set(["101", "102", "103", "104"]).Plan.Steps);
    }

    [Fact]
    public void A_VM_of_the_other_socket_gets_that_one_and_a_far_list_is_called_far()
    {
        _lab.Do(HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "104", Function = "0000:ca:00.4" });
        Set(["104"]);
        Assert.Equal("24-29,72-77", _lab.Line(104, "affinity"));
        Qm("set", "103", "--affinity", "24,40");
        Assert.Equal(["Unpinned", "Unpinned", "Far", "Near"], Rows().Select(r => r.Verdict));
    }

    [Fact]
    public void Others_pins_are_left_alone()
    {
        Qm("set", "104", "--affinity", "0-5,48-53");
        Set(["101"]);
        Assert.Equal("6-11,54-59", _lab.Line(101, "affinity"));
    }

    [Fact]
    public void Containers_with_a_list_of_their_own_are_left_alone_too()
    {
        _lab.PutFile("/etc/pve/nodes/pve1/lxc/200.conf", "lxc.cgroup2.cpuset.cpus: 0-5,48-53\n");
        _lab.PutFile("/etc/pve/nodes/pve1/lxc/201.conf", "cores: 4\n");
        Set(["101"]);
        Assert.Equal("6-11,54-59", _lab.Line(101, "affinity"));
        Refused<ResourceBusyException>(
            ErrorIds.CpusTaken, r => r with { Vms = ["102"], HostCpu = "5" }, "container 200", "pct reboot 200");
    }

    [Fact]
    public void Nodes_that_the_list_would_go_to_are_named_before_it_is_written()
    {
        _lab.Plan(HostUseCases.SetVmVgpuAffinity, Request(["101"], null));
        Assert.Empty(_lab.Warnings);
        Put("ha/resources.cfg", "vm: 101\n\n");
        Put("ha/rules.cfg", "node-affinity: a\n\tnodes pve1,pve3\n\tresources vm:101\n\tstrict 1\n\n");
        Put("nodes/pve2/qemu-server/999.conf", "");
        Put("nodes/pve3/qemu-server/998.conf", "");
        Put("replication.cfg", "local: 101-0\n\ttarget pve4\n\nlocal: 102-0\n\ttarget pve1\n");
        _lab.Plan(HostUseCases.SetVmVgpuAffinity, Request(["101", "102"], null));
        Assert.Contains("VM 101 (web) can start on pve3 (high availability), pve4 (replication) as well",
            Assert.Single(_lab.Warnings));

        void Put(string path, string text) => _lab.PutFile("/etc/pve/" + path, text);
    }

    [Theory]
    [InlineData(MemoryPolicy.Bind, "cpus=0-11,hostnodes=0,memory=16384,policy=bind")]
    [InlineData(MemoryPolicy.Preferred, "cpus=0-11,hostnodes=0,memory=16384,policy=preferred")]
    public void Memory_is_kept_near_with_sums_that_Proxmox_takes(MemoryPolicy policy, string line)
    {
        Set(["101"], r => r with { Memory = policy });
        Assert.Equal(("1", line), (_lab.Line(101, "numa"), _lab.Line(101, "numa0")));
        _lab.Start(101);
        var row = Rows()[0];
        Assert.Equal(policy.ToString(), row.Memory);
        Assert.Equal([0], row.MemoryNode);
        Assert.Equal(["0:16384"], row.RunningMemory);
    }

    [Fact]
    public void What_stood_there_before_stands_there_again()
    {
        Qm("set", "101", "--affinity", "0-3", "--numa", "0");
        Set(["101"], r => r with { Memory = MemoryPolicy.Bind });
        Set(["101"], r => r with { HostCpu = "7-8" });
        Assert.Equal(("7-8", null), (_lab.Line(101, "affinity"), _lab.Line(101, "numa0")));
        var done = Remove("101");
        Assert.Contains("set affinity of VM 101 (web) to 0-3 again, before: 7-8", done.Plan.Steps);
        Assert.Equal(("0-3", "0"), (_lab.Line(101, "affinity"), _lab.Line(101, "numa")));
        _lab.Refuses<InvalidRequestException, RemoveVmVgpuAffinityRequest>(
            HostUseCases.RemoveVmVgpuAffinity, new RemoveVmVgpuAffinityRequest { Vm = "101" },
            ErrorIds.AffinityNotOurs, "0-3", "was not set by");
        Set(["102"]);
        Remove("102");
        Assert.Null(_lab.Line(102, "affinity"));
        Assert.Empty(Remove("102").Plan.Steps);
    }

    [Fact]
    public void Lines_that_somebody_changed_since_stay()
    {
        Set(["101"]);
        Qm("set", "101", "--affinity", "9");
        _lab.Refuses<InvalidRequestException, RemoveVmVgpuAffinityRequest>(
            HostUseCases.RemoveVmVgpuAffinity, new RemoveVmVgpuAffinityRequest { Vm = "101" },
            ErrorIds.AffinityNotOurs, "was changed since");
    }

    [Fact]
    public void Lines_that_somebody_has_taken_out_are_not_missed()
    {
        Set(["101"], r => r with { Memory = MemoryPolicy.Bind });
        Qm("set", "101", "--delete", "affinity");
        _lab.Refuses<InvalidRequestException, RemoveVmVgpuAffinityRequest>(
            HostUseCases.RemoveVmVgpuAffinity, new RemoveVmVgpuAffinityRequest { Vm = "101" },
            ErrorIds.AffinityNotOurs, "affinity of VM 101 (web) was changed", "qm set 101 --delete numa,numa0");
        Qm("set", "101", "--delete", "numa,numa0");
        Assert.Empty(Remove("101").Plan.Steps);
        Assert.Empty(_lab.Ports.Affinity.Load().Vms);
    }

    [Fact]
    public void A_running_VM_has_it_at_its_next_start()
    {
        _lab.Start(101);
        Assert.Contains("stop and start VM 101 (web), which runs: affinity takes effect at its next cold start",
            Set(["101"]).Plan.Steps);
        Assert.Equal(("Near", "0-95"), (Rows()[0].Verdict, Rows()[0].RunningCpus));
    }

    [Fact]
    public void What_cannot_be_is_refused_before_anything_is_changed()
    {
        _lab.Do(HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "104" });
        Refused<ObjectNotFoundException>(ErrorIds.VgpuNotFound, r => r with { Vms = ["104"] }, "VM 104", "Add-VmVgpu");
        Refused<InvalidRequestException>(ErrorIds.VmIsTemplate, r => r with { Vms = ["900"] }, "template");
        Refused<InvalidRequestException>(
            ErrorIds.InvalidCpuList, r => r with { HostCpu = "24-29" }, "is on node 0", "0-23,48-71");
        Refused<InvalidRequestException>(ErrorIds.InvalidCpuList, r => r with { HostCpu = "5-0" }, "'5-0'");
        Refused<InvalidRequestException>(ErrorIds.InvalidCpuList, r => r with { HostCpu = "96" }, "not online");
        Qm("set", "102", "--affinity", "0-3");
        Refused<ResourceBusyException>(ErrorIds.CpusTaken, r => r with { HostCpu = "3-4" }, "VM 102 is pinned to 0-3");
        Qm("set", "102", "--affinity", "0-23,48-71");
        Refused<ResourceBusyException>(
            ErrorIds.CpusTaken, r => r with { Policy = AffinityPolicy.Required }, "VM 102 has 0-23,48-71", "-Policy");
        Qm("set", "101", "--numa", "1", "--numa0", "cpus=0-11,memory=16384");
        Refused<InvalidRequestException>(
            ErrorIds.ConflictingParameters, r => r with { Memory = MemoryPolicy.Bind }, "NUMA nodes of its own");
        Qm("set", "101", "--delete", "numa0", "--hugepages", "1024", "--memory", "16000");
        Refused<InvalidRequestException>(
            ErrorIds.ConflictingParameters, r => r with { Memory = MemoryPolicy.Bind }, "16000", "1024", "15360");
        Refused<InvalidRequestException>(
            ErrorIds.ConflictingParameters, r => r with { Vms = ["101", "103"], HostCpu = "30-31" },
            "VM 101, VM 103 would all be pinned to CPUs 30-31", "name one VM");
    }

    [Theory]
    [InlineData("hugepages", "any", "16385", "huge pages of 2 MiB do not divide", "--memory 16384")]
    [InlineData("hotplug", "disk,network,memory", "16384", "memory hotplug", "--hotplug disk,network")]
    [InlineData("hotplug", "memory", "16384", "memory hotplug", "--hotplug 0")]
    [InlineData("onboot", "1", "9999999", "9999999 MiB", "would never start")]
    public void Memory_that_Proxmox_would_refuse_at_the_start_is_not_bound(
        string key, string value, string memory, string fact, string action)
    {
        Qm("set", "101", $"--{key}", value, "--memory", memory);
        Refused<InvalidRequestException>(
            ErrorIds.ConflictingParameters, r => r with { Memory = MemoryPolicy.Bind }, fact, action);
        Set(["101"]);
        Assert.Equal(("1-6,49-54", null), (_lab.Line(101, "affinity"), _lab.Line(101, "numa0")));
    }

    [Fact]
    public void The_lab_starts_no_VM_with_memory_hotplug_and_NUMA_nodes_of_its_own()
    {
        Qm("set", "101", "--numa", "1", "--numa0", "cpus=0-11,memory=16384", "--hotplug", "memory");
        Assert.Contains("memory hotplugging with custom NUMA", _lab.Node.Start(101).Error, StringComparison.Ordinal);
        Qm("set", "101", "--hotplug", "0");
        _lab.Start(101);
    }

    [Fact]
    public void CPUs_that_a_VM_runs_on_until_its_next_start_are_taken_too()
    {
        Set(["101"]);
        _lab.Start(101);
        Set(["101"], r => r with { HostCpu = "6-11" });
        Set(["102"]);
        Assert.Equal("12-17,60-65", _lab.Line(102, "affinity"));
    }

    [Fact]
    public void A_change_that_Proxmox_refuses_forgets_nothing_of_what_was_there_before()
    {
        Qm("set", "101", "--affinity", "40-47");
        Set(["101"]);
        using (_lab.Host.Files.TryLock("/run/lock/qemu-server/lock-101.conf", FileModes.Mode644))
        {
            Assert.Throws<ResourceBusyException>(() => _lab.Run(
                HostUseCases.SetVmVgpuAffinity, Request(["101"], r => r with { HostCpu = "7-8" }), isPlanOnly: false));
        }

        Remove("101");
        Assert.Equal("40-47", _lab.Line(101, "affinity"));
    }

    [Fact]
    public void Memory_that_is_not_bound_any_more_names_only_what_changes()
    {
        Qm("set", "101", "--numa", "1");
        Set(["101"], r => r with { Memory = MemoryPolicy.Bind });
        Assert.Equal(
            ["delete numa0 of VM 101 (web), before: cpus=0-11,hostnodes=0,memory=16384,policy=bind"],
            Set(["101"]).Plan.Steps);
        Assert.Equal("1", _lab.Line(101, "numa"));
    }

    private ChangeResult Set(
        string[] vms, Func<SetVmVgpuAffinityRequest, SetVmVgpuAffinityRequest>? change = null) =>
        _lab.Do(HostUseCases.SetVmVgpuAffinity, Request(vms, change));

    private void Refused<T>(
        string id, Func<SetVmVgpuAffinityRequest, SetVmVgpuAffinityRequest> change, params string[] words)
        where T : VgpuException =>
        _lab.Refuses<T, SetVmVgpuAffinityRequest>(
            HostUseCases.SetVmVgpuAffinity, Request(["101"], change), id, words);

    private static SetVmVgpuAffinityRequest Request(
        string[] vms, Func<SetVmVgpuAffinityRequest, SetVmVgpuAffinityRequest>? change)
    {
        var request = new SetVmVgpuAffinityRequest { Vms = vms };
        return change is null ? request : change(request);
    }

    private ChangeResult Remove(string vm) =>
        _lab.Do(HostUseCases.RemoveVmVgpuAffinity, new RemoveVmVgpuAffinityRequest { Vm = vm });

    private IReadOnlyList<VmVgpuAffinityInfo> Rows() =>
        new ReadHost(_lab.Ports).Run(new ReadHostRequest(WithAffinity: true)).Affinity!;

    private void Qm(params string[] arguments)
    {
        var result = _lab.Host.Processes.RunAsync(
            new("/usr/sbin/qm", arguments, TimeSpan.FromMinutes(1)), default).Result;
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
