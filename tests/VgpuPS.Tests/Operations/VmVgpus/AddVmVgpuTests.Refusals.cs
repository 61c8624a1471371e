using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Operations.VmVgpus;

public sealed partial class AddVmVgpuTests
{
    private static AddVmVgpuRequest Simple => new() { Vm = "101", Type = "A30-2-12C" };

    [Fact]
    public void A_template_is_refused() => _lab.Refuses<InvalidRequestException, AddVmVgpuRequest>(
        HostUseCases.AddVmVgpu, Simple with { Vm = "900" }, ErrorIds.VmIsTemplate, "qm clone 900");

    [Fact]
    public void A_locked_vm_is_refused() =>
        _lab.With(101, "lock: backup").Refuses<ResourceBusyException, AddVmVgpuRequest>(
        HostUseCases.AddVmVgpu, Simple, ErrorIds.VmLocked, "backup", "qm unlock 101");

    [Fact]
    public void A_vm_with_sixteen_entries_is_refused() => _lab
        .With(101, [.. Enumerable.Range(0, 16).Select(i => $"hostpci{i}: 0000:03:00.0")])
        .Refuses<CapacityException, AddVmVgpuRequest>(HostUseCases.AddVmVgpu, Simple, ErrorIds.NoFreeEntry, "16");

    [Fact]
    public void A_time_sliced_type_on_gpus_with_mig_on_is_refused() =>
        _lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple with { Type = "A30-12C" }, ErrorIds.MigModeMismatch, "A30-2-12C",
            "Disable-MigMode 0");

    [Fact]
    public void A_type_that_no_gpu_has_is_refused_with_those_that_exist() =>
        _lab.Refuses<ObjectNotFoundException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple with { Type = "A100-1-5C" }, ErrorIds.VgpuTypeNotFound, "A30-1-6C",
            "A30-4-24C");

    /// <summary>errors.md B3: nothing can be created on them.</summary>
    [Fact]
    public void Functions_without_vGPU_types_are_given_to_no_VM()
    {
        _lab.Host.Edit(s => s.Gpus.ForEach(g => (g.FunctionCount, g.FunctionsHaveTypes) = (16, false)));
        foreach (var function in (string?[])[null, "0000:4b:00.4"])
        {
            _lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(
                HostUseCases.AddVmVgpu, Simple with { Function = function }, ErrorIds.SriovNotReady,
                "16 functions without vGPU types", "nvidia-vgpud");
        }
    }

    [Fact]
    public void A_GPU_that_does_not_answer_keeps_no_VM_from_the_others()
    {
        _lab.Host.Edit(s => s.Gpus[0].IsLost = true);
        Assert.Contains(
            "0000:ca:00.", string.Join("; ", _lab.Do(HostUseCases.AddVmVgpu, Simple).Plan.Steps),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_that_no_gpu_has_is_refused_with_those_that_exist() =>
        _lab.Refuses<ObjectNotFoundException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "3g.20gb" }, ErrorIds.ProfileNotFound,
            "1g.6gb", "4g.24gb");

    [Fact]
    public void A_profile_of_gpus_with_mig_off_is_refused_where_the_driver_names_none_then()
    {
        var lab = new VmLab(mig: [false, false]);
        lab.Host.Edit(s => s.Setup.MissingFunctions.Add("nvmlDeviceGetGpuInstanceProfileInfo"));
        lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "2g.12gb" }, ErrorIds.MigModeMismatch,
            "Enable-MigMode 0", "A30-2-12C");
    }

    [Fact]
    public void A_profile_of_gpus_with_mig_off_is_taken_with_what_to_switch_on() => Assert.Contains(
        "enable MIG mode of GPU 0 before the VM starts (Enable-MigMode 0): A30-2-12C needs it",
        new VmLab(mig: [false, false]).Do(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "2g.12gb" }).Plan.Steps);

    [Fact]
    public void More_vgpus_than_a_type_allows_a_vm_are_refused() => new VmLab(["A40"], [false])
        .With(101, "hostpci3: 0000:4b:00.5,mdev=nvidia-560")
        .Refuses<CapacityException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A40-1B" }, ErrorIds.TooManyVgpus,
            "A40-1B allows a VM at most 1", "Remove-VmVgpu -VmId 101 -Entry hostpci3");

    [Fact]
    public void A_type_that_must_not_be_mixed_is_refused_beside_another()
    {
        _lab.Host.Edit(s => s.Setup.ExclusiveTypes.Add(691));
        _lab.With(101, "hostpci0: 0000:4b:00.4,mdev=nvidia-690").Refuses<InvalidRequestException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-4-24C" }, ErrorIds.VgpusDoNotMix,
            "A30-4-24C cannot", "hostpci0: A30-2-12C");
    }

    [Fact]
    public void A_type_that_must_not_be_mixed_lets_no_other_in()
    {
        _lab.Host.Edit(s => s.Setup.ExclusiveTypes.Add(690));
        _lab.With(101, "hostpci0: 0000:4b:00.4,mdev=nvidia-690");
        _lab.Refuses<InvalidRequestException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-1-6C" }, ErrorIds.VgpusDoNotMix,
            "A30-2-12C cannot");
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" });
    }

    [Fact]
    public void More_memory_than_any_type_has_is_refused() =>
        _lab.Refuses<ObjectNotFoundException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", MemoryMiB = 50000 }, ErrorIds.VgpuTypeNotFound,
            "A30-4-24C", "24576");

    [Fact]
    public void A_mapping_that_does_not_exist_is_refused() => _lab.Refuses<ObjectNotFoundException, AddVmVgpuRequest>(
        HostUseCases.AddVmVgpu, Simple with { Mapping = "gpus" }, ErrorIds.MappingNotFound, "gpus");

    [Fact]
    public void A_mapping_of_another_node_is_refused() => _lab
        .PutFile("/etc/pve/mapping/pci.cfg", "gpus\n\tmap id=10de:20b7,node=pve2,path=0000:4b:00.4\n\tmdev 1\n")
        .Refuses<ObjectNotFoundException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple with { Mapping = "gpus" }, ErrorIds.MappingNotFound, "pve1");

    [Fact]
    public void A_mapping_without_mediated_devices_is_refused() => _lab
        .PutFile("/etc/pve/mapping/pci.cfg", "gpus\n\tmap id=10de:20b7,node=pve1,path=0000:4b:00.4\n")
        .Refuses<InvalidRequestException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple with { Mapping = "gpus" }, ErrorIds.MappingUnusable, "--mdev 1");

    [Fact]
    public void Function_and_mapping_together_are_refused() => _lab.Refuses<InvalidRequestException, AddVmVgpuRequest>(
        HostUseCases.AddVmVgpu, Simple with { Mapping = "gpus", Function = "4b:00.4" }, ErrorIds.ConflictingParameters);

    [Theory]
    [InlineData("0000:09:00.4", ErrorIds.DeviceNotFound, typeof(ObjectNotFoundException))]
    [InlineData("0000:03:00.0", ErrorIds.NotAVgpuFunction, typeof(InvalidRequestException))]
    [InlineData("0000:4b:00.0", ErrorIds.NotAVgpuFunction, typeof(InvalidRequestException))]
    [InlineData("4b", ErrorIds.InvalidAddress, typeof(InvalidRequestException))]
    public void A_function_that_carries_no_vgpu_is_refused(string function, string errorId, Type type)
    {
        var before = _lab.Snapshot;
        var refusal = Assert.ThrowsAny<VgpuException>(
            () => _lab.Plan(HostUseCases.AddVmVgpu, Simple with { Function = function }));
        Assert.Equal((errorId, type, before), (refusal.ErrorId, refusal.GetType(), _lab.Snapshot));
    }

    [Fact]
    public void A_function_that_is_bound_elsewhere_is_refused()
    {
        _lab.Host.Edit(state => state.Gpus[0].FunctionDrivers["0000:4b:00.4"] = "vfio-pci");
        _lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple with { Function = "0000:4b:00.4" }, ErrorIds.WrongDriver, "vfio-pci");
        _lab.Do(HostUseCases.AddVmVgpu, Simple);
        Assert.StartsWith("0000:4b:00.5,", _lab.Line(101, "hostpci0"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_of_another_vm_is_refused_whether_that_runs_or_not()
    {
        _lab.With(102, "hostpci3: 0000:4b:00.4,mdev=nvidia-689");
        _lab.Refuses<ResourceBusyException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple with { Function = "0000:4b:00.4" }, ErrorIds.FunctionHeld, "VM 102 (build)",
            "hostpci3");
    }

    [Fact]
    public void Gpus_whose_functions_all_have_vms_are_full()
    {
        var lab = new VmLab(["A30"]);
        lab.With(102, [.. Enumerable.Range(4, 16).Select(i =>
            $"hostpci{i - 4}: 0000:4b:{i / 8:x2}.{i % 8},mdev=nvidia-689")]);
        lab.Refuses<CapacityException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple, ErrorIds.NoFreeFunction, "GPU 0");
    }

    [Fact]
    public void A_second_primary_display_is_refused() => _lab
        .With(101, "hostpci0: 0000:4b:00.4,mdev=nvidia-689,x-vga=1").Refuses<InvalidRequestException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple with { PrimaryGpu = true }, ErrorIds.PrimaryGpuTaken, "hostpci0");

    [Fact]
    public void A_host_without_the_driver_is_refused()
    {
        _lab.Host.Edit(state => state.Setup.LibraryIsMissing = true);
        _lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(HostUseCases.AddVmVgpu, Simple, ErrorIds.DriverNotReady);
    }

    [Fact]
    public void A_driver_without_vgpus_is_refused()
    {
        _lab.Host.Edit(state => state.Setup.DriverHasNoVgpu = true);
        _lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(HostUseCases.AddVmVgpu, Simple, ErrorIds.DriverNotReady);
    }

    [Fact]
    public void A_host_that_is_no_proxmox_host_is_refused()
    {
        _lab.Host.Files.Delete("/usr/sbin/qm");
        _lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple, ErrorIds.NotAProxmoxHost, "/usr/sbin/qm");
    }

    [Fact]
    public void A_host_without_the_hook_is_refused()
    {
        _lab.Host.Files.Delete("/usr/lib/vgpups/vgpu-hook");
        _lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, Simple, ErrorIds.HookNotInstalled, "/usr/lib/vgpups/vgpu-hook");
    }

    [Fact]
    public void Somebody_who_is_not_root_is_refused_by_proxmox()
    {
        _lab.Do(HostUseCases.RegisterVgpuHook, new() { Vm = "101" });
        _lab.Host.Processes.Programs["/usr/sbin/qm"] = _ => new(255, null, false, 0, "", "please run as root\n");
        Assert.Equal(ErrorIds.AccessDenied, Fails<AccessDeniedException>().ErrorId);
    }

    [Fact]
    public void What_proxmox_says_is_kept()
    {
        _lab.Do(HostUseCases.RegisterVgpuHook, new() { Vm = "101" });
        _lab.Host.Processes.Programs["/usr/sbin/qm"] = _ =>
            new(29, null, false, 0, "out", "first\nunable to open file\n");
        var failure = Fails<HostCommandException>();
        Assert.Equal(
            (ErrorIds.HostCommandFailed, 29, "first\nunable to open file"),
            (failure.ErrorId, failure.ExitCode, failure.Output));
        Assert.StartsWith(
            "qm set 101 --hostpci0 0000:4b:00.4,mdev=nvidia-690", failure.Command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("VM is locked (snapshot)", ErrorIds.VmLocked)]
    [InlineData("can't lock file '/var/lock/qemu-server/lock-101.conf' - got timeout", ErrorIds.ResourceBusy)]
    [InlineData("detected modified configuration - file changed by other user? Try again.", ErrorIds.VmChanged)]
    public void A_vm_that_is_busy_says_so(string text, string errorId)
    {
        _lab.Host.Processes.Programs["/usr/sbin/qm"] = _ => new(255, null, false, 0, "", text + "\n");
        Assert.Equal(errorId, Fails<ResourceBusyException>().ErrorId);
    }

    [Fact]
    public void A_vm_that_is_being_started_is_busy()
    {
        using var held = _lab.Host.Files.TryLock("/run/lock/qemu-server/lock-101.conf", FileModes.Mode644);
        Assert.Equal(ErrorIds.ResourceBusy, Fails<ResourceBusyException>().ErrorId);
    }

    [Fact]
    public void A_success_that_wrote_nothing_is_found_out()
    {
        _lab.Host.Gate.Lie("run /usr/sbin/qm");
        var failure = Fails<HostCommandException>();
        Assert.Equal(ErrorIds.ReadBackMismatch, failure.ErrorId);
        Assert.Contains("not set", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_does_not_end_is_given_up()
    {
        _lab.Host.Processes.Programs["/usr/sbin/qm"] = _ => new(null, null, true, 0, "", "");
        Assert.Equal(ErrorIds.Timeout, Fails<HostTimeoutException>().ErrorId);
    }

    private T Fails<T>()
        where T : VgpuException
    {
        var text = _lab.Text(101);
        var failure = Assert.Throws<T>(() => _lab.Run(HostUseCases.AddVmVgpu, Simple, isPlanOnly: false));
        Assert.Equal(text, _lab.Text(101));
        return failure;
    }
}
