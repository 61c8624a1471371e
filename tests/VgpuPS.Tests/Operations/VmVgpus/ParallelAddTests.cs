using VgpuPS.Core.Errors;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Operations.VmVgpus;

/// <summary>Several who give VMs a vGPU at the same moment.</summary>
[Trait("Duration", "Long")]
public sealed class ParallelAddTests
{
    private static readonly int[] s_vms = [101, 102, 103, 104];

    private readonly VmLab _lab = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_function_is_given_twice(int seed)
    {
        var sessions = new LabScheduler(_lab.Host, seed);
        foreach (var vm in s_vms)
        {
            sessions.Add($"session {vm}", () =>
            {
                using var process = _lab.Host.BeginActor($"session {vm}");
                return HostUseCases.AddVmVgpu.RunAsync(_lab.Ports, Small(vm), new Progress<StepProgress>(), default);
            });
        }

        Assert.All(sessions.Run(), Assert.Null);
        Assert.Equal(s_vms.Length, s_vms.Select(Function).Distinct().Count());
    }

    [Fact]
    public void Function_that_a_person_gives_to_another_vm_meanwhile_is_left_to_it()
    {
        Meanwhile(() => _lab.With(102, "hostpci0: 0000:4b:00.4,mdev=nvidia-689"));
        var done = _lab.Run(HostUseCases.AddVmVgpu, Small(101), isPlanOnly: false);
        Assert.Equal(("0000:4b:00.4", "0000:4b:00.5"), (Function(102), Function(101)));
        Assert.Contains(done.Plan.Steps, s => s.Contains("0000:4b:00.5", StringComparison.Ordinal));
    }

    [Fact]
    public void Function_that_was_named_is_not_replaced_by_another()
    {
        Meanwhile(() => _lab.With(102, "hostpci0: 0000:4b:00.4,mdev=nvidia-689"));
        var refusal = Assert.Throws<ResourceBusyException>(() => _lab.Run(
            HostUseCases.AddVmVgpu, Small(101) with { Function = "0000:4b:00.4" }, isPlanOnly: false));
        Assert.Equal(ErrorIds.FunctionHeld, refusal.ErrorId);
        Assert.Null(_lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void Entry_that_moved_to_a_function_of_another_vm_moves_back()
    {
        _lab.Run(HostUseCases.AddVmVgpu, Small(101), isPlanOnly: false);
        var before = _lab.Line(101, "hostpci0");
        Meanwhile(() => _lab.With(102, "hostpci0: 0000:4b:01.1,mdev=nvidia-689"));
        Assert.Throws<ResourceBusyException>(() => _lab.Run(
            HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", Function = "0000:4b:01.1" }, isPlanOnly: false));
        Assert.Equal(before, _lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void Trying_ends_where_somebody_always_comes_first()
    {
        var next = 0;
        Meanwhile(() => _lab.With(102, $"hostpci{next}: 0000:4b:00.{4 + next++},mdev=nvidia-689"), times: 9);
        var refusal = Assert.Throws<ResourceBusyException>(
            () => _lab.Run(HostUseCases.AddVmVgpu, Small(101), isPlanOnly: false));
        Assert.Equal((ErrorIds.FunctionHeld, 3), (refusal.ErrorId, next));
        Assert.Null(_lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void Whoever_waits_too_long_is_told_who_decides_at_the_moment()
    {
        _lab.PutFile("/etc/vgpups/config.json", """{"version":1,"lockTimeoutSeconds":1}""");
        _lab.Host.Files.CreateDirectory("/run/vgpups", 448);
        using var held = _lab.Host.Files.TryLock("/run/vgpups/assign.lock", 384);
        held!.WriteHolder("pid 7: Add-VmVgpu since then");
        var refusal = Assert.Throws<ResourceBusyException>(
            () => _lab.Run(HostUseCases.AddVmVgpu, Small(101), isPlanOnly: false));
        Assert.Equal(ErrorIds.LockTimeout, refusal.ErrorId);
        Assert.Contains("pid 7: Add-VmVgpu", refusal.Message, StringComparison.Ordinal);
        Assert.NotEmpty(_lab.Plan(HostUseCases.AddVmVgpu, Small(101)).Plan.Steps);
    }

    private static AddVmVgpuRequest Small(int vm) => new() { Vm = $"{vm}", Type = "A30-1-6C" };

    private string? Function(int vm) => _lab.Line(vm, "hostpci0")?.Split(',')[0];

    /// <summary>Does something just before qm sets something; taking it back, every second time, is left
    /// alone.</summary>
    private void Meanwhile(Action work, int times = 1)
    {
        var calls = 0;
        _lab.Host.Gate.Passing = (name, _) =>
        {
            if (name == $"run {QmConfigWriter.Tool}" && calls++ % 2 == 0 && times-- > 0)
            {
                work();
            }
        };
    }
}
