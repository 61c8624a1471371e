using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using Xunit;
using LabNode = VgpuPS.LabHook.LabHostNode;

namespace VgpuPS.Tests.Operations.Doctor;

/// <summary>A host is made ready from every state that it can start in: run, restart, run again, and the doctor finds
/// nothing.</summary>
public sealed class InitializeHostTests
{
    private readonly List<string> _warnings = [];

    public static TheoryData<string, LabLoader, LabCpu, string> Starts => new(
        from pve in (string[])["8.4", "9.2"]
        from loader in Enum.GetValues<LabLoader>()
        from cpu in Enum.GetValues<LabCpu>()
        from state in (string[])["bare", "nouveau off", "guest driver", "wrong kernel", "kernel to install",
            "Secure Boot"]
        where state != "Secure Boot" || loader != LabLoader.SystemdBoot
        select (pve, loader, cpu, state));

    [Theory]
    [MemberData(nameof(Starts))]
    public void Host_is_ready_after_two_runs_and_a_restart(string pve, LabLoader loader, LabCpu cpu, string state)
    {
        var node = Make(pve, loader, cpu, state);
        var request = new InitializeHostRequest { DriverPath = PutPackage(node, pve, state) };
        if (loader == LabLoader.SystemdBoot && (state is "wrong kernel" or "kernel to install"))
        {
            var refusal = Refuses<HostNotReadyException>(node, request, ErrorIds.KernelStepBack);
            Assert.Contains("zpool", refusal.RecommendedAction, StringComparison.Ordinal);
            request = request with { Force = true };
            node.Host.Edit(s => s.Platform.PoolSeries = "6.5");
        }

        if (state == "Secure Boot")
        {
            var refusal = Refuses<HostNotReadyException>(node, request, ErrorIds.SecureBootNeedsKey);
            Assert.Contains("mokutil --import", refusal.RecommendedAction, StringComparison.Ordinal);
            node.Host.Put("/var/lib/dkms/mok.pub", "key\n");
            node.Host.Edit(s => s.Platform.KeyIsEnrolled = true);
        }

        Do(node, request);
        if (Plan(node, request).Steps.Count == 0 && NeedsRestart)
        {
            Assert.Equal(state is "wrong kernel" or "kernel to install" ? 2 : 1, _warnings.Count);
            node.Host.Reboot();
            Do(node, request);
        }

        Assert.Empty(Plan(node, request).Steps);
        Assert.Empty(RunDoctorTests.Ask(node).Findings);
        node.Host.Reboot();
        Assert.Empty(RunDoctorTests.Ask(node).Findings);
        Assert.Equal("nvidia", node.Host.State.Gpus[0].Driver);
    }

    [Fact]
    public void Host_that_is_ready_has_nothing_to_do()
    {
        foreach (var cpu in Enum.GetValues<LabCpu>())
        {
            var node = LabNode.Create(new LabOptions { Cpu = cpu, WithVms = true });
            Assert.Empty(Plan(node, new InitializeHostRequest()).Steps);
            Assert.Empty(Do(node, new InitializeHostRequest()).Steps);
            Assert.Empty(_warnings);
        }
    }

    [Fact]
    public void Host_is_not_restarted_into_a_kernel_without_the_module()
    {
        const string Next = "6.14.12-1-pve";
        var node = LabNode.Create(new LabOptions { WithVms = true });
        node.Host.Edit(s => HostFault.SetGrub(s, "quiet", isBroughtToLoader: true));
        node.Host.Reboot();
        node.Host.Edit(s =>
        {
            LabDisk.AddKernel(s, Next);
            LabDisk.AddPackage(s, $"proxmox-headers-{Next}", "1");
            HostFault.Remove(s, $"/usr/src/nvidia-{s.Setup.DriverVersion}");
        });
        var refusal = Assert.Throws<HostNotReadyException>(
            () => Do(node, new InitializeHostRequest { Restart = true }));
        Assert.Contains($"kernel {Next} boots next", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"dkms autoinstall -k {Next}", refusal.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(0, node.Host.State.Platform.RestartCount);
        node.Host.Edit(s => LabDisk.Write(s, LabDisk.Module(Next), s.Setup.DriverVersion + "\n"));
        Do(node, new InitializeHostRequest { Restart = true });
        Assert.Equal(1, node.Host.State.Platform.RestartCount);
    }

    [Theory]
    [InlineData("580.105.06", "T4", null)]
    [InlineData("535.309.01", "T4", null)]
    [InlineData("595.58.02", "V100", "branch 580")]
    public void Package_that_has_dropped_the_board_is_refused(string version, string board, string? advice)
    {
        var node = LabNode.Create(new LabOptions { Gpus = [board], IsBare = true, NouveauIsOff = true });
        var request = new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, version) };
        if (advice is null)
        {
            Assert.NotEmpty(Plan(node, request).Steps);
        }
        else
        {
            var refusal = Refuses<InvalidRequestException>(node, request, ErrorIds.DriverPackageWrong);
            Assert.Contains("V100", refusal.Message, StringComparison.Ordinal);
            Assert.Contains(advice, refusal.RecommendedAction, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("T4")]
    [InlineData("V100")]
    public void Early_release_on_a_kernel_that_is_too_new_is_sent_to_a_late_one_of_its_branch(string board)
    {
        var node = LabNode.Create(new LabOptions { Gpus = [board], IsBare = true, NouveauIsOff = true });
        var refusal = Refuses<HostNotReadyException>(
            node, new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, "535.129.03") },
            ErrorIds.KernelUnsupported);
        Assert.StartsWith(
            "use a late release of the same branch, 535.247 or newer", refusal.RecommendedAction,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_names_every_step_and_changes_nothing()
    {
        var node = Make("8.4", LabLoader.Grub, LabCpu.Intel, "kernel to install");
        var plan = Plan(node,
            new InitializeHostRequest { DriverPath = PutPackage(node, "8.4", "kernel to install"), Restart = true });
        Assert.Equal(
        [
            "install packages proxmox-kernel-6.8, proxmox-headers-6.8, dkms",
            "pin the 6.8 kernel, so that the host boots it; it is older than 6.11.11-2-pve: network interfaces may get "
                + "other names, firmware of newer hardware may be missing",
            "in /etc/default/grub.d/zz-vgpups.cfg add iommu=pt, and run update-grub; kernel parameters: \"quiet\" "
                + "before, \"quiet iommu=pt\" after",
            "blacklist nouveau in /etc/modprobe.d/vgpups-nouveau.conf, and run update-initramfs -u -k all",
            "restart pve1: the kernel command line has changed; nouveau uses the GPUs until then; the 6.8 kernel is to "
                + "run instead of 6.11.11-2-pve",
        ], plan.Steps);
        Assert.Equal("host pve1", plan.Target);
    }

    [Fact]
    public void Restart_is_made_only_where_something_needs_it_and_shuts_down_VMs()
    {
        var node = LabNode.Create(new LabOptions { IsBare = true, WithVms = true });
        var request = new InitializeHostRequest
        {
            DriverPath = LabDriverFiles.PutPackage(
            node.Host, "580.105.06"),
            Restart = true
        };
        node.Start(101);
        Assert.Equal(["VM 101, which is shut down with the host"], Plan(node, request).Losses);
        Do(node, request);
        Assert.Equal(1, node.Host.State.Platform.RestartCount);
        Assert.StartsWith("pve1 restarts now: ", Assert.Single(_warnings), StringComparison.Ordinal);
        Do(node, request);
        Assert.Equal(1, node.Host.State.Platform.RestartCount);
        Assert.Empty(_warnings);
        Assert.Empty(RunDoctorTests.Ask(node).Findings);
    }

    [Theory]
    [InlineData("grid", ErrorIds.DriverPackageWrong, "-vgpu-kvm")]
    [InlineData("", ErrorIds.DriverPackageWrong, "plain driver")]
    [InlineData("renamed", ErrorIds.DriverPackageWrong, "according to its header")]
    [InlineData("text", ErrorIds.DriverPackageWrong, "does not begin")]
    [InlineData("open", ErrorIds.DriverPackageWrong, "chmod go-w")]
    [InlineData("relative", ErrorIds.DriverPackageWrong, "absolute path")]
    [InlineData("missing", ErrorIds.DriverPackageNotFound, "Initialize-VgpuHost ./NVIDIA-Linux")]
    [InlineData("old", ErrorIds.KernelUnsupported, "-Force")]
    public void Package_that_cannot_be_right_is_refused_before_any_change(string fault, string errorId, string words)
    {
        var node = LabNode.Create(new LabOptions { IsBare = true });
        const string Right = "NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm";
        var path = fault switch
        {
            "grid" or "" => LabDriverFiles.PutPackage(node.Host, "580.105.06", fault),
            "old" => LabDriverFiles.PutPackage(node.Host, "535.54.06"),
            "relative" => $"{Right}.run",
            "missing" => $"/root/{Right}.run",
            _ => $"/root/{Right}.run",
        };
        if (fault is "renamed" or "text" or "open")
        {
            node.Host.Put(path, fault switch
            {
                "renamed" => LabDriverFiles.Head("NVIDIA-Linux-x86_64-580.105.06-grid", "580.105.06"),
                "text" => "#!/bin/sh\nrm -rf /\n",
                _ => LabDriverFiles.Head(Right, "580.105.06"),
            }, fault == "open" ? FileModes.Mode777 : FileModes.Mode755);
        }

        var refusal = Refuses<VgpuException>(node, new InitializeHostRequest { DriverPath = path }, errorId);
        Assert.Contains(words, $"{refusal.Message} {refusal.RecommendedAction}", StringComparison.Ordinal);
    }

    [Fact]
    public void Driver_is_not_exchanged_under_a_running_VM()
    {
        var node = LabNode.Create(new LabOptions { WithVms = true });
        HostFault.EnableFunctions(node);
        HostFault.CreateVm(node, 201, $"{HostFault.Function},mdev={HostFault.TimeSliced}");
        node.Start(201);
        var request = new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, "580.65.06") };
        Assert.Contains("qm shutdown 201", Refuses<ResourceBusyException>(
            node, request, ErrorIds.ResourceBusy).RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Stale_package_lists_are_refreshed_once()
    {
        var node = LabNode.Create(new LabOptions { IsBare = true });
        node.Host.Edit(s => s.Platform.ListsAreStale = true);
        Do(node, new InitializeHostRequest());
        Assert.False(node.Host.State.Platform.ListsAreStale);
    }

    [Fact]
    public void Step_that_fails_keeps_those_before_it_and_puts_its_own_file_back()
    {
        var node = LabNode.Create(new LabOptions { IsBare = true });
        node.Host.Gate.Fail("run /usr/sbin/update-grub", 1);
        var failure = Assert.Throws<HostCommandException>(() => Run(node, new InitializeHostRequest()));
        Assert.Equal(ErrorIds.HostCommandFailed, failure.ErrorId);
        Assert.Null(node.Host.Files.GetInfo("/etc/default/grub.d/zz-vgpups.cfg"));
        Assert.True(LabDisk.HasPackage(node.Host.State, "dkms"));
        Do(node, new InitializeHostRequest());
        Assert.Contains("iommu=pt", Read(node, "/etc/default/grub.d/zz-vgpups.cfg"), StringComparison.Ordinal);
    }

    private bool NeedsRestart => _warnings.Count > 0;

    private static LabNode Make(string pve, LabLoader loader, LabCpu cpu, string state)
    {
        var (right, wrong) = pve == "8.4" ? ("6.8.12-9-pve", "6.11.11-2-pve") : ("6.14.11-4-pve", "7.0.2-1-pve");
        return LabNode.Create(new LabOptions
        {
            PveVersion = pve,
            Loader = loader,
            Cpu = cpu,
            IsBare = true,
            WithVms = true,
            IsSecureBoot = state == "Secure Boot",
            NouveauIsOff = state == "nouveau off",
            Driver = state == "guest driver" ? LabDriverFlavour.Grid : LabDriverFlavour.VgpuKvm,
            Kernel = state is "wrong kernel" or "kernel to install" ? wrong : null,
            OtherKernels = state == "wrong kernel" ? [right] : [],
        });
    }

    private static string PutPackage(LabNode node, string pve, string state) => LabDriverFiles.PutPackage(
        node.Host, (pve, state) switch
        {
            ("8.4", "wrong kernel" or "kernel to install") => "550.90.05",
            ("8.4", _) => "570.172.07",
            _ => "580.105.06",
        });

    private ChangePlan Plan(LabNode node, InitializeHostRequest request)
    {
        var before = HostSnapshot.Take(node);
        var reported = _warnings.Count;
        var plan = Run(node, request with { IsPlanOnly = true }).Plan;
        Assert.Equal((before, reported), (HostSnapshot.Take(node), _warnings.Count));
        return plan;
    }

    private ChangePlan Do(LabNode node, InitializeHostRequest request)
    {
        _warnings.Clear();
        return Run(node, request).Plan;
    }

    private ChangeResult Run(LabNode node, InitializeHostRequest request) => HostUseCases.InitializeHost.RunAsync(
        node.Connect(_warnings.Add), request with { Source = "Initialize-VgpuHost" }, new Silence(),
        default).GetAwaiter().GetResult();

    private T Refuses<T>(LabNode node, InitializeHostRequest request, string errorId)
        where T : VgpuException
    {
        var before = HostSnapshot.Take(node);
        var refusal = Assert.ThrowsAny<T>(() => Run(node, request));
        Assert.Equal((errorId, before), (refusal.ErrorId, HostSnapshot.Take(node)));
        return refusal;
    }

    private static string Read(LabNode node, string path) =>
        Encoding.UTF8.GetString(node.Host.Files.Read(path, 1 << 20));

    private sealed class Silence : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
        }
    }
}
