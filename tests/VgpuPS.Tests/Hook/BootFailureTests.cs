using VgpuPS.Core.Boot;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary><c>vgpu-hook boot</c>: what fails is told with its cause and its fix, and the rest is done.</summary>
public sealed class BootFailureTests
{
    private readonly BootNode _host = new();

    [Fact]
    public void Driver_that_never_comes_is_reported_after_the_time_given()
    {
        _host.Node.Host.Reboot(new LabBootSetup { DriverAfterMs = 10_000_000 });
        var result = _host.Boots(69, "--timeout", "30");
        BootNode.Says(result, "boot: ", "kernel driver is not loaded", "after 30 s", "modprobe nvidia");
        Assert.Equal(
            (BootStatus.Failed, ErrorIds.DriverNotReady), (_host.Status.State, _host.Status.Problems[0].ErrorId));
    }

    [Fact]
    public void Failed_daemon_is_reported_at_once_with_its_journal_and_the_layout_is_restored_all_the_same()
    {
        var boot = new LabBootSetup();
        boot.Units[0].Result = "exit-code";
        _host.Node.Host.Reboot(boot);
        var result = _host.Boots(69);
        BootNode.Says(
            result, "boot: nvidia-vgpud.service has failed (exit-code)", "journalctl -b -u nvidia-vgpud.service");
        _host.IsRestored();
        Assert.True(_host.Status.Seconds < 1);
        _host.Node.Host.Edit(s => s.Setup.Boot.Units[0].Result = "success");
        Assert.Equal(0, _host.Restart("nvidia-vgpud").ExitCode);
        _host.Boots(0);
    }

    [Fact]
    public void Manager_that_never_runs_is_a_time_out_with_the_command_that_starts_it()
    {
        var boot = new LabBootSetup();
        boot.Units[1].StartAfterMs = null;
        _host.Node.Host.Reboot(boot);
        BootNode.Says(_host.Boots(75, "--timeout", "20"),
            "nvidia-vgpu-mgr.service does not run, it is inactive (dead) after 20 s",
            "systemctl start nvidia-vgpu-mgr.service");
        Assert.Equal(ErrorIds.Timeout, Assert.Single(_host.Status.Problems).ErrorId);
        _host.IsRestored();
    }

    [Fact]
    public void One_GPU_s_failure_does_not_keep_the_other_from_its_layout()
    {
        _host.Node.Host.Reboot();
        _host.Node.Host.Edit(s => s.Programs.Add(
            new LabProgram { Pid = 812, Name = "nv-hostengine", Unit = "nvidia-dcgm.service", Gpus = [LabNodes.Gpu] }));
        var result = _host.Boots(75, "--timeout", "40");
        BootNode.Says(result, $"boot, {BootNode.Want}: ", "unbindLock", "fuser -v");
        Assert.Equal([BootGpuStatus.Failed, BootGpuStatus.Restored], _host.Status.Gpus.Select(g => g.Outcome));
        Assert.Equal(ErrorIds.ResourceBusy, _host.Status.Gpus[0].Problem!.ErrorId);
        Assert.Equal(16, _host.Node.Host.State.Gpus[1].FunctionCount);
        _host.Node.Host.Edit(s => s.Programs.Clear());
        _host.Boots(0);
        _host.IsRestored();
    }

    [Fact]
    public void GPU_that_is_not_there_is_reported_by_itself()
    {
        _host.PutLayout(BootNode.Layout.Replace("0000:4b:00.0", "0000:99:00.0", StringComparison.Ordinal));
        _host.Node.Host.Reboot();
        BootNode.Says(
            _host.Boots(66, "--timeout", "5"), "boot, GPU 0000:99:00.0: the driver has no GPU 0000:99:00.0", "lspci");
        Assert.Equal([BootGpuStatus.Restored, BootGpuStatus.Failed], _host.Status.Gpus.Select(g => g.Outcome));
    }

    [Theory]
    [InlineData("NVIDIA A3O")]
    [InlineData("*H100*")]
    [InlineData("GPU-12345678-1234-1234-1234-123456789012")]
    public void Entry_that_means_no_GPU_fails_by_its_name(string name)
    {
        _host.PutLayout(BootNode.Layout.Replace("0000:4b:00.0", name, StringComparison.Ordinal));
        _host.Node.Host.Reboot();
        BootNode.Says(
            _host.Boots(66, "--timeout", "5"),
            $"boot, GPU {name}: the driver has no GPU {name}, which the layout names", "/etc/vgpups/layout.json");
        Assert.Equal([BootGpuStatus.Restored, BootGpuStatus.Failed], _host.Status.Gpus.Select(g => g.Outcome));
        var shown = _host.Node.Hook("show").Output;
        Assert.Contains("boot service: failed", shown, StringComparison.Ordinal);
        Assert.Contains($"the driver has no GPU {name}", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_that_no_GPU_is_of_is_not_waited_for_and_the_models_there_are_named()
    {
        _host.PutLayout("""{"version":1,"gpus":[{"gpu":"NVIDIA A3O","sriov":true,"mig":true}]}""");
        _host.Node.Host.Reboot();
        BootNode.Says(_host.Boots(66), "the driver has no GPU NVIDIA A3O, which the layout names; it has NVIDIA A30");
        Assert.True(_host.Status.Seconds < 1);
    }

    /// <summary>A host has no PowerShell, and nobody who could be asked.</summary>
    [Fact]
    public void What_a_boot_must_not_destroy_is_named_with_the_host_s_own_commands()
    {
        _host.PutLayout("""{"version":1,"gpus":[{"gpu":"0000:4b:00.0","sriov":true}]}""");
        _host.Node.Host.Edit(s => s.Gpus[0].Instances.Add(
            new LabGpuInstance { Id = 3, Serial = 900, Profile = 14, Start = 0, Size = 1 }));
        var result = _host.Boots(75);
        BootNode.Says(
            result, "would destroy", "GPU instance 3", "nvidia-smi mig -i 0000:4b:00.0 -dgi), then: vgpu-hook boot");
        Assert.DoesNotContain("-Force", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Show-Gpu", result.Error, StringComparison.Ordinal);
        Assert.Single(_host.Node.Host.State.Gpus[0].Instances);
    }

    /// <summary>errors.md B3: the functions are there, and nothing can be created on them.</summary>
    [Fact]
    public void Functions_without_vGPU_types_are_waited_for_and_then_reported()
    {
        _host.Node.Host.Reboot();
        _host.Node.Host.Edit(s => s.Gpus[0].FunctionsHaveTypes = false);
        BootNode.Says(
            _host.Boots(69, "--timeout", "20"),
            $"boot, {BootNode.Want}: {BootNode.Want} has 16 functions without vGPU types: 0000:4b:00.4 ",
            "nvidia-vgpud", "/usr/lib/nvidia/sriov-manage -d 0000:4b:00.0");
        Assert.InRange(_host.Status.Seconds, 16, 21);
        Assert.Equal([BootGpuStatus.Failed, BootGpuStatus.Restored], _host.Status.Gpus.Select(g => g.Outcome));
        var shown = _host.Node.Hook("show").Output;
        Assert.Contains("  16 functions without vGPU types: 0000:4b:00.4 ", shown, StringComparison.Ordinal);
        Assert.Single(shown.Split('\n'), l => l.Contains("16 free functions", StringComparison.Ordinal));

        _host.Node.Host.Edit(s => s.Gpus[0].FunctionsHaveTypes = true);
        _host.Boots(0);
        _host.IsRestored();
    }

    [Fact]
    public void Types_that_come_late_are_waited_for()
    {
        _host.Node.Host.Reboot();
        _host.Node.Host.Edit(s => s.Gpus[0].FunctionsHaveTypes = false);
        using var later = _host.Node.Host.Clock.CreateTimer(
            _ => _host.Node.Host.Edit(s => s.Gpus[0].FunctionsHaveTypes = true), null, TimeSpan.FromSeconds(30),
            Timeout.InfiniteTimeSpan);
        _host.Boots(0);
        _host.IsRestored();
    }

    [Fact]
    public void Unreadable_layout_names_line_and_column()
    {
        _host.PutLayout("{\"version\":1,\n\"gpu\":[]}");
        BootNode.Says(_host.Boots(65), "boot: ", "line 2", "nano /etc/vgpups/layout.json");
        Assert.Equal(BootStatus.Failed, _host.Status.State);
    }

    [Fact]
    public void Command_line_that_is_not_understood_changes_nothing()
    {
        var before = HostSnapshot.Take(_host.Node);
        BootNode.Says(_host.Boots(64, "--timeout", "soon"), "'boot --timeout soon'", "vgpu-hook --help");
        BootNode.Says(_host.Boots(64, "now"), "'boot now'", "vgpu-hook --help");
        Assert.Equal(before, HostSnapshot.Take(_host.Node));
    }

    [Fact]
    public void Status_that_cannot_be_written_is_a_warning_and_one_that_cannot_be_read_too()
    {
        _host.Node.Host.Put("/run/vgpups/boot.json", "{");
        var warned = "";
        Assert.Null(new ReadHost(_host.Node.Connect(w => warned += w)).Run(new ReadHostRequest()).Boot);
        Assert.Contains("boot.json", warned, StringComparison.Ordinal);
        _host.Node.Host.Edit(s => s.Setup.WriteRefusals["/run/vgpups/boot.json"] = 28);
        BootNode.Says(_host.Boots(0), "warning: the boot service's status", "df -h /run");
    }
}
