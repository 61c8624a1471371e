using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations.VmVgpus;

public sealed class ChangeVmVgpuTests
{
    private const string First = "hostpci0: 0000:4b:00.4,mdev=nvidia-689,pcie=1,rombar=0";

    private readonly VmLab _lab = new();

    [Fact]
    public void A_new_type_leaves_the_rest_of_the_line()
    {
        _lab.With(101, First);
        var done = _lab.Do(HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "web", Type = "A30-2-12C" });
        Assert.Equal("0000:4b:00.4,mdev=nvidia-690,pcie=1,rombar=0", _lab.Line(101, "hostpci0"));
        Assert.Equal("hostpci0", Assert.Single(done.Objects).Entry);
        Assert.Empty(
            _lab.Do(HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "web", Type = "A30-2-12C" }).Plan.Steps);
    }

    [Fact]
    public void A_new_function_keeps_the_type()
    {
        _lab.With(101, First);
        _lab.Do(HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", Entry = "0", Function = "ca:00.6" });
        Assert.Equal("0000:ca:00.6,mdev=nvidia-689,pcie=1,rombar=0", _lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void A_function_becomes_a_mapping_and_back()
    {
        _lab.With(101, First).Node.MapFunctions("gpus", "0000:4b:00.4");
        _lab.Do(HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", Mapping = "gpus" });
        Assert.Equal("mapping=gpus,mdev=nvidia-689,pcie=1,rombar=0", _lab.Line(101, "hostpci0"));
        _lab.Do(HostUseCases.SetVmVgpu,
            new SetVmVgpuRequest { Vm = "101", Function = "0000:4b:00.5", Profile = "2g.12gb" });
        Assert.Equal("0000:4b:00.5,mdev=nvidia-690,pcie=1,rombar=0", _lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void The_primary_display_needs_no_driver()
    {
        _lab.With(101, First).Host.Edit(state => state.Setup.LibraryIsMissing = true);
        _lab.Do(HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", PrimaryGpu = true });
        Assert.Equal("0000:4b:00.4,mdev=nvidia-689,pcie=1,rombar=0,x-vga=1", _lab.Line(101, "hostpci0"));
        _lab.Do(HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", PrimaryGpu = false });
        Assert.Equal("0000:4b:00.4,mdev=nvidia-689,pcie=1,rombar=0", _lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void Nothing_to_change_is_refused() =>
        _lab.With(101, First).Refuses<InvalidRequestException, SetVmVgpuRequest>(
        HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", Type = " " }, ErrorIds.NothingToChange);

    [Fact]
    public void A_type_that_the_functions_gpu_lacks_is_refused()
    {
        var lab = new VmLab(["A30", "A100-40"]).With(101, First);
        lab.Refuses<ObjectNotFoundException, SetVmVgpuRequest>(
            HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", Type = "A100-1-5C" }, ErrorIds.VgpuTypeNotFound,
            "GPU 0");
        lab.Refuses<ObjectNotFoundException, SetVmVgpuRequest>(
            HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", Function = "0000:ca:00.4" },
            ErrorIds.VgpuTypeNotFound, "GPU 1");
        lab.Do(
            HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", Function = "0000:ca:00.4", Type = "A100-1-5C" });
    }

    [Fact]
    public void A_function_of_another_vm_is_refused() => _lab.With(101, First)
        .With(102, "hostpci0: 0000:4b:00.7,mdev=nvidia-689").Refuses<ResourceBusyException, SetVmVgpuRequest>(
            HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", Function = "4b:00.7" }, ErrorIds.FunctionHeld,
            "VM 102");

    [Fact]
    public void One_of_several_must_be_named()
    {
        _lab.With(101, First, "hostpci5: 0000:4b:00.5,mdev=nvidia-689", "hostpci6: 0000:03:00.0");
        _lab.Refuses<InvalidRequestException, RemoveVmVgpuRequest>(
            HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101" }, ErrorIds.AmbiguousVgpu, "hostpci0",
            "hostpci5");
        _lab.Do(HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101", Entry = "hostpci5" });
        Assert.Equal(["hostpci0", "hostpci6"], _lab.Config(101).HostPci.Select(e => e.Key));
        _lab.Do(HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101", Entry = " " });
        Assert.Equal(["hostpci6"], _lab.Config(101).HostPci.Select(e => e.Key));
    }

    [Fact]
    public void Removing_what_is_not_there_is_an_error()
    {
        _lab.With(102, "hostpci1: 0000:03:00.0");
        _lab.Refuses<ObjectNotFoundException, RemoveVmVgpuRequest>(
            HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101" }, ErrorIds.EntryNotFound);
        _lab.Refuses<ObjectNotFoundException, RemoveVmVgpuRequest>(
            HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "102", Entry = "hostpci0" },
            ErrorIds.EntryNotFound);
        _lab.Refuses<InvalidRequestException, RemoveVmVgpuRequest>(
            HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "102", Entry = "hostpci1" },
            ErrorIds.EntryNotFound);
        _lab.Refuses<InvalidRequestException, RemoveVmVgpuRequest>(
            HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "102", Entry = "hostpci16" },
            ErrorIds.InvalidEntry);
    }

    [Fact]
    public void A_running_vm_loses_it_at_its_next_cold_start()
    {
        _lab.With(101, First, "hookscript: local:snippets/vgpu-hook")
            .PutFile("/var/lib/vz/snippets/vgpu-hook", LabVms.HookMark, isExecutable: true).Start(101);
        var done = _lab.Do(HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101" });
        Assert.Contains("next cold start", done.Plan.Steps[1], StringComparison.Ordinal);
        Assert.Contains("keep the hook", done.Plan.Steps[^1], StringComparison.Ordinal);
        Assert.NotNull(_lab.Line(101, "hostpci0"));
        Assert.NotNull(_lab.Line(101, "hookscript"));
        _lab.Refuses<ObjectNotFoundException, RemoveVmVgpuRequest>(
            HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101" }, ErrorIds.EntryNotFound);
        _lab.Node.StopAndCleanUp(101);
        _lab.Start(101);
        Assert.Null(_lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void A_removal_that_did_nothing_is_found_out()
    {
        _lab.With(101, First).Host.Gate.Lie("run /usr/sbin/qm");
        Assert.Equal(
            ErrorIds.ReadBackMismatch,
            Assert.Throws<HostCommandException>(() => _lab.Run(
                HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101" }, isPlanOnly: false)).ErrorId);
    }

    [Fact]
    public void A_locked_vm_is_refused()
    {
        _lab.With(101, First, "lock: snapshot");
        _lab.Refuses<ResourceBusyException, RemoveVmVgpuRequest>(
            HostUseCases.RemoveVmVgpu, new RemoveVmVgpuRequest { Vm = "101" }, ErrorIds.VmLocked);
        _lab.Refuses<ResourceBusyException, SetVmVgpuRequest>(
            HostUseCases.SetVmVgpu, new SetVmVgpuRequest { Vm = "101", PrimaryGpu = true }, ErrorIds.VmLocked);
    }
}
