using System.Text;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Cluster mappings: Proxmox chooses, the hook sees to it that any choice works.</summary>
/// <remarks>Source: facts/proxmox.md (c); recordings map-*, mdev-mapping-second-card.</remarks>
public sealed class MappingTests
{
    private const string Type = $"/sys/bus/pci/devices/{Situation.Second}/nvidia/current_vgpu_type";
    private const string Mapping = "/etc/pve/mapping/pci.cfg";

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_mapping_over_two_GPUs_is_filled_on_both_and_no_further(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend, models: ["A30", "A30"]);
        s.Node.MapFunctions(
            "gpus", "0000:4b:00.4", "0000:ca:00.4", "0000:4b:00.5", "0000:ca:00.5", "0000:4b:00.6", "0000:ca:00.6");
        var before = s.Node.Snapshot();
        for (var vm = 101; vm <= 105; vm++)
        {
            s.Vm(vm, "0=mapping=gpus,mdev=nvidia-690");
        }

        for (var vm = 101; vm <= 104; vm++)
        {
            s.Starts(vm);
        }

        s.Refuses(105, "insufficient capacity for A30-2-12C", "GPU 0000:4b:00.0", "GPU 0000:ca:00.0");
        Assert.All(s.Host.State.Gpus, g => Assert.Equal(2, g.Vgpus.Select(v => v.GpuInstance).Distinct().Count()));
        for (var vm = 101; vm <= 104; vm++)
        {
            s.Stops(vm);
        }

        s.Is(before);
    }

    /// <summary>Room must suffice whichever of two prepared VMs Proxmox serves first.</summary>
    [Theory]
    [InlineData("8.4", 101)]
    [InlineData("8.4", 102)]
    [InlineData("9.2", 101)]
    [InlineData("9.2", 102)]
    public void Two_VMs_prepared_side_by_side_start_in_either_order(string pve, int first)
    {
        var s = Situation.Of(pve, LabBackend.Vfio, models: ["A30", "A30"]);
        s.Node.MapFunctions("gpus", "0000:4b:00.4", "0000:ca:00.4");
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690").Vm(102, "0=mapping=gpus,mdev=nvidia-689");
        using (s.HoldConfigLock(101))
        using (s.HoldConfigLock(102))
        {
            Assert.True(s.Node.Hook("101", "pre-start").Succeeded);
            Assert.True(s.Node.Hook("102", "pre-start").Succeeded);
        }

        // Proxmox's own part alone, as after both pre-starts.
        s.WithoutHook(first);
        s.Starts(first);
        s.WithoutHook(first == 101 ? 102 : 101);
        s.Starts(first == 101 ? 102 : 101);
        Assert.Equal(2, s.Host.State.Gpus.Sum(g => g.Vgpus.Count(v => v.Holder is not null)));
    }

    /// <summary>
    /// A person's preset on a later function is ignored by Proxmox: the hook neither relies on it nor adds one. While
    /// it is there nobody tells which instance carries it, so none of the profile goes.
    /// </summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_preset_type_on_a_later_function_stays_a_persons(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.PersonCreates("2g.12gb", new(2, 2), computeSlices: 2);
        s.Host.Files.WriteAttribute(Type, "690");
        var before = s.Node.Snapshot();
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690");
        s.Starts(101);
        Assert.Equal(Situation.First, Assert.Single(s.Gpu().Vgpus, v => v.Holder is not null).Function);
        Assert.Equal(2, s.Gpu().Vgpus.Count);
        s.Stops(101);
        Assert.Equal(Situation.Second, Assert.Single(s.Gpu().Vgpus).Function);

        s.Host.Files.WriteAttribute(Type, "0");
        s.Sweeps();
        s.Host.Files.WriteAttribute(Type, "690");
        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void Functions_of_a_mapping_that_are_off_are_enabled(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Host.Edit(state => state.Gpus[0].FunctionCount = 0);
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690");
        s.Starts(101);
        Assert.Equal(16, s.Gpu().FunctionCount);
        Assert.NotNull(Assert.Single(s.Gpu().Vgpus).Holder);
    }

    /// <summary>One entry that does not match blocks the whole mapping: said in Proxmox's words before anything is
    /// made.</summary>
    [Theory]
    [InlineData("iommugroup=19204", "iommugroup=77", "iommugroup")]
    [InlineData("id=10de:20b7", "id=10de:20B7", "id")]
    [InlineData("mdev 1", "mdev 0", "mdev")]
    [InlineData("subsystem-id=10de:0000", "subsystem-id=10de:ffff", "subsystem-id")]
    public void A_mapping_that_no_longer_matches_is_refused_before_anything_is_made(string old, string now, string what)
    {
        foreach (var (pve, backend) in Situation.Hosts.Select(h => (h.Data.Item1, h.Data.Item2)))
        {
            var s = Situation.Of(pve, backend);
            s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
            var text = Encoding.UTF8.GetString(s.Host.Files.Read(Mapping, 1 << 16));
            var group = s.Node.Connect(_ => { }).Devices.FindFunction(
                VgpuPS.Core.Gpu.PciAddress.Parse(Situation.First))!.IommuGroup;
            var wrong = text.Replace(
                old == "iommugroup=19204" ? $"iommugroup={group}" : old, now, StringComparison.Ordinal);
            Assert.NotEqual(text, wrong);
            s.Host.Put(Mapping, wrong);
            var before = s.Node.Snapshot();
            s.Vm(101, "0=mapping=gpus,mdev=nvidia-690");
            s.Refuses(101, "Proxmox will refuse mapping gpus", what, "pvesh set /cluster/mapping/pci/gpus --map");
            s.Is(before);
        }
    }

    /// <summary>What the mapping must be compared with is there after the refusal, and enabled once only.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void Functions_enabled_for_a_mapping_that_does_not_match_stay(string pve, LabBackend backend)
    {
        var s = Mismatched(
            pve, backend, text => text.Replace("iommugroup=1", "iommugroup=9", StringComparison.Ordinal));
        var plan = s.Node.Hook("plan", "101");
        Assert.Contains(
            "would compare mapping gpus with the functions that exist then", plan.Output, StringComparison.Ordinal);
        Assert.Equal(0, s.Gpu().FunctionCount);
        s.Refuses(101, "'iommugroup' does not match", "virtual functions of GPU 0000:4b:00.0, enabled for this start, "
            + "stay enabled", "pvesh set /cluster/mapping/pci/gpus --map");
        Assert.Equal((16, 0, 0), (s.Gpu().FunctionCount, s.Gpu().Instances.Count, s.Claims.Claims.Count));

        var calls = s.Trace(() => s.Refuses(101, "'iommugroup' does not match"), "hook 101 pre-start");
        Assert.NotEmpty(calls);
        Assert.DoesNotContain(calls, c => c.Contains("sriov-manage", StringComparison.Ordinal));
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Starts(101);
    }

    /// <summary>What no function can match is said before any is enabled.</summary>
    [Theory]
    [InlineData("id=10de:20b7", "id=10de:20B7", "'id' does not match")]
    [InlineData(",subsystem-id=10de:0000", "", "missing expected property 'subsystem-id'")]
    [InlineData("mdev 1", "mdev 0", "'mdev' does not match")]
    public void What_no_function_can_match_is_foreseen(string old, string now, string what)
    {
        foreach (var backend in (LabBackend[])[LabBackend.Vfio, LabBackend.Mdev])
        {
            var s = Mismatched("9.2", backend, text => text.Replace(old, now, StringComparison.Ordinal));
            var before = s.Node.Snapshot();
            var plan = s.Node.Hook("plan", "101");
            Assert.Equal(69, plan.ExitCode);
            Assert.Contains(what, plan.Error, StringComparison.Ordinal);
            s.Refuses(101, what, "enable the functions", "/usr/lib/nvidia/sriov-manage -e 0000:4b:00.0");
            s.Is(before);
        }
    }

    /// <summary>A mapping that is as <paramref name="change"/> says, of functions that are off.</summary>
    private static Situation Mismatched(string pve, LabBackend backend, Func<string, string> change)
    {
        var s = Situation.Of(pve, backend);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        var text = Encoding.UTF8.GetString(s.Host.Files.Read(Mapping, 1 << 16));
        Assert.NotEqual(text, change(text));
        s.Host.Put(Mapping, change(text));
        s.Host.Edit(state => state.Gpus[0].FunctionCount = 0);
        return s.Vm(101, "0=mapping=gpus,mdev=nvidia-690");
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void One_missing_function_of_a_mapping_refuses_it(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend);
        s.Node.MapFunctions("gpus", Situation.First);
        var text = Encoding.UTF8.GetString(s.Host.Files.Read(Mapping, 1 << 16));
        var line = text.Split('\n')[2].Replace(Situation.First, "0000:4b:02.4", StringComparison.Ordinal);
        s.Host.Put(Mapping, text + line + "\n");
        var before = s.Node.Snapshot();
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-690");
        s.Refuses(101, "0000:4b:02.4", "  do: ");
        s.Is(before);
    }

    /// <summary>Case 20: the command that is advised makes the VM start, keeps entries of other nodes, and the VM keeps
    /// its mapping.</summary>
    [Theory]
    [InlineData("path=0000:4b:00.4", "path=0000:4b:00")]
    [InlineData("path=0000:4b:00.4", "path=0000:4b:00.0")]
    [InlineData("path=0000:4b:00.4", "path=0000:99:00.4")]
    [InlineData("path=0000:4b:00.4", "path=0000:4b:00.4;0000:4b:00.5")]
    [InlineData("iommugroup=1", "iommugroup=9")]
    [InlineData("id=10de:20b7", "id=10df:20b7")]
    [InlineData("\tmdev 1\n", "")]
    public void The_command_that_is_advised_puts_a_mapping_right(string old, string now)
    {
        const string Other = "node=pve2,path=0000:41:00.4,id=10de:20b7,iommugroup=7,description=the other's";
        foreach (var (pve, backend) in Situation.Hosts.Select(h => (h.Data.Item1, h.Data.Item2)))
        {
            var s = Situation.Of(pve, backend);
            s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
            var text = Encoding.UTF8.GetString(s.Host.Files.Read(Mapping, 1 << 16));
            s.Host.Put(Mapping, text.Replace(old, now, StringComparison.Ordinal) + $"\tmap {Other}\n");
            s.Vm(101, "0=mapping=gpus,mdev=nvidia-690,rombar=0");
            var refused = s.Node.Hook("plan", "101");
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("mapping gpus", refused.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("qm set", refused.Error, StringComparison.Ordinal);

            var action = refused.Error[(refused.Error.IndexOf("pvesh set", StringComparison.Ordinal))..].TrimEnd();
            var words = Words(action);
            Assert.Equal(["pvesh", "set", "/cluster/mapping/pci/gpus"], words[..3]);
            Assert.Contains(Other, words);
            s.Host.Put(Mapping, "gpus\n\tmdev 1\n" + string.Concat(
                words.Index().Where(w => w.Item == "--map").Select(w => $"\tmap {words[w.Index + 1]}\n")));
            Assert.Equal((0, ""), (s.Node.Hook("plan", "101").ExitCode, s.Node.Hook("plan", "101").Error));
            s.Starts(101);
        }
    }

    /// <summary>The words of a command line as a shell has them.</summary>
    private static List<string> Words(string command) =>
    [
        .. System.Text.RegularExpressions.Regex.Matches(command, @"(?:'(?:[^']|'\\'')*'|\S)+")
            .Select(m => m.Value.StartsWith('\'') ? m.Value[1..^1].Replace(@"'\''", "'", StringComparison.Ordinal)
                : m.Value),
    ];
}
