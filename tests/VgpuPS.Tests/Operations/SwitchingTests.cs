using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Vgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations;

/// <summary>Functions and MIG mode: what each change needs, in which order, and what it must not destroy.</summary>
public sealed class SwitchingTests
{
    public static TheoryData<string, LabBackend> Models { get; } = new()
    {
        { "A30", LabBackend.Mdev }, { "A30", LabBackend.Vfio }, { "A100-80", LabBackend.Vfio },
        { "H100", LabBackend.Vfio }, { "RTX PRO 6000", LabBackend.Vfio },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Functions_and_MIG_mode_go_on_and_off_alone(string model, LabBackend backend)
    {
        var host = Changes.On(model, backend, functions: false);
        host.Apply(Changes.With(sriov: true));
        Assert.Equal(host.State().Model.TotalFunctions, host.State().FunctionCount);
        Assert.Equal(
            ["disable", "enable", "enable"],
            host.Apply(Changes.With(mig: true)).Plan.Steps.Select(s => s.Split(' ')[0]));
        Assert.True(host.State().MigCurrent && host.State().FunctionCount > 0);
        host.Apply(Changes.With(mig: false));
        Assert.True(!host.State().MigCurrent && host.State().FunctionCount > 0);
        host.Apply(Changes.With(sriov: false));
        Assert.Equal(0, host.State().FunctionCount);
    }

    [Fact]
    public void GPU_without_MIG_or_functions_is_refused_and_what_it_has_not_is_off_already()
    {
        var turing = Changes.On("T4", LabBackend.Mdev, functions: false);
        turing.RefusesLayout(ErrorIds.SriovNotSupported, Changes.With(sriov: true), "New-Vgpu");
        turing.RefusesLayout(ErrorIds.MigNotSupported, Changes.With(mig: true));
        Assert.Empty(turing.Apply(Changes.With(sriov: false, mig: false)).Plan.Steps);
        Changes.On("L40S").RefusesLayout(ErrorIds.MigNotSupported, Changes.With(mig: true), "has no MIG");
    }

    [Fact]
    public void Board_in_display_mode_names_the_mode_and_the_tool()
    {
        var host = Changes.On("RTX PRO 6000", functions: false);
        host.Node.Host.Edit(s => s.Gpus[0].IsInDisplayMode = true);
        host.RefusesLayout(
            ErrorIds.SriovNotSupported, Changes.With(sriov: true), "in display mode", "displaymodeselector");
        host.RefusesLayout(
            ErrorIds.MigNotSupported, Changes.With(mig: true), "in display mode", "displaymodeselector");
        host.Refuses(
            ErrorIds.SriovNotReady, HostUseCases.CreateVgpu,
            new CreateVgpuRequest { Gpu = Changes.Gpu, Type = "DC-4Q" }, "in display mode", "displaymodeselector");
    }

    [Theory]
    [InlineData("pci-pf-stub", "driver pci-pf-stub has it", "drivers/pci-pf-stub/unbind; ")]
    [InlineData("vfio-pci", "driver vfio-pci has it", "drivers/vfio-pci/unbind; ")]
    [InlineData(null, "no driver has it", "> /sys/bus/pci/devices/0000:ca:00.0/driver_override; ")]
    public void GPU_that_another_driver_has_is_there_and_can_be_freed(string? driver, string words, string fix)
    {
        var host = new Changes(LabNodes.Of(["A30", "A30"], LabBackend.Vfio, mig: false));
        host.Node.Host.Edit(s => s.Gpus[1].Driver = driver);
        var layout = Changes.With(sriov: true) with { Gpu = "0000:ca:00.0" };
        host.RefusesLayout(ErrorIds.WrongDriver, layout, "0000:ca:00.0", "is there", words, fix,
            "echo 0000:ca:00.0 > /sys/bus/pci/drivers/nvidia/bind");
        host.RefusesLayout(
            ErrorIds.WrongDriver, layout with { Sriov = null, Mig = true }, "0000:ca:00.0", "is there", words);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_enabling_functions_would_destroy_is_named_and_goes_with_force(string model, LabBackend backend)
    {
        var host = Changes.On(model, backend, mig: true, functions: false);
        host.Apply(Changes.With(instances: Smallest(host)));
        var before = host.Instances();
        host.RefusesLayout(ErrorIds.WouldDestroy, Changes.With(sriov: true), "GPU instance", "-Force");
        Assert.Equal(before, host.Instances());
        var done = host.Apply(Changes.With(sriov: true), force: true);
        Assert.Single(done.Plan.Losses);
        Assert.Equal("", host.Instances());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Instances_that_the_layout_wants_are_made_again(string model, LabBackend backend)
    {
        var host = Changes.On(model, backend, mig: true, functions: false);
        host.Apply(Changes.With(instances: Smallest(host)));
        var done = host.Apply(Changes.With(sriov: true, mig: true, instances: Smallest(host)));
        Assert.Empty(done.Plan.Losses);
        Assert.NotEqual("", host.Instances());
        Assert.True(host.State().FunctionCount > 0);
    }

    [Fact]
    public void Mixed_sizes_and_scheduler_are_not_lost_silently()
    {
        var host = Changes.On("L40S");
        host.Apply(Changes.With(mixed: true, scheduler: Changes.Equal()));
        host.RefusesLayout(ErrorIds.WouldDestroy, Changes.With(sriov: false), "mixed sizes", "equal share");
        var done = host.Apply(Changes.With(sriov: false), force: true);
        Assert.Equal(2, done.Plan.Losses.Count);
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void Running_VM_keeps_functions_and_mode_even_from_force(LabBackend backend)
    {
        var host = new Changes(Running(backend).Node);
        host.RefusesLayout(ErrorIds.ResourceBusy, Changes.With(sriov: false), "VM 101", "qm shutdown 101");
        host.Refuses(
            ErrorIds.ResourceBusy, VgpuPS.Host.Sessions.HostUseCases.ApplyLayout,
            Changes.Layout(Changes.With(mig: false), force: true), "VM 101");
    }

    [Theory]
    [InlineData(LabBackend.Mdev)]
    [InlineData(LabBackend.Vfio)]
    public void Idle_vGPU_is_named_and_goes_with_force(LabBackend backend)
    {
        var host = Changes.On("A30", backend);
        VgpuTests.Create(host, "A30-12C");
        host.RefusesLayout(ErrorIds.WouldDestroy, Changes.With(sriov: false), "A30-12C", Changes.First);
        Assert.Single(host.Apply(Changes.With(sriov: false), force: true).Plan.Losses);
        Assert.Empty(host.State().Vgpus);
    }

    [Fact]
    public void Reset_is_refused_with_its_command_and_done_where_asked()
    {
        var host = Changes.On("A30");
        host.Node.Host.Edit(state => state.Setup.MigChangeAsksForReset = true);
        var before = HostSnapshot.TakeUndone(host.Node);
        var failure = Assert.Throws<HostNotReadyException>(() => host.Run(
            VgpuPS.Host.Sessions.HostUseCases.ApplyLayout, Changes.Layout(Changes.With(mig: true))));
        Assert.Equal(ErrorIds.ResetRequired, failure.ErrorId);
        Assert.Contains("--gpu-reset -i 0000:4b:00.0", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(before, HostSnapshot.TakeUndone(host.Node));
        host.Apply(Changes.With(mig: true), reset: true);
        Assert.True(host.State().MigCurrent && host.State().FunctionCount > 0);
        host.Apply(Changes.With(mig: false), reset: true);
    }

    [Fact]
    public void Pending_mode_is_refused_without_reset_and_can_be_rolled_back()
    {
        var host = Changes.On("A30", functions: false);
        host.Node.Host.Edit(state => state.Gpus[0].MigPending = true);
        host.RefusesLayout(ErrorIds.ResetRequired, Changes.With(mig: true), "-Reset");
        host.Apply(Changes.With(mig: false));
        Assert.False(host.State().MigPending);
    }

    [Fact]
    public void Whoever_holds_the_GPU_is_named()
    {
        var host = Changes.On("A30", functions: false);
        host.Node.Host.Edit(state => state.Programs.Add(new LabProgram
        {
            Pid = 812,
            Name = "nv-hostengine",
            Unit = "nvidia-dcgm.service",
            Gpus = [Changes.Gpu],
        }));
        var failure = Assert.Throws<ResourceBusyException>(() => host.Run(
            VgpuPS.Host.Sessions.HostUseCases.ApplyLayout, Changes.Layout(Changes.With(mig: true))));
        Assert.Contains("process 812 nv-hostengine (nvidia-dcgm.service)", failure.Message, StringComparison.Ordinal);
        Assert.False(host.State().MigPending);
    }

    [Fact]
    public void Plan_on_a_bare_host_shows_all_that_will_be_done()
    {
        var host = Changes.On("A30", functions: false);
        var plan = host.Plan(
            VgpuPS.Host.Sessions.HostUseCases.ApplyLayout,
            Changes.Layout(Changes.With(sriov: true, mig: true, instances: [new("2g.12gb"), new("1g.6gb", "3:1")])));
        Assert.Equal(4, plan.Steps.Count);
        Assert.StartsWith("enable MIG mode", plan.Steps[0], StringComparison.Ordinal);
        Assert.StartsWith("enable 16 virtual functions", plan.Steps[1], StringComparison.Ordinal);
        Assert.StartsWith("create GPU instance 2g.12gb", plan.Steps[2], StringComparison.Ordinal);
        Assert.StartsWith("create GPU instance 1g.6gb at 3:1", plan.Steps[3], StringComparison.Ordinal);
        host.Apply(Changes.With(sriov: true, mig: true, instances: [new("2g.12gb"), new("1g.6gb", "3:1")]));
        Assert.Equal("2g.12gb@0:2[2g.12gb] 1g.6gb@3:1[1g.6gb]", host.Instances());
    }

    internal static Situation Running(LabBackend backend)
    {
        var situation = Situation.Of("9.2", backend).Vm(101, $"0={Situation.First},mdev=nvidia-690");
        situation.Starts(101);
        return situation;
    }

    private static InstanceLayout Smallest(Changes host) =>
        new(host.State().Model.Profiles[0].Name.Replace("MIG ", "", StringComparison.Ordinal));
}
