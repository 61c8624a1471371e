using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Processes;
using Xunit;

namespace VgpuPS.Tests.Lab.Machine;

/// <summary>A boot of the simulated machine: driver, GPUs and units come one after the other, as its time goes
/// on.</summary>
public sealed class LabBootTests
{
    private const string Unit = LabBootSetup.TypesUnit;

    private readonly LabHost _host = LabHost.Create();

    [Fact]
    public void Machine_that_is_up_has_registered_its_types()
    {
        Assert.Equal(
            "Result=success\nId=nvidia-vgpud.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead\n"
            + "InactiveEnterTimestampMonotonic=60000000\n", Systemctl("show", Unit).Output);
        Assert.Equal("active\n", Systemctl("is-active", LabBootSetup.ManagerUnit).Output);
        Assert.Equal(["inactive\n", "3"], Both(Systemctl("is-active", Unit)));
    }

    [Fact]
    public void Driver_and_units_come_with_time_and_not_before()
    {
        _host.Reboot(LabBootSetup.Slow());
        Assert.Equal(NvmlStatus.DriverNotLoaded, _host.Nvml.Init());
        Assert.Contains(
            "InactiveEnterTimestampMonotonic=0\n", Systemctl("show", Unit).Output, StringComparison.Ordinal);
        _host.Clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(NvmlStatus.Success, _host.Nvml.Init());
        Assert.Equal((2, 0), (Count(), Types()));
        _host.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("active\n", Systemctl("is-active", Unit).Output);
        _host.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(
            "ActiveState=inactive\nSubState=dead\n", Systemctl("show", "--property=ActiveState,SubState", Unit).Output);
        Assert.NotEqual(0, Types());
    }

    [Fact]
    public void Late_GPU_is_bound_later_and_failed_daemon_registers_no_type()
    {
        var boot = new LabBootSetup();
        boot.GpusAfterMs["0000:ca:00.0"] = 5_000;
        boot.Units[0].Result = "exit-code";
        _host.Reboot(boot);
        Assert.Equal(NvmlStatus.Success, _host.Nvml.Init());
        Assert.Equal((1, 0), (Count(), Types()));
        _host.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((2, 0), (Count(), Types()));
        Assert.Equal(
            "Result=exit-code\nActiveState=failed\n", Systemctl("show", "-p", "ActiveState,Result", Unit).Output);
        Assert.Equal("failed\n", Systemctl("is-failed", Unit).Output);
        _host.Edit(state => state.Setup.Boot.Units[0].Result = "success");
        Assert.Equal(0, Systemctl("restart", Unit).ExitCode);
        Assert.NotEqual(0, Types());
    }

    [Fact]
    public void Patterns_match_what_is_there_and_unknown_names_are_shown_as_such()
    {
        Assert.Equal("", Systemctl("show", "pve-nvidia-sriov@*.service").Output);
        Assert.Contains("LoadState=not-found\n", Systemctl("show", "nope").Output, StringComparison.Ordinal);
        Assert.Equal("Id=nvidia-vgpu-mgr.service\n\nId=nvidia-vgpud.service\n",
            Systemctl("show", "-p", "Id", "nvidia-*").Output);
        Assert.Equal(5, Systemctl("start", "nope").ExitCode);
    }

    [Fact]
    public void Unit_that_enables_functions_takes_its_time_and_fails_where_the_GPU_is_held()
    {
        var boot = new LabBootSetup();
        boot.Units.Add(
            new() { Name = "pve-nvidia-sriov@ALL.service", IsOneshot = true, RunsForMs = 3_000, Functions = "ALL" });
        _host.Reboot(boot);
        Assert.Equal("activating\n", Systemctl("is-active", "pve-nvidia-sriov@ALL").Output);
        _host.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("active\n", Systemctl("is-active", "pve-nvidia-sriov@ALL").Output);
        Assert.All(_host.State.Gpus, gpu => Assert.Equal(16, gpu.FunctionCount));
        _host.Reboot();
        _host.Nvml.Init();
        _host.Nvml.DeviceGetHandleByPciBusId(_host.State.Gpus[0].Address, out _);
        _host.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("failed\n", Systemctl("is-active", "pve-nvidia-sriov@ALL").Output);
    }

    private int Count() => _host.State.Gpus.Count(
        gpu => _host.Nvml.DeviceGetHandleByPciBusId(gpu.Address, out _) == NvmlStatus.Success);

    private int Types()
    {
        _host.Nvml.Init();
        _host.Nvml.DeviceGetHandleByPciBusId(_host.State.Gpus[0].Address, out var device);
        Assert.Equal(NvmlStatus.Success, _host.Nvml.DeviceGetSupportedVgpus(device, out var types));
        return types.Count;
    }

    private ProcessResult Systemctl(params string[] arguments) => _host.Processes.RunAsync(
        new ProcessRequest(LabProcesses.SystemctlTool, arguments, Timeout.InfiniteTimeSpan), default).Result;

    private static string[] Both(ProcessResult result) => [result.Output, $"{result.ExitCode}"];
}
