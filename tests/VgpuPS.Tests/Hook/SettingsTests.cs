using System.Text;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>What each setting changes in a VM's life.</summary>
public sealed class SettingsTests
{
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void Reclaim_never_leaves_the_instance_for_the_next_start(string pve, LabBackend backend)
    {
        var s = With("""{"reclaim":"never"}""", pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        s.Starts(101);
        s.Stops(101);
        s.Sweeps();
        Assert.Single(Assert.Single(s.Gpu().Instances).ComputeInstances);
        Assert.Empty(s.Gpu().Vgpus);
        var trace = s.Trace(() => s.Starts(101), "hook 101 pre-start");
        Assert.DoesNotContain("nvmlDeviceCreateGpuInstanceWithPlacement", trace);
        s.Stops(101);

        s.Host.Put(Situation.Settings, "{}");
        s.Sweeps();
        Assert.Empty(s.Gpu().Instances);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void Compute_instances_are_left_to_the_guest_where_the_setting_says_so(string pve, LabBackend backend)
    {
        var s = With("""{"computeInstance":"guest"}""", pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        var before = s.Node.Snapshot();
        s.Starts(101);
        Assert.Empty(Assert.Single(s.Gpu().Instances).ComputeInstances);
        s.Stops(101);
        s.Is(before);
    }

    /// <summary>Proxmox drops the line: the VM boots without its GPU, or not at all.</summary>
    [Theory]
    [InlineData("refuse")]
    [InlineData("warn")]
    public void An_entry_that_Proxmox_drops_stops_the_start_or_is_a_warning(string policy)
    {
        foreach (var (pve, backend) in Situation.Hosts.Select(h => (h.Data.Item1, h.Data.Item2)))
        {
            var s = With($$"""{"unreadableEntry":"{{policy}}"}""", pve, backend)
                .Vm(101, $"0={Situation.First},mdev=nvidia-690,pcie=maybe");
            if (policy == "refuse")
            {
                s.Refuses(101, "is dropped by Proxmox", "the VM would start without its GPU", "qm set 101 --hostpci0");
            }
            else
            {
                s.Starts(101);
                Assert.Contains("warning: VM 101: line", s.Said, StringComparison.Ordinal);
            }

            Assert.Empty(s.Gpu().Vgpus);
            Assert.Empty(s.Claims.Claims);
        }
    }

    /// <summary>The price of a place is what it takes from those who will come: the plan tells it.</summary>
    [Fact]
    public void Demand_that_is_given_decides_what_a_place_costs()
    {
        var quarters = Plan("""{"1g.6gb":1}""");
        Assert.Contains("cost ", quarters, StringComparison.Ordinal);
        Assert.Equal(quarters, Plan("""{"1g.6gb":7}"""));
        Assert.NotEqual(quarters, Plan("""{"4g.24gb":1}"""));
    }

    [Fact]
    public void Driver_keep_gets_the_type_of_keepTypes()
    {
        var s = With("""{"keepTypes":{"101":{"hostpci0":"nvidia-690"} } }""", "9.2", LabBackend.Vfio)
            .Vm(101, $"0={Situation.First},driver=keep", $"1={Situation.Second},mdev=nvidia-689");
        var before = s.Node.Snapshot();
        s.Starts(101);
        Assert.Equal(
            [(690u, true), (689u, true)],
            s.Gpu().Vgpus.OrderBy(v => v.Function, StringComparer.Ordinal).Select(v => (v.Type, v.Holder is not null)));
        s.Stops(101);
        s.Is(before);
    }

    public static TheoryData<string, LabBackend, string, string, string> Kept { get; } = new()
    {
        { "9.2", LabBackend.Vfio, "0=0000:4b:00.4,driver=keep", "{}", "keepTypes of /etc/vgpups/config.json names no "
            + "type" },
        { "9.2", LabBackend.Vfio, "0=0000:4b:00.4,driver=keep", Types("101"), "Proxmox gives QEMU no -uuid" },
        { "9.2", LabBackend.Vfio, "0=mapping=gpus,driver=keep", Types("101"), "Proxmox chooses its function itself" },
        { "9.2", LabBackend.Mdev, "0=0000:4b:00.4,driver=keep", Types("101"), "which Proxmox uses with mdev= only" },
        { "8.4", LabBackend.Vfio, "0=0000:4b:00.4,driver=keep", Types("101"), "is dropped by Proxmox" },
    };

    [Theory]
    [MemberData(nameof(Kept))]
    public void Driver_keep_that_cannot_carry_a_vGPU_is_refused(
        string pve, LabBackend backend, string entry, string settings, string said)
    {
        var s = With(settings, pve, backend);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Vm(101, said.Contains("-uuid", StringComparison.Ordinal)
            ? [entry] : [entry, $"1=0000:4b:00.6,mdev=nvidia-689"]);
        var before = s.Node.Snapshot();
        s.Refuses(101, said, "  do: ");
        s.Is(before);
    }

    /// <summary>The planner's sentence about the place of a quarter, as the log of changes keeps it.</summary>
    private static string Plan(string demand)
    {
        var s = With($$"""{"demand":{{demand}}}""", "9.2", LabBackend.Vfio)
            .Vm(101, $"0={Situation.First},mdev=nvidia-689");
        s.Starts(101);
        var log = Encoding.UTF8.GetString(s.Host.Files.Read("/var/log/vgpups/events.jsonl", 1 << 16));
        var line = Assert.Single(log.Split('\n'), l => l.Contains("createGpuInstance", StringComparison.Ordinal));
        return line[line.IndexOf("cost ", StringComparison.Ordinal)..];
    }

    private static string Types(string vm) => $$"""{"keepTypes":{"{{vm}}":{"hostpci0":"nvidia-690"} } }""";

    private static Situation With(string settings, string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend);
        s.Host.Put(Situation.Settings, settings);
        return s;
    }
}
