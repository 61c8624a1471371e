using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Lab.Platform;

namespace VgpuPS.LabHook.Commands;

/// <summary>Makes a simulated host in a file.</summary>
internal static class InitCommand
{
    private static readonly LabRequestCheck s_check = new(name => "--" + name, "see the commands: vgpu-lab help");

    /// <summary>Makes it, replacing what was there, and says what it is made of.</summary>
    /// <exception cref="VgpuException">An option is wrong.</exception>
    public static int Run(string state, LabOptionsReader options, Terminal terminal)
    {
        var isCluster = options.TakeSwitch("--cluster");
        return Make(
            options, "init", terminal, state,
            o => isCluster ? LabHost.InitCluster(state, o) : LabHost.Init(state, o));
    }

    /// <summary>Adds a node to the cluster of a host.</summary>
    /// <exception cref="VgpuException">An option is wrong, or there is no cluster.</exception>
    public static int Join(LabHostNode first, string state, LabOptionsReader options, Terminal terminal) =>
        Make(options, "join", terminal, state, first.Host.AddNode);

    private static int Make(
        LabOptionsReader options, string command, Terminal terminal, string state, Func<LabOptions, LabHost> make)
    {
        var request = Read(options);
        if (options.Remaining is not [var only] || only != command)
        {
            throw LabOptionsReader.Wrong($"not understood: {string.Join(' ', options.Remaining.Skip(1))}");
        }

        var node = s_check.Make(make, request);
        if (request.IsBare)
        {
            terminal.WriteLine(
                $"nothing is prepared; NVIDIA's package: "
                    + $"{LabDriverFiles.PutPackage(node.Host, node.Host.State.Setup.DriverVersion)}");
        }

        terminal.WriteLine(
            $"node {request.Node}, Proxmox VE {request.PveVersion}, kernel {node.Host.State.Setup.Kernel}, in {state}");
        foreach (var gpu in new ReadHost(node.Connect(_ => { })).Run(
            new ReadHostRequest(DriverMayBeMissing: true)).Gpus)
        {
            terminal.WriteLine(GpuDiagram.Draw(gpu)[0]);
        }

        return 0;
    }

    private static LabOptions Read(LabOptionsReader options)
    {
        var models = LabRequestCheck.Models(options.TakeAll("--model"));
        var gpus = options.TakeAll("--gpu");
        var release = options.Choose(
            "--pve", LabRelease.Of(new LabOptions().PveVersion), [.. LabRelease.All.Select(r => (r.Version, r))]);
        var kernel = s_check.Kernel(options.Take("--kernel"));
        return new LabOptions
        {
            Gpus = gpus.Count > 0 ? gpus : models.Count > 0 ? [.. models.Select(m => m.Name)] : new LabOptions().Gpus,
            Models = models,
            Addresses = s_check.Addresses(options.TakeAll("--address")),
            IsInDisplayMode = options.TakeSwitch("--display-mode"),
            PveVersion = release.Version,
            Kernel = kernel,
            OtherKernels = [.. options.TakeAll("--other-kernel").Select(k => s_check.Kernel(k, "other-kernel")!)],
            DriverVersion = s_check.Driver(options.Take("--driver")),
            Backend = options.Choose(
                "--backend", release.BackendFor(kernel), ("mdev", LabBackend.Mdev), ("vfio", LabBackend.Vfio)),
            Node = s_check.Node(options.Take("--node") ?? new LabOptions().Node),
            WithVms = options.TakeSwitch("--guests"),
            IsBare = options.TakeSwitch("--bare"),
            Loader = options.Choose(
                "--loader", LabLoader.Grub, ("grub", LabLoader.Grub), ("grub-esp", LabLoader.ManagedGrub),
                ("systemd-boot", LabLoader.SystemdBoot)),
            RootIsOnZfs = options.Choose("--root", false, ("lvm", false), ("zfs", true)),
            Cpu = options.Choose("--cpu", LabCpu.Intel, ("intel", LabCpu.Intel), ("amd", LabCpu.Amd)),
            Topology = s_check.Topology(options.Take("--topology")),
            FirmwareIommuIsOff = options.Choose("--iommu", false, ("on", false), ("off", true)),
            IsSecureBoot = options.TakeSwitch("--secure-boot"),
            Start = ReadClock(options.Take("--clock")) ?? new LabOptions().Start,
        };
    }

    private static DateTimeOffset? ReadClock(string? text) => text is null ? null
        : DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time : throw LabOptionsReader.Wrong($"--clock {text} is not a time, such as 2026-01-05T08:00Z");
}
