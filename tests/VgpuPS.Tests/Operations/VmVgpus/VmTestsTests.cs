using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations.VmVgpus;

public sealed class VmTestsTests
{
    private const string Snippet = "/var/lib/vz/snippets/vgpu-hook";

    private readonly VmLab _lab = new();

    [Fact]
    public void A_start_that_works_is_a_plan()
    {
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "web", Profile = "2g.12gb" });
        var result = TestVm("web");
        Assert.True(
            result is { Passed: true, HasVgpu: true, HasHook: true, IsComplete: true, VmId: 101, VmName: "web" });
        Assert.Contains(result.Steps, s => s.Contains("2g.12gb", StringComparison.Ordinal));
    }

    [Fact]
    public void A_vm_without_vgpu_has_nothing_to_do() =>
        Assert.True(TestVm("102") is { Passed: true, HasVgpu: false, Steps.Count: 0 });

    [Fact]
    public void A_start_without_the_hook_does_not_make_what_is_missing()
    {
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "web", Profile = "2g.12gb", RegisterHook = false });
        var result = TestVm("web");
        Assert.False(result.Passed);
        Assert.Equal("register the hook: Register-VgpuHook -VmId 101", result.RecommendedAction);
    }

    [Theory]
    [InlineData("lock: backup", ErrorIds.VmLocked)]
    [InlineData("template: 1", ErrorIds.VmIsTemplate)]
    [InlineData("hostpci0: 0000:09:00.4,mdev=nvidia-690", ErrorIds.DeviceNotFound)]
    [InlineData("hostpci0: 0000:4b:00.4,mdev=nvidia-9", ErrorIds.VgpuTypeNotFound)]
    public void A_start_that_would_fail_says_why(string line, string errorId)
    {
        _lab.With(101, line);
        var before = _lab.Snapshot;
        var result = TestVm("101");
        Assert.False(result.Passed);
        Assert.Equal((errorId, before), (result.ErrorId, _lab.Snapshot));
        Assert.NotEmpty(result.Message!);
        Assert.NotEmpty(result.RecommendedAction!);
    }

    /// <summary>Case 14: Proxmox applies what waits before pre-start.</summary>
    [Fact]
    public void What_waits_is_what_a_start_uses()
    {
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "web", Type = "A30-2-12C" });
        Wait("hostpci0: 0000:4b:00.4,mdev=nvidia-689", "hostpci1: 0000:4b:00.5,mdev=nvidia-689");
        var result = TestVm("web");
        Assert.True(result.Passed);
        var steps = string.Join('\n', result.Steps);
        Assert.DoesNotContain("2g.12gb", steps, StringComparison.Ordinal);
        Assert.Contains("create A30-1-6C (type 689) on function 0000:4b:00.4 for hostpci0", result.Steps);
        Assert.Contains("create A30-1-6C (type 689) on function 0000:4b:00.5 for hostpci1", result.Steps);

        _lab.Start(101);
        Assert.Equal([689u, 689u], _lab.Host.State.Gpus[0].Vgpus.Select(v => v.Type));
    }

    /// <summary>What a running VM has is free when it starts the next time: the whole GPU, here.</summary>
    [Theory]
    [InlineData("9.2", LabBackend.Vfio)]
    [InlineData("8.4", LabBackend.Mdev)]
    public void A_running_vm_is_planned_as_after_its_stop(string pve, LabBackend backend)
    {
        var lab = new VmLab(["A30"], pve: pve, backend: backend);
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "web", Type = "A30-2-12C" });
        lab.Start(101);
        Assert.Equal(0, lab.Node.Hook("sweep").ExitCode);
        Wait(lab, "hostpci0: 0000:4b:00.4,mdev=nvidia-691");
        var planned = TestVm(lab, "web");
        Assert.True(planned.Passed, planned.Message);
        Assert.Contains(planned.Steps, s => s.StartsWith("create GPU instance 4g.24gb", StringComparison.Ordinal));

        lab.Node.StopAndCleanUp(101);
        lab.Start(101);
        Assert.Equal(691u, Assert.Single(lab.Host.State.Gpus[0].Vgpus).Type);
    }

    [Fact]
    public void An_entry_that_waits_to_be_deleted_is_none()
    {
        _lab.With(101, "hostpci0: 0000:4b:00.4,mdev=nvidia-9");
        Wait("delete: hostpci0");
        Assert.True(TestVm("web") is { Passed: true, HasVgpu: false, Steps.Count: 0 });
    }

    /// <summary>K4a: whether a VM has the hook does not depend on its vGPU.</summary>
    [Theory]
    [InlineData("local:snippets/vgpu-hook", true)]
    [InlineData("local:snippets/renamed", true)]
    [InlineData("local:snippets/other", false)]
    public void The_hook_is_told_where_the_plan_fails_too(string volume, bool isOurs)
    {
        _lab.With(101, $"hookscript: {volume}", "hostpci0: 0000:4b:00.4,mdev=nvidia-9")
            .PutFile("/var/lib/vz/snippets/renamed", LabVms.HookMark, isExecutable: true)
            .PutFile("/var/lib/vz/snippets/other", "#!/bin/sh\n", isExecutable: true);
        var result = TestVm("101");
        Assert.False(result.Passed);
        Assert.Equal((isOurs, true), (result.HasHook, result.HasVgpu));
        var report = new ReadHost(_lab.Ports).Run(new ReadHostRequest());
        Assert.Equal(isOurs, report.Vms.Single(v => v.Id == 101).Hook.IsRegistered);
    }

    [Fact]
    public void A_vm_that_does_not_exist_is_an_error() => Assert.Equal(
        ErrorIds.VmNotFound, Assert.Throws<ObjectNotFoundException>(() => TestVm("555")).ErrorId);

    [Fact]
    public void A_hook_that_is_right_passes_every_check()
    {
        _lab.Do(HostUseCases.RegisterVgpuHook, new RegisterVgpuHookRequest { Vm = "101" });
        var checks = TestHook();
        Assert.All(checks, c => Assert.True(c.Passed && c.RecommendedAction is null, c.Check));
        Assert.Equal(
            ["Registered", "File", "Storage", "Executable", "Content", "Installed"], checks.Select(c => c.Check));
        Assert.Equal((101, "web"), (checks[0].VmId, checks[0].VmName));
    }

    [Fact]
    public void Every_fault_is_named_with_what_to_do()
    {
        _lab.Do(HostUseCases.RegisterVgpuHook, new RegisterVgpuHookRequest { Vm = "101" });
        _lab.PutFile(Snippet, "another version")
            .PutFile("/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent iso\n\n")
            .PutFile(Situation.Settings, """{"chain": {"101": {"path": "/var/lib/vz/snippets/gone.sh"}}}""")
            .PutFile("/etc/systemd/system/vgpups.service", "[Unit]\n");
        _lab.With(102, "hostpci0: 0000:4b:00.4,mdev=nvidia-690");
        Assert.Equal(
            [
                (101, "Storage", "allow it: pvesm set local --content iso,snippets"),
                (101, "Executable", $"make it executable: chmod 755 {Snippet}"),
                (101, "Content", "register it: Register-VgpuHook -VmId 101"),
                (101, "Chain", "restore it, or remove VM 101 from \"chain\" in /etc/vgpups/config.json"),
                (102, "Registered", "register it: Register-VgpuHook -VmId 102"),
                ((int?)null, "Unit", "enable it: systemctl enable --now vgpups.service"),
            ],
            TestHook().Where(c => !c.Passed).Select(c => (c.VmId, c.Check, c.RecommendedAction!)));
    }

    [Fact]
    public void A_hook_whose_file_is_gone_says_so()
    {
        _lab.Do(HostUseCases.RegisterVgpuHook, new RegisterVgpuHookRequest { Vm = "101" });
        _lab.Host.Files.Delete(Snippet);
        Assert.Equal("File", TestHook("web").First(c => !c.Passed).Check);
    }

    private void Wait(params string[] lines) => Wait(_lab, lines);

    private static void Wait(VmLab lab, params string[] lines) => lab.Host.Put(
        lab.Node.ConfigPath(new VmId(101)), $"{lab.Text(101)}\n[PENDING]\n{string.Join('\n', lines)}\n");

    private VmVgpuTestInfo TestVm(string vm) => TestVm(_lab, vm);

    private static VmVgpuTestInfo TestVm(VmLab lab, string vm) => HostUseCases.TestVmVgpu.RunAsync(
        lab.Ports, new TestVmVgpuRequest { Vm = vm }, new Progress<StepProgress>(), default).GetAwaiter().GetResult();

    private IReadOnlyList<VgpuHookTestInfo> TestHook(params string[] vms) => HostUseCases.TestVgpuHook.RunAsync(
        _lab.Ports, new TestVgpuHookRequest { Vms = vms }, new Progress<StepProgress>(), default)
        .GetAwaiter().GetResult();
}
