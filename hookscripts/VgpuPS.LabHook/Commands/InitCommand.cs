using VgpuPS.Core.Platform;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Lab.Models;
using VgpuPS.Lab.Platform;

namespace VgpuPS.LabHook.Commands;

/// <summary>Makes a simulated host in a file.</summary>
internal static class InitCommand
{
    private const int MaxGpus = 8;

    /// <summary>Makes it, replacing what was there, and says what it is made of.</summary>
    /// <exception cref="InvalidRequestException">An option is wrong.</exception>
    public static int Run(string state, LabOptionsReader options, Terminal terminal)
    {
        var gpus = options.TakeAll("--gpu");
        var created = new LabOptions
        {
            Gpus = gpus.Count == 0 ? ["A30", "A30"] : [.. gpus.Select(CheckModel)],
            PveVersion = CheckVersion(options.Take("--pve") ?? "9.2"),
            Node = CheckNode(options.Take("--node") ?? "pve1"),
            WithVms = options.TakeSwitch("--guests"),
            IsBare = options.TakeSwitch("--bare"),
            Loader = options.Take("--loader") switch
            {
                null or "grub" => LabLoader.Grub,
                "grub-esp" => LabLoader.ManagedGrub,
                "systemd-boot" => LabLoader.SystemdBoot,
                var other =>
                    throw LabOptionsReader.Wrong($"--loader {other} is neither grub nor grub-esp nor systemd-boot"),
            },
            RootIsOnZfs = options.Take("--root") switch
            {
                null or "lvm" => false,
                "zfs" => true,
                var other => throw LabOptionsReader.Wrong($"--root {other} is neither lvm nor zfs"),
            },
            Kernel = CheckKernel(options.Take("--kernel")),
            Cpu = options.Take("--cpu-maker") switch
            {
                null or "intel" => LabCpu.Intel,
                "amd" => LabCpu.Amd,
                var other => throw LabOptionsReader.Wrong($"--cpu-maker {other} is neither intel nor amd"),
            },
            IsSecureBoot = options.TakeSwitch("--secure-boot"),
            DriverVersion = CheckDriver(options.Take("--driver")),
        };
        var backend = options.Take("--backend");
        created = created with
        {
            Backend = backend switch
            {
                null => created.PveVersion.StartsWith('8') ? LabBackend.Mdev : LabBackend.Vfio,
                "mdev" => LabBackend.Mdev,
                "vfio" => LabBackend.Vfio,
                _ => throw LabOptionsReader.Wrong($"--backend {backend} is neither mdev nor vfio"),
            },
        };
        if (options.Remaining is not ["init"])
        {
            throw LabOptionsReader.Wrong($"not understood: {string.Join(' ', options.Remaining.Skip(1))}");
        }

        if (gpus.Count > MaxGpus)
        {
            throw LabOptionsReader.Wrong($"the maximum of the lab is {MaxGpus} GPUs, and {gpus.Count} are requested");
        }

        var node = new LabHostNode(LabHost.Init(state, created));
        if (created.IsBare)
        {
            terminal.WriteLine(
                $"nothing is prepared; NVIDIA's package: "
                    + $"{LabDriverFiles.PutPackage(node.Host, node.Host.State.Setup.DriverVersion)}");
        }

        terminal.WriteLine(
            $"node {created.Node}, Proxmox VE {created.PveVersion}, kernel {node.Host.State.Setup.Kernel}, in {state}");
        foreach (var gpu in new ReadHost(node.Connect(_ => { })).Run(
            new ReadHostRequest(DriverMayBeMissing: true)).Gpus)
        {
            terminal.WriteLine(GpuDiagram.Draw(gpu)[0]);
        }

        return 0;
    }

    private static string CheckModel(string model)
    {
        try
        {
            return GpuModel.Load(model).Name;
        }
        catch (ArgumentException)
        {
            throw LabOptionsReader.Wrong(
                $"the lab has no GPU model '{model}'; it has {string.Join(", ", GpuModel.Names)}");
        }
    }

    /// <summary>A release becomes part of paths.</summary>
    private static string? CheckKernel(string? release) => release is null
        || (KernelRelease.TryParse(release, out _) && release.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
        ? release
        : throw LabOptionsReader.Wrong($"--kernel {release} is not a kernel release, such as 6.14.11-4-pve");

    private static string CheckDriver(string? version) => version is null ? new LabOptions().DriverVersion
        : version.Split('.') is { Length: 2 or 3 } parts && parts.All(p => p.Length > 0 && p.All(char.IsAsciiDigit))
            ? version
        : throw LabOptionsReader.Wrong($"--driver {version} is not a driver version, such as 580.105.06");

    private static string CheckVersion(string version) => version is "8.4" or "9.2"
        ? version
        : throw LabOptionsReader.Wrong($"--pve {version} is neither 8.4 nor 9.2");

    /// <summary>A node's name becomes part of paths.</summary>
    private static string CheckNode(string name) =>
        name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && name[0] != '-'
            ? name
            : throw LabOptionsReader.Wrong($"'{name}' is not a node name: letters, digits and '-', "
                + "63 characters maximum");
}
