using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Plugin parameters of the configuration: on the vGPU before QEMU opens it, cleared before it goes.</summary>
public sealed class ParameterTests
{
    private const string Wanted = "enable_uvm=1,enable_profiling=1";
    private const string Reservations = "/run/qemu-server/pci-id-reservations";
    private const string Type = $"/sys/bus/pci/devices/{Situation.First}/nvidia/current_vgpu_type";
    private const string Attribute = $"/sys/bus/pci/devices/{Situation.First}/nvidia/vgpu_params";

    private static readonly string s_device = $"/sys/bus/mdev/devices/{MdevUuid.ForVm(new VmId(101), 0)}";

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void QEMU_opens_a_vGPU_with_what_is_configured_for_it(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690")
            .Vm(102, $"0={Situation.Second},mdev=nvidia-690");
        Configure(s, """{"enable_profiling":1,"enable_uvm":1}""");
        var before = s.Node.Snapshot();
        s.Starts(101);
        s.Starts(102);
        Assert.Equal(
            [Wanted, ""],
            s.Gpu().Vgpus.OrderBy(v => v.Function, StringComparer.Ordinal).Select(v => v.ActiveParameters));
        Assert.Equal((Wanted, false), Claim(s));
        Assert.Null(s.Claims.Claims.Single(c => c.Vm == new VmId(102)).Parameters);
        s.Stops(101);
        s.Stops(102);
        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_plan_says_them_and_a_second_run_has_nothing_to_do(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        Configure(s, """{"enable_uvm":1,"enable_profiling":1}""");
        var plan = s.Node.Hook("plan", "101").Output;
        Assert.Contains($"would set plugin parameters {Wanted} for hostpci0", plan, StringComparison.Ordinal);
        using (s.HoldConfigLock(101))
        {
            var first = s.Node.Hook("101", "pre-start");
            Assert.True(first.Succeeded, first.Error);
            Assert.Equal(Wanted, Assert.Single(s.Gpu().Vgpus).Parameters);
            var writes = s.Trace(() => Assert.True(s.Node.Hook("101", "pre-start").Succeeded), "hook 101 pre-start")
                .Where(c => c.Contains("vgpu_params", StringComparison.Ordinal));
            Assert.DoesNotContain(writes, c => c.StartsWith("write", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void What_is_no_longer_configured_is_cleared_and_what_a_person_wrote_stays(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend, mig: false).Vm(101, $"0={Situation.First},mdev=nvidia-687");
        var attribute = backend == LabBackend.Mdev ? $"{s_device}/nvidia/vgpu_params" : Attribute;
        using (s.HoldConfigLock(101))
        {
            Configure(s, """{"disable_vnc":1}""");
            Assert.True(s.Node.Hook("101", "pre-start").Succeeded);
            s.Host.Put(Situation.Settings, "{}");
            Assert.True(s.Node.Hook("101", "pre-start").Succeeded);
            Assert.Equal("", Assert.Single(s.Gpu().Vgpus).Parameters);

            s.Host.Files.WriteAttribute(attribute, "frame_rate_limiter=0");
            Assert.True(s.Node.Hook("101", "pre-start").Succeeded);
            Assert.Equal("frame_rate_limiter=0", Assert.Single(s.Gpu().Vgpus).Parameters);
        }
    }

    /// <summary>A driver that keeps them on a function without a type must not give them to the next VM.</summary>
    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void They_are_cleared_before_the_vGPU_goes(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        Configure(s, """{"enable_uvm":1}""");
        using (s.HoldConfigLock(101))
        {
            Assert.True(s.Node.Hook("101", "pre-start").Succeeded);
        }

        var goes = backend == LabBackend.Mdev ? "/remove" : "current_vgpu_type";
        var writes = s.Trace(s.Sweeps, "hook sweep").ToList();
        var cleared = writes.FindIndex(c => Writes(c, "vgpu_params"));
        Assert.InRange(cleared, 0, writes.FindLastIndex(c => Writes(c, goes)));
        Assert.Empty(s.Gpu().Vgpus);

        static bool Writes(string call, string what) => call.StartsWith("write", StringComparison.Ordinal)
            && call.Contains(what, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_start_whose_parameters_the_driver_refuses_leaves_nothing(string pve, LabBackend backend)
    {
        var s = Situation.Of(pve, backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        Configure(s, """{"enable_uvm":1}""");
        var before = s.Node.Snapshot();
        s.Host.Gate.Fail("write *vgpu_params", Errno.EINVAL, 1);
        s.Refuses(101, "the driver refused plugin parameters 'enable_uvm=1'", "nano /etc/vgpups/config.json");
        s.Is(before);
    }

    /// <summary>Proxmox takes an earlier function that has become free: it has them from the next start on.</summary>
    [Theory]
    [InlineData("8.4")]
    [InlineData("9.2")]
    public void A_run_on_another_function_has_none_and_says_so(string pve)
    {
        var s = Situation.Of(pve, LabBackend.Vfio, mig: false);
        s.Node.MapFunctions("gpus", Situation.First, Situation.Second);
        s.Vm(101, "0=mapping=gpus,mdev=nvidia-687");
        Configure(s, """{"disable_vnc":1}""");
        s.Host.Put(Reservations, $"{Situation.First} 102 time:99999999999\n");
        using (s.HoldConfigLock(101))
        {
            var said = s.Node.Hook("101", "pre-start");
            Assert.True(said.Succeeded, said.Error);
        }

        var prepared = Assert.Single(s.Gpu().Vgpus);
        Assert.Equal((Situation.Second, "disable_vnc=1"), (prepared.Function, prepared.Parameters));
        var lines = Encoding.ASCII.GetString(s.Host.Files.Read(Reservations, 1 << 16)).Split('\n');
        s.Host.Put(Reservations, string.Join(
            '\n', lines.Where(l => !l.StartsWith(Situation.First, StringComparison.Ordinal))));
        s.WithoutHook(101);
        s.Starts(101);
        var post = s.Node.Hook("101", "post-start");
        Assert.True(post.Succeeded, post.Error);
        Assert.Contains("this run has no plugin parameters (disable_vnc=1)", post.Error, StringComparison.Ordinal);
        var vgpu = Assert.Single(s.Gpu().Vgpus);
        Assert.Equal((Situation.First, "disable_vnc=1", ""), (vgpu.Function, vgpu.Parameters, vgpu.ActiveParameters));
        Assert.Equal(("disable_vnc=1", true), Claim(s));
        Assert.True(s.Node.Hook("101", "post-start").Succeeded);
        Assert.Equal(("disable_vnc=1", true), Claim(s));
    }

    private static void Configure(Situation s, string parameters) => s.Host.Put(
        Situation.Settings, $$"""{"vgpuParameters":{"101":{"hostpci0":{{parameters}} } } }""");

    private static (string?, bool) Claim(Situation s) =>
        s.Claims.Claims.Single(c => c.Vm == new VmId(101)) is var claim
            ? (claim.Parameters, claim.ParametersAreLate) : default;
}
