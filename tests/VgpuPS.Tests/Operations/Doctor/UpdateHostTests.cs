using VgpuPS.Core.Errors;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using Xunit;
using LabNode = VgpuPS.LabHook.LabHostNode;

namespace VgpuPS.Tests.Operations.Doctor;

/// <summary>The monthly update of a host that works: another driver, another kernel, or both.</summary>
public sealed class UpdateHostTests
{
    private const string NewKernel = "6.14.11-6-pve";

    private readonly List<string> _warnings = [];

    [Fact]
    public void A_newer_driver_names_running_VMs_waits_for_them_and_restores_what_was_on_the_GPUs()
    {
        var node = Working();
        node.Start(201);
        var request = new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, "580.126.08") };
        var before = Export(node);
        var plan = Run(node, request with { IsPlanOnly = true }).Plan;
        Assert.Equal(
        [
            "by hand, before: shut down VM 201 (vm201), which uses the driver: qm shutdown 201",
            "stop nvidia-vgpu-mgr.service and nvidia-vgpud.service, which use the driver",
            "install NVIDIA's host driver 580.126.08 in place of 580.105.06: "
                + "/root/NVIDIA-Linux-x86_64-580.126.08-vgpu-kvm.run --silent --dkms",
            "start nvidia-vgpud.service and nvidia-vgpu-mgr.service",
            $"restore what is on the GPUs now: {before[0]}; {before[1]}",
        ], plan.Steps);
        Assert.Equal(["VM 201 (vm201), which must be shut down before"], plan.Losses);
        Assert.Contains("instances 2g.12gb at 0:2", plan.Steps[^1], StringComparison.Ordinal);
        var refusal = Assert.Throws<ResourceBusyException>(() => Run(node, request));
        Assert.Contains("VM 201 (vm201) runs with a vGPU", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("qm shutdown 201", refusal.RecommendedAction, StringComparison.Ordinal);
        Assert.NotNull(node.Host.GetQemuPid(new(201)));
        Assert.Equal("580.105.06", node.Host.State.Setup.DriverVersion);

        node.Stop(201);
        Run(node, request);
        Assert.Equal("580.126.08", node.Host.State.Setup.DriverVersion);
        Assert.Equal(before, Export(node));
        Assert.Empty(_warnings);
        node.Start(201);
        Assert.Empty(Run(node, request with { IsPlanOnly = true }).Plan.Steps);
    }

    [Fact]
    public void The_same_driver_has_nothing_to_do_while_VMs_run()
    {
        var node = Working();
        node.Start(201);
        var request = new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, "580.105.06") };
        Assert.Empty(Run(node, request).Plan.Steps);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void An_older_driver_is_agreed_to_as_a_loss()
    {
        var node = Working();
        var request = new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, "580.65.06") };
        Assert.Equal(
            ["driver 580.105.06, which is newer: guests with a driver newer than 580.65.06 may get no vGPU"],
            Run(node, request with { IsPlanOnly = true }).Plan.Losses);
        var before = Export(node);
        Run(node, request);
        Assert.Equal(("580.65.06", before[0]), (node.Host.State.Setup.DriverVersion, Export(node)[0]));
    }

    [Fact]
    public void An_installer_that_fails_leaves_the_services_running()
    {
        var node = Working();
        node.Host.Gate.Fail("run /bin/sh", 1);
        var request = new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, "580.126.08") };
        Assert.Throws<HostCommandException>(() => Run(node, request));
        Assert.Equal("active", node.Host.State.Units.Single(u => u.Name == "nvidia-vgpu-mgr.service").ActiveState);
        Assert.Equal("580.105.06", node.Host.State.Setup.DriverVersion);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_newer_kernel_gets_its_module_before_it_is_booted(bool hasHeaders)
    {
        var node = Working();
        AddKernel(node, hasHeaders);
        var request = new InitializeHostRequest { Restart = true };
        var steps = Run(node, request with { IsPlanOnly = true }).Plan.Steps;
        Assert.Equal(hasHeaders ? 2 : 3, steps.Count);
        Assert.Equal(
            [
                $"build the module of driver 580.105.06 for kernel {NewKernel}, which boots next: "
                    + $"dkms autoinstall -k {NewKernel}",
                $"restart pve1: kernel {NewKernel} boots next instead of 6.14.11-4-pve",
            ], steps.TakeLast(2));
        Run(node, request);
        Assert.Equal(NewKernel, node.Host.State.Setup.Kernel);
        Assert.Equal("nvidia", node.Host.State.Gpus[0].Driver);
        Assert.Empty(Run(node, request).Plan.Steps);
    }

    [Fact]
    public void A_module_that_does_not_build_is_said_before_a_restart()
    {
        var node = Working();
        AddKernel(node, hasHeaders: true);
        node.Host.Processes.Programs["/usr/sbin/dkms"] = _ => new(11, null, false, 0, "", "Error! Bad return status\n");
        var request = new InitializeHostRequest { Restart = true };
        var failure = Assert.Throws<HostCommandException>(() => Run(node, request));
        Assert.Contains("/var/lib/dkms/nvidia/580.105.06", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("6.14.11-4-pve", node.Host.State.Setup.Kernel);
        node.Host.Processes.Programs["/usr/sbin/dkms"] = _ => new(0, null, false, 0, "", "");
        failure = Assert.Throws<HostCommandException>(() => Run(node, request));
        Assert.Contains("no module of driver 580.105.06", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, node.Host.State.Platform.RestartCount);
    }

    [Fact]
    public async Task Driver_and_kernel_together_need_one_restart_and_the_same_command_ends_it()
    {
        var node = Working();
        AddKernel(node, hasHeaders: true);
        var layout = await HostUseCases.ExportLayout.RunAsync(
            node.Connect(_ => { }), new ExportLayoutRequest(), new Silence(), TestContext.Current.CancellationToken);
        var save = new SaveLayoutRequest { Source = "test", Layout = layout };
        await HostUseCases.SaveLayout.RunAsync(
            node.Connect(_warnings.Add), save, new Silence(), TestContext.Current.CancellationToken);
        var before = Export(node);
        var request = new InitializeHostRequest
        {
            DriverPath = LabDriverFiles.PutPackage(node.Host, "580.126.08"),
            Restart = true,
        };
        var steps = Run(node, request with { IsPlanOnly = true }).Plan.Steps;
        Assert.Contains(
            $"build its module for kernel {NewKernel}, which boots next, where that is not done yet", steps);
        Assert.Equal($"restart pve1: kernel {NewKernel} boots next instead of 6.14.11-4-pve", steps[^1]);
        Run(node, request);
        Assert.Equal(1, node.Host.State.Platform.RestartCount);
        Assert.Equal((NewKernel, "580.126.08"), (node.Host.State.Setup.Kernel, node.Host.State.Setup.DriverVersion));
        Assert.Equal("nvidia", node.Host.State.Gpus[0].Driver);

        // What the boot service does.
        var apply = new ApplyLayoutRequest { Source = "boot", Reset = true };
        await HostUseCases.ApplyLayout.RunAsync(
            node.Connect(_warnings.Add), apply, new Silence(), TestContext.Current.CancellationToken);
        Assert.Equal(before, Export(node));
        _warnings.Clear();
        Assert.Empty(Run(node, request).Plan.Steps);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_mapping_that_no_longer_matches_is_said_with_its_commands()
    {
        var node = Working();
        HostFault.CreateVm(node, 202, $"mapping=a30,mdev={HostFault.TimeSliced}");
        node.MapFunctions("a30", "0000:ca:00.5");
        const string Mappings = "/etc/pve/mapping/pci.cfg";
        node.Host.Put(Mappings, System.Text.RegularExpressions.Regex.Replace(
            System.Text.Encoding.UTF8.GetString(node.Host.Files.Read(Mappings, 1 << 20)), "iommugroup=[0-9]+",
            "iommugroup=4711"));
        var request = new InitializeHostRequest { DriverPath = LabDriverFiles.PutPackage(node.Host, "580.126.08") };
        Run(node, request);
        var warning = Assert.Single(_warnings);
        Assert.Contains("a30", warning, StringComparison.Ordinal);
        Assert.Contains("iommugroup", warning, StringComparison.Ordinal);
        Assert.Contains("pvesh", warning, StringComparison.Ordinal);
        _warnings.Clear();
        Run(node, request with { IsPlanOnly = true });
        Assert.Single(_warnings);
    }

    /// <summary>A host with functions and an instance on one GPU, functions on the other, and a VM of it.</summary>
    private LabNode Working()
    {
        var node = LabNode.Create(new LabOptions { WithVms = true });
        foreach (var unit in (string[])["nvidia-vgpud.service", "nvidia-vgpu-mgr.service"])
        {
            node.Host.Processes.RunAsync(
                new VgpuPS.Host.Seams.ProcessRequest("/usr/bin/systemctl", ["start", unit], TimeSpan.FromSeconds(30)),
                default).GetAwaiter().GetResult();
        }

        Do(HostUseCases.ApplyLayout, new ApplyLayoutRequest
        {
            Gpus =
            [
                new() { Gpu = "0000:4b:00.0", Sriov = true, Mig = true, Instances = [new("2g.12gb", "0:2")] },
                new() { Gpu = "0000:ca:00.0", Sriov = true },
            ],
            Reset = true,
        });
        HostFault.CreateVm(node, 201, $"0000:ca:00.4,mdev={HostFault.TimeSliced}");
        return node;

        void Do<T>(UseCase<T, ChangeResult> useCase, T request)
            where T : ChangeRequest => useCase.RunAsync(
                node.Connect(_warnings.Add), request, new Silence(), default).GetAwaiter().GetResult();
    }

    private static void AddKernel(LabNode node, bool hasHeaders) => node.Host.Edit(s =>
    {
        LabDisk.AddKernel(s, NewKernel);
        if (hasHeaders)
        {
            LabDisk.AddPackage(s, $"proxmox-headers-{NewKernel}", "1");
        }

        LabBootTool.Install(s);
    });

    private static IReadOnlyList<string> Export(LabNode node) => [.. HostUseCases.ExportLayout.RunAsync(
        node.Connect(_ => { }), new ExportLayoutRequest(), new Silence(), default).GetAwaiter().GetResult()
        .Gpus.Select(g => g.Describe())];

    private ChangeResult Run(LabNode node, InitializeHostRequest request) => HostUseCases.InitializeHost.RunAsync(
        node.Connect(_warnings.Add), request with { Source = "Initialize-VgpuHost" }, new Silence(), default)
        .GetAwaiter().GetResult();

    private sealed class Silence : IProgress<StepProgress>
    {
        public void Report(StepProgress value)
        {
        }
    }
}
