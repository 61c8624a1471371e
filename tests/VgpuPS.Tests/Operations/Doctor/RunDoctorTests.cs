using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations.Doctor;

/// <summary>The doctor: each fault brings exactly its own finding, a host that is well brings none, and nothing is
/// changed.</summary>
public sealed class RunDoctorTests
{
    public static TheoryData<string> Faults => new(HostFaults.All.Select(f => f.Name));

    public static TheoryData<string, LabLoader, LabCpu, bool> Hosts => new(
        from pve in (string[])["8.4", "9.2"]
        from loader in Enum.GetValues<LabLoader>()
        from cpu in Enum.GetValues<LabCpu>()
        from secure in (bool[])[false, true]
        where !secure || loader != LabLoader.SystemdBoot
        select (pve, loader, cpu, secure));

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_brings_its_finding_and_no_other(string name)
    {
        var fault = HostFaults.All.Single(f => f.Name == name);
        var found = Ask(fault.Make());
        Assert.Equal([fault.Id], found.Findings.Select(c => c.Check));
        Assert.All(found.Findings, c =>
            Assert.True(c is { Evidence.Length: > 0, Cause.Length: > 0, RecommendedAction.Length: > 0 }, c.ToString()));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Host_that_is_well_brings_none(string pve, LabLoader loader, LabCpu cpu, bool secure) =>
        Assert.Empty(Ask(LabHostNode.Create(
        new LabOptions
        {
            PveVersion = pve,
            Loader = loader,
            Cpu = cpu,
            IsSecureBoot = secure,
            WithVms = true
        })).Findings);

    [Fact]
    public void Bare_host_lacks_the_driver_and_has_nouveau() => Assert.Equal(
        ["NouveauLoaded", "DriverMissing"],
        Ask(LabHostNode.Create(new LabOptions { IsBare = true })).Findings.Select(c => c.Check));

    /// <summary>What is in effect and what waits differ: the next start uses what waits.</summary>
    [Fact]
    public void Entry_that_is_wrong_and_waits_to_be_changed_brings_no_finding()
    {
        var fault = HostFaults.All.Single(f => f.Name == "VgpuTypeUnknown");
        var node = fault.Make();
        var path = node.ConfigPath(new VmId(201));
        node.Host.Put(path, System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 16))
            + $"\n[PENDING]\nhostpci0: {HostFault.Function},mdev={HostFault.TimeSliced}\n");
        Assert.Empty(Ask(node).Findings);
    }

    [Fact]
    public void Every_fault_of_the_catalogue_was_tried() =>
        Assert.Empty(CheckCatalogue.Names.Select(n => n.Id).Except(HostFaults.All.Select(f => f.Id)));

    [Fact]
    public void Catalogue_has_at_least_forty_names_of_their_own()
    {
        Assert.InRange(CheckCatalogue.Names.Count, 40, 200);
        Assert.Equal(CheckCatalogue.Names.Count, CheckCatalogue.Names.Select(n => n.Id).Distinct().Count());
    }

    /// <summary>A cluster's mapping can have thousands of lines, and each VM names it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_mapping_and_its_hardware_are_read_once_however_many_VMs_name_it(bool isRight)
    {
        var (few, many) = (Reads(3), Reads(60));
        Assert.InRange(few.Mapping, 1, 6);
        Assert.Equal(few.Mapping, many.Mapping);

        // An entry that cannot be used is looked at again for each VM, whose finding names it; the others are not.
        Assert.InRange(many.Devices, few.Devices, few.Devices + (isRight ? 0 : 57 * 3));

        (int Mapping, int Devices) Reads(int vms)
        {
            var node = LabNodes.Of(["A30"], LabBackend.Vfio, mig: false);
            node.MapFunctions(
                "gpu", [.. Enumerable.Range(4, 4).Select(n => $"0000:4b:00.{n}"), .. isRight
                    ? (string[])[] : ["0000:4b:00.0"]]);
            foreach (var vm in Enumerable.Range(101, vms))
            {
                node.CreateVm(new VmId(vm), "0=mapping=gpu,mdev=nvidia-684");
            }

            var calls = new List<string>();
            node.Host.Gate.Passing = (name, _) => calls.Add(name);
            Ask(node);
            node.Host.Gate.Passing = null;
            return (calls.Count(c => c == "read /etc/pve/mapping/pci.cfg"),
                calls.Count(c => c.StartsWith("read /sys/bus/pci/devices/", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Nothing_is_changed()
    {
        var node = LabHostNode.Create(new LabOptions { WithVms = true });
        var before = HostSnapshot.Take(node);
        Ask(node);
        Assert.Equal(before, HostSnapshot.Take(node));
    }

    [Fact]
    public void Check_that_needs_root_is_skipped_and_says_so()
    {
        var node = LabHostNode.Create(new LabOptions { WithVms = true });
        node.Host.Edit(s => s.Setup.CallersAreUnprivileged = true);
        var found = Ask(node);
        Assert.Empty(found.Findings);
        var skipped = found.Checks.Single(c => c.Check == "MmioTooSmall");
        Assert.Equal(nameof(CheckVerdict.Skipped), skipped.Verdict);
        Assert.Contains("root", skipped.Evidence, StringComparison.Ordinal);
        Assert.Contains(found.Checks, c => c is { Check: "IommuOff", Verdict: nameof(CheckVerdict.Passed) });
    }

    [Theory]
    [InlineData("Iommu*", 2)]
    [InlineData("NOUVEAU*", 2)]
    [InlineData("Licensing", 3)]
    [InlineData("None*", 0)]
    public void Names_wildcards_and_areas_choose_checks(string name, int count) =>
        Assert.Equal(count, Ask(LabHostNode.Create(), name).Checks.Count);

    [Fact]
    public void Name_of_no_check_is_refused() => Assert.Equal(
        ErrorIds.CheckNotFound,
        Assert.Throws<InvalidRequestException>(() => Ask(LabHostNode.Create(), "Iomu")).ErrorId);

    [Fact]
    public void Host_face_tells_of_findings_and_ends_with_1()
    {
        var node = HostFaults.All.Single(f => f.Name == "VgpudFailed").Make();
        var said = node.Hook("doctor");
        Assert.Equal(1, said.ExitCode);
        Assert.Contains(
            "FAILED  VgpudFailed: nvidia-vgpud.service: failed (exit-code)", said.Output, StringComparison.Ordinal);
        Assert.Contains(
            "do: see why, and run it again: journalctl -b -u nvidia-vgpud", said.Output, StringComparison.Ordinal);
        Assert.Equal(0, node.Hook("doctor", "Iommu*").ExitCode);
        Assert.StartsWith("{\"checks\":[", node.Hook("doctor", "--json").Output, StringComparison.Ordinal);
        Assert.Equal(64, node.Hook("doctor", "nothing").ExitCode);
    }

    /// <summary>A host has no PowerShell: what it is advised to do is typed in a shell.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Host_face_advises_what_a_host_has(string name)
    {
        var fault = HostFaults.All.Single(f => f.Name == name);
        var found = await new RunDoctor(fault.Make().Connect(_ => { })).RunAsync(
            new RunDoctorRequest { ForHost = true }, TestContext.Current.CancellationToken);
        foreach (var check in found.Findings)
        {
            var own = check.RecommendedAction!.Split("from PowerShell on a workstation")[0];
            Assert.DoesNotMatch("\\b(Get|Set|New|Add|Remove|Enable|Disable|Test|Sync|Export|Initialize)-[A-Z]", own);
            Assert.InRange(own.Length, 20, 2000);
        }
    }

    internal static RunDoctorResult Ask(LabHostNode node, params string[] checks) =>
        new RunDoctor(node.Connect(_ => { }))
        .RunAsync(new RunDoctorRequest { Checks = checks }, default).GetAwaiter().GetResult();
}
