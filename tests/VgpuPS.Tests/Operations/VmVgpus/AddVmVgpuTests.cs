using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Operations.VmPower;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Operations.VmVgpus;

public sealed partial class AddVmVgpuTests
{
    private readonly VmLab _lab = new();

    [Theory]
    [InlineData("9.2", LabBackend.Vfio)]
    [InlineData("9.2", LabBackend.Mdev)]
    [InlineData("8.4", LabBackend.Vfio)]
    [InlineData("8.4", LabBackend.Mdev)]
    public void A_vm_with_a_new_vgpu_starts(string pve, LabBackend backend)
    {
        var lab = new VmLab(pve: pve, backend: backend);
        var done = lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" });

        Assert.Equal("VM 101 (web)", done.Plan.Target);
        Assert.Equal(
            [
                "write the hook to /var/lib/vz/snippets/vgpu-hook (copy of /usr/lib/vgpups/vgpu-hook)",
                "set hookscript of VM 101 (web) to local:snippets/vgpu-hook",
                "set hostpci0 of VM 101 (web) to 0000:4b:00.4,mdev=nvidia-690,pcie=1 (A30-2-12C on GPU 0 (NVIDIA A30, "
                    + "0000:4b:00.0))",
            ],
            done.Plan.Steps);
        Assert.Equal((101, "hostpci0"), (Assert.Single(done.Objects).VmId, done.Objects[0].Entry));
        Assert.Equal("0000:4b:00.4,mdev=nvidia-690,pcie=1", lab.Line(101, "hostpci0"));
        Assert.Equal("local:snippets/vgpu-hook", lab.Line(101, "hookscript"));
        lab.Start(101);
        Assert.Contains("profile=5", lab.Node.Snapshot(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A30-1-6C", null, null, "nvidia-689")]
    [InlineData(" a30-1-6c ", "", null, "nvidia-689")]
    [InlineData("NVIDIA A30-1-6C", null, null, "nvidia-689")]
    [InlineData("nvidia-689", " ", null, "nvidia-689")]
    [InlineData("689", null, null, "nvidia-689")]
    [InlineData(null, "2g.12gb", null, "nvidia-690")]
    [InlineData("", "MIG 1g.6gb+me", null, "nvidia-708")]
    [InlineData(null, null, 1L, "nvidia-689")]
    [InlineData("", "", 12288L, "nvidia-690")]
    [InlineData(null, null, 12289L, "nvidia-691")]
    public void The_type_is_found_by_name_number_profile_or_memory(
        string? type, string? profile, long? memory, string expected)
    {
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest
        {
            Vm = "web",
            Type = type,
            Profile = profile,
            MemoryMiB = memory,
            Function = " ",
            Mapping = "",
        });
        Assert.Equal($"0000:4b:00.4,mdev={expected},pcie=1", _lab.Line(101, "hostpci0"));
    }

    [Theory]
    [InlineData("A100-40", true, 10240L, "A100-1-10C")]
    [InlineData("A100-40", false, 10240L, "A100-10C")]
    [InlineData("RTX PRO 6000", true, 12288L, "DC-1-12Q")]
    [InlineData("A40", false, 8000L, "A40-8Q")]
    public void Memory_means_the_smallest_type_of_the_present_mode(string model, bool mig, long memory, string name)
    {
        var lab = new VmLab([model], [mig]);
        var plan = lab.Plan(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", MemoryMiB = memory }).Plan;
        Assert.Contains(plan.Steps, s => s.Contains($"{name} on GPU 0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_profile_means_the_type_that_fills_an_instance()
    {
        var lab = new VmLab(["RTX PRO 6000"]);
        var plan = lab.Plan(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "1g.24gb+gfx" }).Plan;
        Assert.Contains(plan.Steps, s => s.Contains("DC-1-24Q", StringComparison.Ordinal));
    }

    [Fact]
    public void A_profile_without_types_is_refused_with_those_that_have_some() =>
        new VmLab(["RTX PRO 6000"]).Refuses<ObjectNotFoundException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "1g.24gb" }, ErrorIds.VgpuTypeNotFound,
            "1g.24gb+gfx");

    [Theory]
    [InlineData(null, null, null, ErrorIds.MissingParameter)]
    [InlineData("", " ", null, ErrorIds.MissingParameter)]
    [InlineData("A30-1-6C", "1g.6gb", null, ErrorIds.ConflictingParameters)]
    [InlineData("A30-1-6C", null, 6144L, ErrorIds.ConflictingParameters)]
    [InlineData(null, "1g.6gb", 6144L, ErrorIds.ConflictingParameters)]
    [InlineData(null, null, 0L, ErrorIds.InvalidMemorySize)]
    [InlineData(null, null, -5L, ErrorIds.InvalidMemorySize)]
    public void Exactly_one_of_type_profile_and_memory_is_taken(
        string? type, string? profile, long? memory, string errorId) =>
        _lab.Refuses<InvalidRequestException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu,
            new AddVmVgpuRequest { Vm = "101", Type = type, Profile = profile, MemoryMiB = memory },
            errorId, "-Type");

    [Fact]
    public void Vms_that_do_not_run_keep_their_functions_and_their_capacity()
    {
        foreach (var vm in (string[])["web", "build", "render", "desk"])
        {
            _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = vm, Profile = "2g.12gb" });
        }

        Assert.Equal(
            ["0000:4b:00.4", "0000:4b:00.5", "0000:ca:00.4", "0000:ca:00.5"],
            Enumerable.Range(101, 4).Select(v => _lab.Config(v).HostPci[0].Hosts[0]));
        foreach (var vm in (int[])[101, 102, 103, 104])
        {
            _lab.Start(vm);
        }
    }

    [Fact]
    public void More_than_fits_is_allowed_and_reported()
    {
        var lab = new VmLab(["A30"]);
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "4g.24gb" });
        Assert.Empty(lab.Warnings);
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "102", Profile = "1g.6gb" });
        Assert.Equal(
            "GPU 0 (NVIDIA A30, 0000:4b:00.0) cannot carry the 2 VMs that are configured for vGPUs there at once: "
                + "VM 102 (build, A30-1-6C) would be refused while VM 101 runs; run it at other times, choose smaller "
                + "ones, or see what fits: Get-VgpuCapacity",
            Assert.Single(lab.Warnings));
    }

    [Fact]
    public void More_for_one_VM_than_its_GPU_carries_is_said_of_that_VM_and_refused_at_its_start()
    {
        var lab = new VmLab(["A30"]);
        for (var i = 0; i < 3; i++)
        {
            lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "2g.12gb" });
        }

        Assert.Contains(
            "cannot carry what VM 101 (web, A30-2-12C, A30-2-12C, A30-2-12C) is configured for, though no other VM",
            lab.Warnings.Distinct().Single(), StringComparison.Ordinal);
        lab.Refuses<CapacityException, StartVgpuVmRequest>(
            HostUseCases.StartVgpuVm, new StartVgpuVmRequest { Vm = "101" }, ErrorIds.NoFreePlacement,
            "take an entry out (qm set 101 --delete hostpci", "even empty GPUs do not carry all of them");
    }

    [Fact]
    public void VMs_that_fit_in_one_order_alone_are_no_overcommitment()
    {
        var lab = new VmLab(["A30"]);
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "1g.6gb" });
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "102", Profile = "1g.6gb" });
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "103", Profile = "2g.12gb" });
        Assert.Empty(lab.Warnings);
    }

    [Fact]
    public void A_gpu_whose_mig_mode_goes_with_the_type_comes_first()
    {
        var lab = new VmLab(mig: [false, true]);
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-1-6C" });
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "102", Type = "A30-6C" });
        Assert.Equal("0000:ca:00.4", lab.Config(101).HostPci[0].Hosts[0]);
        Assert.Equal("0000:4b:00.4", lab.Config(102).HostPci[0].Hosts[0]);
    }

    [Fact]
    public void A_gpu_with_mig_off_takes_a_type_that_needs_it_with_a_note()
    {
        var lab = new VmLab(mig: [false, false]);
        var plan = lab.Plan(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-1-6C" }).Plan;
        Assert.Contains(plan.Steps, s => s.Contains("Enable-MigMode 0", StringComparison.Ordinal));
    }

    [Fact]
    public void An_instance_that_is_there_already_draws_the_vgpu()
    {
        var lab = new VmLab();
        using (var driver = lab.Ports.Driver.Open())
        {
            var gpu = VgpuPS.Core.Gpu.PciAddress.Parse(VmLab.Gpu1);
            var profile = driver.GetProfiles(gpu).First(p => p.Name == "1g.6gb");
            var created = driver.CreateInstance(gpu, profile.Id, profile.Placements[0])!.Value;
            driver.CreateComputeInstance(gpu, created, driver.GetComputeProfiles(gpu, created)[^1].Id);
        }

        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Profile = "1g.6gb" });
        Assert.StartsWith("0000:ca:", lab.Line(101, "hostpci0"), StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_that_are_off_are_foretold()
    {
        var lab = new VmLab(functions: false);
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" });
        Assert.StartsWith("0000:4b:00.4,", lab.Line(101, "hostpci0"), StringComparison.Ordinal);
        lab.Start(101);
    }

    [Fact]
    public void Functions_that_are_off_and_stay_off_are_refused()
    {
        var lab = new VmLab(functions: false).PutFile(Situation.Settings, """{"sriov": "never"}""");
        lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" }, ErrorIds.SriovNotReady,
            "Enable-Sriov 0");
        lab.Refuses<HostNotReadyException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu,
            new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C", Function = "0000:4b:00.4" }, ErrorIds.SriovNotReady);
    }

    [Fact]
    public void A_function_can_be_named_in_any_form()
    {
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest
        {
            Vm = "101",
            Type = "A30-2-12C",
            Function = "00000000:CA:00.7",
            PrimaryGpu = true,
            PciExpress = false,
        });
        Assert.Equal("0000:ca:00.7,mdev=nvidia-690,x-vga=1", _lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void A_named_function_that_the_vm_has_already_is_no_change()
    {
        var request = new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C", Function = "0000:4b:00.6" };
        _lab.Do(HostUseCases.AddVmVgpu, request);
        var again = _lab.Do(HostUseCases.AddVmVgpu, request);
        Assert.Empty(again.Plan.Steps);
        Assert.Equal("hostpci0", Assert.Single(again.Objects).Entry);
        _lab.Refuses<InvalidRequestException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, request with { Type = "A30-1-6C" }, ErrorIds.FunctionAlreadyUsed, "Set-VmVgpu");
    }

    [Fact]
    public void A_mapping_leaves_the_function_to_proxmox()
    {
        _lab.Node.MapFunctions("gpus", "0000:4b:00.4", "0000:4b:00.5");
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C", Mapping = "gpus" });
        Assert.Equal("mapping=gpus,mdev=nvidia-690,pcie=1", _lab.Line(101, "hostpci0"));
        _lab.Start(101);
    }

    [Fact]
    public void Functions_of_a_mapping_are_taken_last()
    {
        _lab.Node.MapFunctions("gpus", "0000:4b:00.4", "0000:4b:00.5");
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" });
        Assert.StartsWith("0000:4b:00.6,", _lab.Line(101, "hostpci0"), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_mapping_has_all_functions_its_VMs_get_the_first_and_others_the_last()
    {
        var lab = new VmLab(["A30"], [false]);
        var gpu = lab.Host.State.Gpus[0];
        lab.Node.MapFunctions("gpus", [.. Enumerable.Range(0, gpu.FunctionCount).Select(i => $"{gpu.FunctionAt(i)}")]);
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-6C", Mapping = "gpus" });
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "102", Type = "A30-6C" });
        Assert.StartsWith("0000:4b:02.3,", lab.Line(102, "hostpci0"), StringComparison.Ordinal);
        Assert.Empty(lab.Warnings);
        lab.Start(101).Start(102);
    }

    [Fact]
    public void The_lowest_free_entry_is_taken()
    {
        _lab.With(101, "hostpci0: 0000:03:00.0", "hostpci2: 0000:0a:00.0");
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" });
        Assert.NotNull(_lab.Line(101, "hostpci1"));
    }

    [Fact]
    public void A_running_vm_gets_it_at_its_next_cold_start()
    {
        _lab.Start(101);
        var done = _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" });
        Assert.Contains("next cold start", done.Plan.Steps[^1], StringComparison.Ordinal);
        Assert.Null(_lab.Line(101, "hostpci0"));
        Assert.NotNull(_lab.Config(101).Pending["hostpci0"]);
        _lab.Node.StopAndCleanUp(101);
        _lab.Start(101);
        Assert.NotNull(_lab.Line(101, "hostpci0"));
    }

    [Fact]
    public void A_machine_without_pci_express_gets_a_plain_device()
    {
        _lab.Host.Put(_lab.Node.ConfigPath(new VmId(101)), "memory: 512\nname: web\n");
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" });
        Assert.Equal("0000:4b:00.4,mdev=nvidia-690", _lab.Line(101, "hostpci0"));
        _lab.Refuses<InvalidRequestException, AddVmVgpuRequest>(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C", PciExpress = true },
            ErrorIds.PciExpressUnsupported, "q35");
    }

    [Fact]
    public void The_hook_can_be_left_out()
    {
        _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C", RegisterHook = false });
        Assert.Null(_lab.Line(101, "hookscript"));
    }

    [Fact]
    public void A_gpu_from_before_sriov_is_shared_by_its_vms()
    {
        var lab = new VmLab(["T4"], functions: false, mig: [false]);
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", MemoryMiB = 4096 });
        lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "102", MemoryMiB = 4096 });
        Assert.Equal(
            ["0000:4b:00.0", "0000:4b:00.0"], Enumerable.Range(101, 2).Select(v => lab.Config(v).HostPci[0].Hosts[0]));
    }

    [Fact]
    public void Each_change_is_in_the_log_and_reported_as_progress()
    {
        var done = _lab.Do(HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Vm = "101", Type = "A30-2-12C" });
        Assert.Equal(done.Plan.Steps, _lab.Progress.Select(p => p.Text));
        var log = _lab.ReadFile("/var/log/vgpups/events.jsonl")!;
        Assert.Contains("\"VM 101 hostpci0\"", log, StringComparison.Ordinal);
        Assert.Contains("\"test\"", log, StringComparison.Ordinal);
    }
}
