using System.Text;
using VgpuPS.Changing;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.Ssh;
using VgpuPS.LabHook;
using VgpuPS.Sessions;

namespace VgpuPS.SshTests;

/// <summary>Two hosts from a workstation: install, prepare, reboot, and VMs that start; then one of them
/// fails.</summary>
internal static class StoryScenarios
{
    private static readonly HookProgram s_program = new(
        "vgpu-hook",
        [.. Encoding.ASCII.GetBytes("\u007fELF"), 2, .. new byte[13], 0x3E, .. Encoding.ASCII.GetBytes(" a program")]);

    public static IReadOnlyList<(string Name, Func<SshBed, Task> Run)> All { get; } =
    [
        ("an installation over SSH", InstallAsync),
        ("two hosts and a reboot", StoryAsync),
    ];

    private static async Task InstallAsync(SshBed bed)
    {
        await using var host = await Sshd.StartAsync(bed);
        var look = new Sink(isWhatIf: true);
        await new HostInstaller(look, "Install-VgpuHost", s_program, new OpenSshClient(host.Options), false)
            .InstallAsync(host.Destination, new InstallHostRequest(), false, CancellationToken.None);
        bed.Check(look.Plan.Count > 5, $"-WhatIf shows {look.Plan.Count} steps: {string.Join("; ", look.Plan)}");
        bed.Check(!(await bed.LabAsync(host.State, "cat", "/usr/lib/vgpups/vgpu-hook")).Contains(
            "a program", StringComparison.Ordinal), "-WhatIf installs nothing");
        await InstallAsync(host, new Sink());
        bed.Check((await bed.LabAsync(host.State, "cat", "/usr/lib/vgpups/vgpu-hook")).EndsWith(
            " a program", StringComparison.Ordinal), "the program is there");
        var twice = new Sink();
        await InstallAsync(host, twice);
        bed.Check(twice.Plan.IsEmpty && twice.Failures.IsEmpty, "twice is once");
    }

    private static async Task StoryAsync(SshBed bed)
    {
        await using var one = await Sshd.StartAsync(bed, isBare: true);
        await using var two = await Sshd.StartAsync(bed, isBare: true);
        foreach (var host in (Sshd[])[one, two])
        {
            await InstallAsync(host, new Sink());
            await InitializeAsync(bed, host);
            await using var session = await host.OpenAsync();
            await PrepareAsync(session);
        }

        foreach (var host in (Sshd[])[one, two])
        {
            await bed.LabAsync(host.State, "boot");
            await bed.LabAsync(host.State, "hook", "boot");
            await using var session = await host.OpenAsync();
            var report = await SshBed.ShowAsync(session);
            bed.Check(
                report.Gpus[0].InstanceCount == 3 && report.Gpus.All(g => g.EnabledFunctions == 16),
                $"{session.Name}: the layout is back after a reboot");
            var started = await session.RunAsync(
                LabUseCases.StartVm, new LabVmRequest(101), new Observer(), CancellationToken.None);
            bed.Check(started.Error is null, $"{session.Name}: VM 101 starts {started.Error}");
            var findings = await DoctorAsync(session);
            bed.Check(
                findings is [var only] && only.StartsWith("LicenseMissing: VM 101", StringComparison.Ordinal),
                $"{session.Name}: the doctor finds nothing but the licence that the guest has yet to get: "
                    + $"{string.Join(" | ", findings)}");
        }

        await bed.LabAsync(two.State, "rm", "/usr/lib/nvidia/sriov-manage");
        await using var good = await one.OpenAsync("good");
        await using var bad = await two.OpenAsync("bad");
        var sink = new Sink();
        await ReadingRunner.RunAsync(
            sink, [good, bad], new ReadHostRequest(), (inventory, _, _) => inventory.Gpus, CancellationToken.None);
        bed.Check(sink.Objects.Count == 4, "both hosts are read side by side");
        await TryDisableAsync(good, sink);
        await TryDisableAsync(bad, sink);
        bed.Check(
            sink.Failures.Count == 1 && sink.Failures.All(
                f => f.Message.Contains("host bad", StringComparison.Ordinal) && f.RecommendedAction.Length > 0),
            "a fault on one is told with host, cause and fix, and the other is served: "
                + $"{string.Join("; ", sink.Failures.Select(f => $"{f.Message} / {f.RecommendedAction}"))}");
    }

    /// <summary>From the installer of Proxmox VE to a driver that runs: restarts until nothing is left to do.</summary>
    private static async Task InitializeAsync(SshBed bed, Sshd host)
    {
        for (var rounds = 1; ; rounds++)
        {
            await using var session = await host.OpenAsync();
            var done = await session.RunAsync(
                HostUseCases.InitializeHost,
                new InitializeHostRequest
                {
                    Source = "Initialize-VgpuHost",
                    DriverPath = "/root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run",
                },
                new Observer(), CancellationToken.None);
            if (done.Plan.Steps.Count == 0 || rounds > 4)
            {
                bed.Check(done.Plan.Steps.Count == 0, $"{session.Name}: is prepared after {rounds} rounds");
                return;
            }

            await bed.LabAsync(host.State, "boot");
        }
    }

    private static async Task<List<string>> DoctorAsync(SshHostSession session)
    {
        var result = await session.RunAsync(
            HostUseCases.RunDoctor, new RunDoctorRequest(), new Observer(), CancellationToken.None);
        return [.. result.Findings.Select(f => $"{f.Check}: {f.Evidence}")];
    }

    private static async Task TryDisableAsync(SshHostSession session, Sink sink)
    {
        try
        {
            await session.RunAsync(
                HostUseCases.ApplyLayout,
                new ApplyLayoutRequest
                {
                    Source = "Disable-Sriov",
                    Gpus = [new GpuLayout { Gpu = "0000:ca:00.0", Sriov = false }]
                },
                new Observer(), CancellationToken.None);
        }
        catch (VgpuException e)
        {
            sink.WriteFailure(e);
        }
    }

    private static Task InstallAsync(Sshd host, Sink sink) =>
        new HostInstaller(sink, "Install-VgpuHost", s_program, new OpenSshClient(host.Options), false)
            .InstallAsync(host.Destination, new InstallHostRequest(), false, CancellationToken.None);

    private static async Task PrepareAsync(SshHostSession session)
    {
        var token = CancellationToken.None;
        await session.RunAsync(HostUseCases.ApplyLayout, new ApplyLayoutRequest
        {
            Source = "Sync-VgpuLayout",
            Reset = true,
            Gpus =
            [
                new GpuLayout
                {
                    Gpu = "0000:4b:00.0",
                    Mig = true,
                    Sriov = true,
                    Instances = [new InstanceLayout("2g.12gb"), new InstanceLayout("1g.6gb"),
                        new InstanceLayout("1g.6gb")],
                },
                new GpuLayout { Gpu = "0000:ca:00.0", Sriov = true },
            ],
        }, new Observer(), token);
        var layout = await session.RunAsync(
            HostUseCases.ExportLayout, new ExportLayoutRequest(), new Observer(), token);
        await session.RunAsync(
            HostUseCases.SaveLayout, new SaveLayoutRequest { Source = "Export-VgpuLayout", Layout = layout },
            new Observer(), token);
        await session.RunAsync(
            HostUseCases.AddVmVgpu, new AddVmVgpuRequest { Source = "Add-VmVgpu", Vm = "101", Profile = "2g.12gb" },
            new Observer(), token);
    }
}
