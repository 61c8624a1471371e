using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>MIG mode is switched on where there is consent and the GPU is idle; a pending mode is never left
/// behind.</summary>
/// <remarks>Source: facts/host-behaviour.md 3 and 4; facts/nvml.md 5: setting the mode gives two statuses.</remarks>
public sealed class MigModeTests
{
    private const string Layout = "/etc/vgpups/layout.json";
    private const string WhenIdle = """{"migMode":"whenIdle"}""";

    public static TheoryData<string, string?, string?, bool> Consents { get; } = new()
    {
        { "policy", WhenIdle, null, true },
        { "layout by address", null, """{"version":1,"gpus":[{"gpu":"0000:4b:00.0","mig":true}]}""", true },
        { "layout by model", null, """{"version":1,"gpus":[{"gpu":"NVIDIA A30","mig":true}]}""", true },
        { "layout says off", null, """{"version":1,"gpus":[{"gpu":"0000:4b:00.0","mig":false}]}""", false },
        { "layout of another GPU", null, """{"version":1,"gpus":[{"gpu":"0000:ca:00.0","mig":true}]}""", false },
        { "nobody", null, null, false },
    };

    [Theory]
    [MemberData(nameof(Consents))]
    public void Consent_comes_from_the_policy_or_from_the_layout(
        string who, string? settings, string? layout, bool isOn)
    {
        foreach (var (pve, backend) in Situation.Hosts.Select(h => (h.Data.Item1, h.Data.Item2)))
        {
            var s = MigOff(pve, backend, settings);
            if (layout is not null)
            {
                s.Host.Put(Layout, layout);
            }

            if (isOn)
            {
                s.Starts(101);
                Assert.True(s.Gpu() is { MigCurrent: true, MigPending: true }, who);
                continue;
            }

            var before = s.Node.Snapshot();
            s.Refuses(
                101, "is MIG-backed, and MIG mode of GPU 0000:4b:00.0 (NVIDIA A30) is off",
                "nvidia-smi -i 0000:4b:00.0 -mig 1");
            s.Is(before);
        }
    }

    [Theory]
    [InlineData("reset", "needs a GPU reset to be switched on", "nvidia-smi --gpu-reset -i 0000:4b:00.0")]
    [InlineData("in use", "in use by another client", "fuser -v /dev/nvidia*")]
    [InlineData("lie", "is still off", "nvidia-smi -i 0000:4b:00.0 -q -d MIG")]
    public void A_mode_that_is_not_active_at_once_is_restored(string why, string said, string action)
    {
        foreach (var (pve, backend) in Situation.Hosts.Select(h => (h.Data.Item1, h.Data.Item2)))
        {
            var s = MigOff(pve, backend, WhenIdle);
            var before = s.Node.Snapshot();
            switch (why)
            {
                case "reset":
                    s.Host.Edit(state => state.Setup.MigChangeAsksForReset = true);
                    break;
                case "in use":
                    s.Host.Edit(state => state.Gpus[0].ComputeProcesses.Add(4711));
                    break;
                default:
                    s.Host.Gate.Lie("nvmlDeviceSetMigMode");
                    break;
            }

            s.Refuses(101, said, action);
            Assert.False(s.Gpu().MigPending);
            s.Is(before);
        }
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void A_GPU_with_a_time_sliced_vGPU_is_not_idle(string pve, LabBackend backend)
    {
        var s = MigOff(pve, backend, WhenIdle).Vm(102, $"0={Situation.Second},mdev=nvidia-685");
        s.Starts(102);
        var before = s.Node.Snapshot();
        s.Refuses(101, "time-sliced vGPUs are on it: function 0000:4b:00.5 (VM 102)", "stop VM 102 (qm shutdown 102)");
        s.Is(before);
    }

    [Theory]
    [MemberData(nameof(Situation.Hosts), MemberType = typeof(Situation))]
    public void The_mode_comes_before_the_functions(string pve, LabBackend backend)
    {
        var s = MigOff(pve, backend, WhenIdle, functions: false);
        var trace = s.Trace(() => s.Starts(101), "hook 101 pre-start").ToList();
        var mode = trace.IndexOf("nvmlDeviceSetMigMode");
        var functions = trace.IndexOf("run /usr/lib/nvidia/sriov-manage");
        var instance = trace.IndexOf("nvmlDeviceCreateGpuInstanceWithPlacement");
        Assert.True(mode >= 0 && mode < functions && functions < instance, $"{mode} {functions} {instance}");
    }

    /// <summary>Hopper and newer take MIG mode only while functions are off: the hook takes them off for it.</summary>
    [Theory]
    [InlineData("H100")]
    [InlineData("RTX PRO 6000")]
    public void Functions_are_off_while_the_mode_of_Hopper_and_newer_is_switched(string model)
    {
        var s = Newer(model, WhenIdle);
        var trace = s.Trace(() => s.Starts(101), "hook 101 pre-start").ToList();
        var tool = trace.Index().Where(t => t.Item == "run /usr/lib/nvidia/sriov-manage").Select(t => t.Index).ToList();
        var mode = trace.IndexOf("nvmlDeviceSetMigMode");
        Assert.True(tool.Count == 2 && tool[0] < mode && mode < tool[1], string.Join('\n', trace));
        Assert.True(s.Gpu() is { MigCurrent: true, FunctionCount: > 0 });
    }

    [Theory]
    [InlineData("H100")]
    [InlineData("RTX PRO 6000")]
    public void Functions_of_a_mapping_stay_while_another_VM_of_it_runs_starts_or_stops(string model)
    {
        var s = Newer(model, WhenIdle);
        var other = s.Gpu(1).FunctionAt(0).ToString();
        s.Node.MapFunctions("both", s.Gpu().FunctionAt(1).ToString(), other);
        var before = s.Node.Snapshot();
        s.Host.Put(
            s.Node.ConfigPath(new VmId(102)), "memory: 512\nname: vm102\nhostpci0: mapping=both,mdev=nvidia-1\n");
        using (s.HoldConfigLock(102))
        {
            s.Refuses(
                101, "to be disabled for a moment, and VM 102 runs, starts or stops and names a mapping",
                "qm shutdown 102",
                "sriov-manage -d 0000:4b:00.0; nvidia-smi -i 0000:4b:00.0 -mig 1; /usr/lib/nvidia/sriov-manage -e "
                    + "0000:4b:00.0");
        }

        s.Is(before);
        s.Starts(101);
    }

    [Fact]
    public void The_whole_sequence_is_advised_where_nobody_consents()
    {
        var s = Newer("RTX PRO 6000", null);
        s.Refuses(
            101, "sriov-manage -d 0000:4b:00.0; nvidia-smi -i 0000:4b:00.0 -mig 1; /usr/lib/nvidia/sriov-manage -e "
                + "0000:4b:00.0");
    }

    private static Situation Newer(string model, string? settings)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio, mig: false, functions: true, model, model);
        var type = s.Gpu().Model.Types.First(t => t.GpuInstanceProfile is not null).Id;
        s.Vm(101, $"0={s.Gpu().FunctionAt(0)},mdev=nvidia-{type}");
        if (settings is not null)
        {
            s.Host.Put(Situation.Settings, settings);
        }

        return s;
    }

    [Fact]
    public void A_mode_that_waits_for_a_reset_is_said_so()
    {
        var s = MigOff("9.2", LabBackend.Vfio, WhenIdle);
        s.Host.Edit(state => state.Gpus[0].MigPending = true);
        s.Refuses(101, "is off and on is pending until a GPU reset", "nvidia-smi --gpu-reset -i 0000:4b:00.0");
        Assert.True(s.Gpu().MigPending);
    }

    private static Situation MigOff(string pve, LabBackend backend, string? settings, bool functions = true)
    {
        var s = Situation.Of(pve, backend, mig: false, functions).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        if (settings is not null)
        {
            s.Host.Put(Situation.Settings, settings);
        }

        return s;
    }
}
