using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;

namespace VgpuPS.Tests.Operations.Doctor;

/// <summary>What a finding shows: the host's last words with time and VM, old ones not, and what can help.</summary>
public sealed class DoctorEvidenceTests
{
    private const string Older = "error: vmiop_log: (0x0): Incompatible Guest/Host drivers: Guest VGX version is older "
        + "than the minimum version supported by the Host. Disabling vGPU.";

    private const string Newer = "error: vmiop_log: (0x0): Incompatible Guest/Host drivers: Guest VGX version is newer "
        + "than the maximum version supported by the Host. Disabling vGPU.";

    [Fact]
    public void Failed_daemons_quote_their_own_last_errors_with_their_times()
    {
        var node = With(s =>
        {
            Fail(s, LabBootSetup.TypesUnit, "Shutdown (2009)", "error: no space left on device", "PID file closed.");
            Fail(s, LabBootSetup.ManagerUnit, At(7, 792, "something went away"));
        });
        Assert.Equal(
            "nvidia-vgpud.service: failed (exit-code); 2025-11-30 10:00:00 UTC: error: no space left on device",
            Find(node, "VgpudFailed").Evidence);
        Assert.Equal(
            "nvidia-vgpu-mgr.service: failed (exit-code); 2025-11-30 10:00:07 UTC: something went away",
            Find(node, "VgpuManagerDown").Evidence);
        Assert.Equal(["start nvidia-vgpud.service and nvidia-vgpu-mgr.service"], Repair(node));
    }

    [Fact]
    public void Board_that_the_release_does_not_know_decides_cause_and_fix_and_repair_leaves_the_daemons()
    {
        var node = With(s =>
        {
            s.Gpus.ForEach(g => g.HasTypes = false);
            Fail(s, LabBootSetup.TypesUnit,
                "GPU not supported by vGPU at PCI Id: 0:4B:0:0 DevID: 0x10de / 0x1e89 / 0x10de / 0x12a4",
                "error: failed to send vGPU configuration info to RM: 6", "Shutdown (2009)");
            Fail(s, LabBootSetup.ManagerUnit, "error: vmiop_env_log: Failed to initialize RM client: 0x26");
        });
        var board = Find(node, "BoardNotVgpuCapable");
        Assert.Contains("DevID: 0x10de / 0x1e89", board.Evidence, StringComparison.Ordinal);
        Assert.Contains("release of the driver does not know the board", board.Cause!, StringComparison.Ordinal);
        Assert.Contains("gpus-supported-by-vgpu", board.RecommendedAction!, StringComparison.Ordinal);
        Assert.Equal(board.Cause, Find(node, "VgpudFailed").Cause);
        Assert.Contains("initialize RM client: 0x26", Find(node, "VgpuManagerDown").Evidence, StringComparison.Ordinal);
        Assert.Empty(Repair(node));
    }

    [Fact]
    public void Board_that_has_its_types_by_now_is_no_finding() => Assert.Equal(
        nameof(CheckVerdict.Passed),
        Find(With(s => s.Platform.Journals[LabBootSetup.TypesUnit] =
            ["GPU not supported by vGPU at PCI Id: 0:4B:0:0 DevID: 0x10de / 0x20b7 / 0x10de / 0x1532"]),
            "BoardNotVgpuCapable").Verdict);

    [Fact]
    public void Errors_of_a_run_before_the_last_start_are_not_quoted() => Assert.Equal(
        "nvidia-vgpud.service: failed (exit-code); 2025-11-30 10:00:09 UTC: error: new",
        Find(With(s => Fail(
            s, LabBootSetup.TypesUnit, At(1, 20, "error: old"),
            At(8, 1, "Starting NVIDIA vGPU Daemon...", "systemd"), At(9, 21, "error: new"))), "VgpudFailed").Evidence);

    [Fact]
    public void Control_characters_of_a_log_are_made_visible_and_long_lines_bounded()
    {
        var evidence = Find(
            With(s => Fail(s, LabBootSetup.TypesUnit, $"error: \e[2J{new string('x', 4000)}")), "VgpudFailed").Evidence;
        Assert.Contains(@"error: \e[2Jxxx", evidence, StringComparison.Ordinal);
        Assert.InRange(evidence.Length, 100, 400);
    }

    [Theory]
    [InlineData(Older, "older branch", "install the guest driver of the host's branch")]
    [InlineData(Newer, "newer branch", "update the host's driver first")]
    public void Guest_newer_and_guest_older_have_opposite_fixes(string line, string cause, string fix)
    {
        var found = Find(With(s => s.Platform.Journals[LabBootSetup.ManagerUnit] =
            [Start(1, 900, 101), At(2, 900, line)]), "GuestDriverTooOld");
        Assert.StartsWith("VM 101: 2025-11-30 10:00:02 UTC: error:", found.Evidence, StringComparison.Ordinal);
        Assert.Contains(cause, found.Cause!, StringComparison.Ordinal);
        Assert.StartsWith(fix, found.RecommendedAction!, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_of_a_VM_is_over_once_that_VM_was_licensed_and_not_before()
    {
        List<string> lines = [Start(1, 900, 101), At(2, 900, Older), Start(3, 950, 102), At(4, 950, Licensed)];
        var other = Find(With(s => s.Platform.Journals[LabBootSetup.ManagerUnit] = lines), "GuestDriverTooOld");
        Assert.Equal(nameof(CheckVerdict.Failed), other.Verdict);

        lines = [.. lines, Start(5, 990, 101), At(6, 990, Licensed)];
        var over = Find(With(s => s.Platform.Journals[LabBootSetup.ManagerUnit] = lines), "GuestDriverTooOld");
        Assert.Equal(nameof(CheckVerdict.Passed), over.Verdict);
        Assert.StartsWith("over since VM 101: 2025-11-30 10:00:06 UTC", over.Evidence, StringComparison.Ordinal);

        lines = [.. lines, At(7, 990, Older)];
        var again = Find(With(s => s.Platform.Journals[LabBootSetup.ManagerUnit] = lines), "GuestDriverTooOld");
        Assert.StartsWith("VM 101: 2025-11-30 10:00:07 UTC", again.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Journal_without_process_or_VM_is_read_in_its_order() => Assert.Equal(
        nameof(CheckVerdict.Passed),
        Find(With(s => s.Platform.Journals[LabBootSetup.ManagerUnit] = [Older, Licensed]), "GuestDriverTooOld")
            .Verdict);

    [Fact]
    public void What_the_kernel_said_before_a_vGPU_came_up_is_over()
    {
        var node = With(s =>
        {
            s.KernelLog.Add("[   12.500000] NVRM: Timeout occurred in event processing by vgpu_mgr daemon");
            s.Platform.Journals[LabBootSetup.ManagerUnit] = [At(20, 900, Licensed)];
        });
        Assert.Equal(nameof(CheckVerdict.Passed), Find(node, "VgpuManagerTimeout").Verdict);
        node.Host.Edit(s => s.KernelLog.Add("[   33.000000] NVRM: Timeout occurred in event processing by vgpu_mgr"
            + " daemon"));
        Assert.StartsWith("2025-11-30 10:00:33 UTC: NVRM: Timeout", Find(node, "VgpuManagerTimeout").Evidence,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Address_space_that_is_enough_by_now_is_no_finding()
    {
        var node = With(s => s.KernelLog.Add("nvidia 0000:4b:00.0: not enough MMIO resources for SR-IOV"));
        Assert.Equal(nameof(CheckVerdict.Failed), Find(node, "MmioTooSmall").Verdict);
        node.Host.Edit(s => s.Gpus[0].FunctionCount = s.Gpus[0].Model.TotalFunctions);
        Assert.Equal(nameof(CheckVerdict.Passed), Find(node, "MmioTooSmall").Verdict);
    }

    [Fact]
    public void Module_that_did_not_load_shows_what_the_kernel_reported()
    {
        var found = Find(With(s =>
        {
            s.Setup.DriverIsUnloaded = true;
            s.Gpus.ForEach(g => g.Driver = null);
            s.KernelLog.Add("NVRM: The NVIDIA Tesla P100-PCIE-16GB GPU installed in this system is supported through "
                + "the NVIDIA 580.xx Legacy drivers.");
        }), "DriverNotLoaded");
        Assert.Contains("10:00:00 UTC: NVRM: The NVIDIA Tesla P100", found.Evidence, StringComparison.Ordinal);
        Assert.Contains("no longer has the board", found.Cause!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vfio-pci", "GpuOnVfioPci")]
    [InlineData("pci-pf-stub", "GpuWithoutDriver")]
    [InlineData("xen-pciback", "GpuWithoutDriver")]
    public void Advice_frees_a_GPU_from_any_driver_as_it_is_typed(string driver, string check)
    {
        var node = With(s => (s.Gpus[1].Driver, s.Gpus[1].Overrides["0000:ca:00.0"]) = (driver, driver));
        var fix = Find(node, check).RecommendedAction!;
        Type(node, fix);
        Assert.Equal("nvidia", node.Host.With(s => s.Gpus[1].Driver));
        Assert.Equal(nameof(CheckVerdict.Passed), Find(node, check).Verdict);
    }

    [Fact]
    public void Driver_that_is_not_loaded_takes_the_freed_GPU_when_it_is()
    {
        var fix = Find(With(s =>
        {
            s.Setup.DriverIsUnloaded = true;
            s.Gpus.ForEach(g => g.Driver = "vfio-pci");
        }), "GpuOnVfioPci").RecommendedAction!;
        Assert.DoesNotContain("drivers/nvidia/bind", fix, StringComparison.Ordinal);
        Assert.EndsWith("0000:ca:00.0/driver_override; modprobe nvidia", fix, StringComparison.Ordinal);
    }

    private const string Licensed = "notice: vmiop_log: (0x0): vGPU license state: Licensed";

    private static LabHostNode With(Action<LabState> change)
    {
        var node = LabHostNode.Create(new LabOptions { WithVms = true });
        node.Host.Edit(s =>
        {
            s.BootTicks = new DateTimeOffset(2025, 11, 30, 10, 0, 0, TimeSpan.Zero).Ticks;
            change(s);
        });
        return node;
    }

    private static void Fail(LabState state, string unit, params string[] lines)
    {
        var found = state.Units.Find(u => u.Name == unit)!;
        (found.ActiveState, found.SubState, found.Result) = ("failed", "failed", "exit-code");
        state.Platform.Journals[unit] = [.. lines];
    }

    private static string At(int second, int pid, string text, string program = "nvidia-vgpu-mgr") =>
        $"{new DateTimeOffset(2025, 11, 30, 10, 0, second, TimeSpan.Zero).ToUnixTimeSeconds()}.000000 pve1 {program}"
            + $"[{pid}]: {text}";

    private static string Start(int second, int pid, int vm) => At(
        second, pid, "notice: vmiop_env_log: (0x0): Received start call from nvidia-vgpu-vfio module: mdev uuid "
            + $"{MdevUuid.ForVm(new VmId(vm), 0)} GPU PCI id 00:4b:00.4 config params vgpu_type_id=686");

    private static VgpuHostTestInfo Find(LabHostNode node, string check) =>
        Assert.Single(RunDoctorTests.Ask(node, check).Checks);

    private static IReadOnlyList<string> Repair(LabHostNode node) => HostUseCases.RepairHost.RunAsync(
        node.Connect(_ => { }), new RepairHostRequest { Source = "Repair-VgpuHost", IsPlanOnly = true },
        new Silence(), default).GetAwaiter().GetResult().Plan.Steps;

    /// <summary>Types the <c>echo VALUE > PATH</c> of an advice on the host.</summary>
    private static void Type(LabHostNode node, string advice)
    {
        var commands = advice.Split(';').Select(c => c.Contains("echo", StringComparison.Ordinal)
            ? c[c.IndexOf("echo", StringComparison.Ordinal)..].Trim() : "").Where(c => c.Contains('>')).ToList();
        Assert.Equal(3, commands.Count);
        foreach (var command in commands)
        {
            var parts = command["echo".Length..].Split('>', 2);
            node.Host.Files.WriteAttribute(parts[1].Trim(), parts[0].Trim());
        }
    }

    private sealed class Silence : IProgress<Host.Execution.StepProgress>
    {
        public void Report(Host.Execution.StepProgress value)
        {
        }
    }
}
