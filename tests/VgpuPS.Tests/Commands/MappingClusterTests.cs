using System.Management.Automation;
using System.Text;
using VgpuPS.Core.Rows;
using VgpuPS.Lab.Cluster;
using Xunit;

namespace VgpuPS.Tests.Commands;

/// <summary>Mappings over the nodes of a cluster, and what keeps them from being written.</summary>
public sealed class MappingClusterTests : EngineTests
{
    private const string Mappings = "/etc/pve/mapping/pci.cfg";
    private const string Make = "$null = New-VgpuMapping gpu -Gpu 0 -Session pve1,pve2";

    // Another vendor's device of a node, and one that another node has; both as a person wrote them.
    private const string Foreign = "node=pve1,path=0000:03:00.0,id=8086:1572";
    private const string Elsewhere = "description=by hand,id=10de:26b9,iommugroup=12,node=pve3,path=0000:81:00.4";

    [Fact]
    public async Task Made_once_for_two_nodes_VMs_start_from_it_on_either_and_go_to_the_other()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        Run(Make);
        Assert.Equal(["pve1", "pve2"], Values("Get-VgpuMapping gpu -Session pve2 | Select-Object -Expand Nodes"));
        Run("Add-VmVgpu 101 A30-6C -Mapping gpu; Add-VmVgpu 201 A30-6C -Mapping gpu; "
            + "Start-LabVm 101 -Session pve1; Start-LabVm 201 -Session pve2");
        Assert.Equal([101, 201], Values("Get-VgpuMapping gpu -Session pve1 | Select-Object -Expand UsedBy"));
        Run("Stop-LabVm 101 -Session pve1");
        lab.Ok(0, "/usr/sbin/qm", "migrate", "101", "pve2");
        Run("Start-LabVm 101 -Session pve2");
        Assert.Equal(2, lab[1].State.Gpus[0].Vgpus.Count(v => v.Holder is not null));
        Assert.Equal([true], Values("Test-VgpuMapping gpu -Session pve1,pve2 -Quiet"));
        Assert.Equal(["Entries"], Values("(Test-VgpuMapping gpu -Session pve3 | Where-Object -Not Passed).Check"));
    }

    [Fact]
    public async Task Another_nodes_and_another_vendors_entries_are_kept_as_they_are_read()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        Run("$null = New-VgpuMapping gpu -Gpu 0 -Session pve1");
        lab[0].Put(Mappings, Read(lab).Replace(
            "\tmdev 1", $"\tmap {Foreign}\n\tmap {Elsewhere}\n\tmdev 1", StringComparison.Ordinal));
        Run("Sync-VgpuMapping gpu -Gpu 0 -Session pve2");
        var lines = Read(lab).Split('\n');
        Assert.Contains("\tmap " + Foreign, lines);
        Assert.Contains("\tmap " + Elsewhere, lines);
        Assert.Equal(16, lines.Count(l => l.Contains("node=pve2", StringComparison.Ordinal)));
        Assert.Equal(
            ["Vendor", "Hardware"], Values("(Test-VgpuMapping gpu -Session pve1 | Where-Object -Not Passed).Check"));
    }

    [Fact]
    public async Task What_changed_is_corrected_and_what_a_VM_has_stays()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        Run("$null = New-VgpuMapping gpu -Gpu 0 -Session pve1; Add-VmVgpu 101 A30-6C -Mapping gpu; "
            + "Start-LabVm 101 -Session pve1");
        var right = Read(lab);
        var gone = "\tmap id=10de:20b7,node=pve1,path=0000:4b:02.{0},subsystem-id=10de:1532\n";
        lab[0].Put(Mappings, right.Replace("iommugroup=", "iommugroup=9", StringComparison.Ordinal).Replace(
            "\tmdev 1", string.Format(null, gone, 4) + string.Format(null, gone, 5) + "\tmdev 1",
            StringComparison.Ordinal));
        var reservations = Encoding.ASCII.GetString(lab[0].Files.Read("/run/qemu-server/pci-id-reservations", 4096));
        lab[0].Put(
            "/run/qemu-server/pci-id-reservations",
            reservations + reservations.Replace("0000:4b:00.4", "0000:4b:02.4", StringComparison.Ordinal));
        Assert.Equal(["Hardware"], Values("(Test-VgpuMapping gpu -Session pve1 | Where-Object -Not Passed).Check"));
        var plan = string.Join('\n', Run("Sync-VgpuMapping gpu -Session pve1 -WhatIf").Printed);
        Assert.Contains("remove 0000:4b:02.5 of node pve1", plan, StringComparison.Ordinal);
        Assert.Contains("correct the entries of 16 functions", plan, StringComparison.Ordinal);
        Assert.Contains("keep 0000:4b:02.4, which a VM has", plan, StringComparison.Ordinal);
        Run("Sync-VgpuMapping gpu -Session pve1");
        Assert.Equal(
            right.Replace("\tmdev 1", string.Format(null, gone, 4) + "\tmdev 1", StringComparison.Ordinal), Read(lab));
        Run("Stop-LabVm 101 -Session pve1; Sync-VgpuMapping gpu -Session pve1");
        Assert.Equal(right, Read(lab));
    }

    [Fact]
    public async Task A_name_of_another_vendor_is_taken_and_is_not_synced()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        lab.Pvesh(0, "create", "/cluster/mapping/pci", "--id", "nic", "--map", Foreign);
        AssertRefused(
            "New-VgpuMapping nic -Gpu 0 -Session pve1", "MappingExists", ErrorCategory.InvalidArgument,
            "another vendor: 8086:1572 of node pve1", "another name");
        AssertRefused(
            "Sync-VgpuMapping nic -Session pve1", "MappingUnusable", ErrorCategory.InvalidArgument, "8086:1572");
        Assert.Empty(Values("Get-VgpuMapping"));
    }

    [Fact]
    public async Task A_node_that_is_down_is_said_and_the_other_one_is_mapped()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        lab[1].StopNode();
        var failed = Assert.Single(Try(Make).Errors);
        Assert.StartsWith("HostUnreachable,", failed.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["pve1"], One<VgpuMappingInfo>("Get-VgpuMapping gpu -Session pve1").Nodes);
    }

    [Fact]
    public async Task Without_quorum_nothing_is_written_and_it_is_said_before_any_question()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        Run("$null = New-VgpuMapping gpu -Gpu 0 -Session pve1");
        lab[0].SplitCluster(true);
        foreach (var line in new[]
        {
            "New-VgpuMapping other -Gpu 0 -Session pve1 -WhatIf", "Sync-VgpuMapping gpu -Gpu 0 -Session pve2",
            "Remove-VgpuMapping gpu -Session pve1 -Confirm:$false",
        })
        {
            AssertRefused(line, "NoQuorum", ErrorCategory.NotEnabled, "quorum", "pvecm status");
        }

        Assert.Contains("Quorum", Values("(Test-VgpuMapping gpu -Session pve1 | Where-Object -Not Passed).Check"));
    }

    [Fact]
    public async Task Without_quorum_no_VM_is_changed_or_started_and_one_that_runs_stops()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        Run("Enable-Sriov 0 -Session pve1; Add-VmVgpu 101 A30-6C; Add-VmVgpu 102 A30-6C; Start-VgpuVm 102; "
            + "Set-VmVgpuAffinity 102");
        lab[0].SplitCluster(true);
        foreach (var line in new[]
        {
            "Set-VmVgpuAffinity 101", "Add-VmVgpu 103 A30-6C", "Set-VmVgpu 101 -Type A30-12C",
            "Remove-VmVgpu 101 -Confirm:$false", "Remove-VmVgpuAffinity 102 -Confirm:$false", "Start-VgpuVm 101",
        })
        {
            AssertRefused(line, "NoQuorum", ErrorCategory.NotEnabled, "no quorum", "pvecm status");
        }

        Run("Stop-VgpuVm 102");
        Assert.Equal("stopped", One<VgpuVmInfo>("Get-VgpuVm 102").Status);
    }

    [Fact]
    public async Task A_lock_that_hangs_is_named_as_such()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        CfsLock.Hold(lab[2], CfsLock.Mappings);
        AssertRefused(
            "New-VgpuMapping gpu -Gpu 0 -Session pve1", "ClusterLocked", ErrorCategory.ResourceBusy,
            "got lock request timeout", "two minutes");
        Assert.Empty(Values("Get-VgpuMapping"));
    }

    [Fact]
    public async Task What_somebody_writes_meanwhile_is_not_overwritten()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        Run("$null = New-VgpuMapping gpu -Gpu 0 -Session pve1");
        lab[1].Processes.CommandLines = line =>
        {
            if (line.StartsWith("/usr/bin/pvesh set", StringComparison.Ordinal))
            {
                lab[1].Processes.CommandLines = null;
                lab.Pvesh(0, "create", "/cluster/mapping/pci", "--id", "theirs", "--map", Foreign);
            }
        };
        AssertRefused(
            "Sync-VgpuMapping gpu -Gpu 0 -Session pve2", "MappingChanged", ErrorCategory.ResourceBusy,
            "detected modified configuration", "try again");
        Assert.DoesNotContain("node=pve2", Read(lab), StringComparison.Ordinal);
        Run("Sync-VgpuMapping gpu -Gpu 0 -Session pve2");
        Assert.Contains("node=pve2", Read(lab), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_is_not_kept_is_no_success()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        lab[0].Processes.Programs["/usr/bin/pvesh"] = request => request.Arguments[0] == "create"
            ? new(0, null, false, 0, "", "") : new(2, null, false, 0, "", "mapping 'gpu' not found\n");
        AssertRefused(
            "New-VgpuMapping gpu -Gpu 0 -Session pve1", "ReadBackMismatch", ErrorCategory.InvalidResult, "0 entries");
    }

    [Fact]
    public async Task Rows_of_all_nodes_remove_a_mapping_once()
    {
        await LabClusters.OpenSessionsAsync();
        Run(Make);
        Assert.Empty(Try("Get-VgpuMapping gpu | Remove-VgpuMapping -Confirm:$false").Errors);
        Assert.Empty(Values("Get-VgpuMapping"));
        Run(Make + "; Remove-VgpuMapping gpu -Session * -Confirm:$false");
        AssertRefused(
            "Remove-VgpuMapping gpu -Session pve1 -Confirm:$false", "MappingNotFound", ErrorCategory.ObjectNotFound,
            "gpu");
    }

    [Fact]
    public async Task A_name_that_is_none_is_said_once_and_the_others_are_tested()
    {
        await LabClusters.OpenSessionsAsync();
        Run(Make);
        var tried = Try("Test-VgpuMapping gpu,nothing");
        Assert.Single(tried.Errors);
        Assert.Equal(
            ["pve1", "pve2", "pve3"], Values("(Test-VgpuMapping g*,nothing -ErrorAction Ignore).Node | Get-Unique"));
        Assert.Empty(Values("Test-VgpuMapping x*"));
        Assert.Equal([true], Values("Test-VgpuMapping g* -Session pve1,pve2 -Quiet"));
    }

    [Fact]
    public async Task A_VM_of_a_node_without_entries_is_told_how_to_get_some()
    {
        await LabClusters.OpenSessionsAsync();
        Run(Make);
        AssertRefused(
            "Add-VmVgpu 301 L40S-6Q -Mapping gpu", "MappingNotFound", ErrorCategory.ObjectNotFound,
            "no entry for node pve3", "Sync-VgpuMapping gpu -Gpu 0");
        AssertRefused(
            "Add-VmVgpu 101 A30-6C -Mapping nothing", "MappingNotFound", ErrorCategory.ObjectNotFound, "nothing",
            "New-VgpuMapping nothing -Gpu 0");
    }

    [Fact]
    public async Task Other_mappings_functions_are_left_to_them()
    {
        var lab = await LabClusters.OpenSessionsAsync();
        lab.Map("first", false, (0, "0000:4b:00.4"), (0, "0000:4b:00.5"));
        lab.Map("second", false, (0, "0000:4b:00.6"));
        Run("Sync-VgpuMapping first -Session pve1");
        Assert.Equal(15, One<VgpuMappingInfo>("Get-VgpuMapping first -Session pve1").FunctionAddress.Count);
        Assert.Equal([true], Values("Test-VgpuMapping first -Session pve1 -Quiet"));
    }

    private static string Read(LabClusters lab) => Encoding.UTF8.GetString(lab[0].Files.Read(Mappings, 1 << 20));
}
