using System.Text;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sysfs;
using VgpuPS.Lab.Platform;
using VgpuPS.Lab.Processes;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.LabHook.Tour;

/// <summary>The article's host before anything was done to it, and what is typed on it.</summary>
/// <remarks>Source: facts/host-behaviour.md 1.1, 8 and its kernel matrix: Proxmox VE 8.2.2, driver 550.54.16 on kernel
/// 6.5.13-5 and not on 6.8.4-3, A30 functions from .4.</remarks>
internal sealed class TourHost
{
    /// <summary>The kernel that the driver builds for.</summary>
    public const string Kernel = "6.5.13-5-pve";

    private const string Driver = "550.54.16";
    private const string Grub = "/etc/default/grub";
    private const int LargestFile = 1 << 20;

    private readonly LabHostNode _node;
    private readonly TourNarrator _narrator;

    public TourHost(TourNarrator narrator, bool isReal)
    {
        _narrator = narrator;
        _node = LabHostNode.Create(new LabOptions
        {
            Gpus = ["A30", "A30"],
            Backend = LabBackend.Mdev,
            PveVersion = "8.2",
            Node = "pve1",
            Kernel = "6.8.4-3-pve",
            OtherKernels = [Kernel],
            DriverVersion = Driver,
            IsBare = true,
        });
        _node.UseTiming(isReal);
        _node.HookOutput = (text, error) => narrator.Output(text + error);
    }

    /// <summary>What is on the host now.</summary>
    public HostReport Report =>
        new ReadHost(_node.Connect(_narrator.Say)).Run(new ReadHostRequest(DriverMayBeMissing: true));

    /// <summary>The running kernel, and whether it has the IOMMU on and nouveau loaded.</summary>
    public (string Kernel, bool HasIommu, bool HasNouveau) Running => (
        _node.Host.State.Setup.Kernel, _node.Host.Files.List("/sys/class/iommu") is { Count: > 0 },
        _node.Host.State.Platform.NouveauIsLoaded);

    /// <summary>Whether nothing is left of any VM: instances, vGPUs, claims, reservations, the hook's own
    /// records.</summary>
    public bool IsClean
    {
        get
        {
            var report = Report;
            return report.Gpus.All(g => g is { InstanceCount: 0, VgpuCount: 0 }) && report.Claims.Count == 0
                && report.Reservations.Count == 0 && _node.Connect(_narrator.Say).Claims.Load().Instances.Count == 0;
        }
    }

    /// <summary>Changes GRUB's default file: the kernel to boot, and its words.</summary>
    public void EditGrub()
    {
        var generated = Read("/boot/grub/grub.cfg").Split('\'').ToList();
        var menu = generated.Find(part => part.StartsWith("gnulinux-advanced-", StringComparison.Ordinal));
        var entry = generated.Find(
            part => part.StartsWith($"gnulinux-{Kernel}-advanced-", StringComparison.Ordinal));
        _narrator.Command($"vi {Grub}");
        _narrator.Output($"GRUB_DEFAULT=\"{menu}>{entry}\"\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"");
        _node.Host.Put(Grub, Read(Grub)
            .Replace("GRUB_DEFAULT=0", $"GRUB_DEFAULT=\"{menu}>{entry}\"", StringComparison.Ordinal)
            .Replace("\"quiet\"", "\"quiet intel_iommu=on\"", StringComparison.Ordinal));
    }

    /// <summary>Writes a file, as <c>echo … &gt; FILE</c> does.</summary>
    public void Echo(string line, string path)
    {
        _narrator.Command($"echo {line} > {path}");
        _node.Host.Put(path, line + "\n");
    }

    /// <summary>Puts a layout in place.</summary>
    public void SaveLayout(string json)
    {
        _narrator.Command($"cat /etc/vgpups/layout.json");
        _narrator.Output(json);
        _node.Host.Put("/etc/vgpups/layout.json", json + "\n");
    }

    /// <summary>Restarts the host.</summary>
    public void Reboot()
    {
        _narrator.Command("reboot");
        _node.Host.Reboot();
    }

    /// <summary>Installs the driver from NVIDIA's package, and starts what it brings.</summary>
    public async Task InstallDriverAsync()
    {
        var package = LabDriverFiles.PutPackage(_node.Host, Driver, "vgpu-kvm-aie");
        await TypeAsync("/bin/sh", $"sh {package} --dkms --silent", [package, "--dkms", "--silent"])
            .ConfigureAwait(false);
        foreach (var unit in (string[])[LabBootSetup.TypesUnit, LabBootSetup.ManagerUnit])
        {
            await TypeAsync(LabProcesses.SystemctlTool, $"systemctl start {unit}", ["start", unit])
                .ConfigureAwait(false);
        }
    }

    /// <summary>Types a program of the host.</summary>
    public Task TypeAsync(string program, params string[] arguments) => TypeAsync(
        LabProcesses.FindProgram(program)!, $"{program} {string.Join(' ', arguments)}", arguments);

    /// <summary>Types <c>sriov-manage -e|-d ALL</c>.</summary>
    public Task SetFunctionsAsync(bool areOn) => TypeAsync(
        SriovManage.Tool, $"{SriovManage.Tool} {(areOn ? "-e" : "-d")} ALL", [areOn ? "-e" : "-d", "ALL"]);

    /// <summary>Runs the hook's boot service.</summary>
    public async Task<int?> BootServiceAsync()
    {
        _narrator.Command("systemctl start vgpups-boot.service");
        var result = await _node.RunHookAsync(["boot"]).ConfigureAwait(false);
        _narrator.Output(result.Output + result.Error);
        return result.ExitCode;
    }

    /// <summary>Gives a VM a vGPU and starts it.</summary>
    public async Task<LabTaskResult> StartAsync(int vm, string function, string type)
    {
        var id = new VmId(vm);
        _node.CreateVm(id, $"0={function},mdev={type}");
        _narrator.Command(
            $"qm set {vm} --hostpci0 {function},mdev={type} --hookscript {LabHostNode.HookVolume}; qm start {vm}");
        var result = await _node.Proxmox.StartAsync(id).ConfigureAwait(false);
        if (result.Error is { } error)
        {
            _narrator.Output(error);
        }

        return result;
    }

    /// <summary>Stops a VM; Proxmox VE 8 calls the hook from <c>qm cleanup</c>.</summary>
    public async Task<LabTaskResult> StopAsync(int vm)
    {
        var id = new VmId(vm);
        _narrator.Command($"qm stop {vm}");
        var result = await _node.Proxmox.StopAsync(id).ConfigureAwait(false);
        return result.Succeeded
            ? await _node.Proxmox.CleanupAsync(id, clean: true, guest: false).ConfigureAwait(false)
            : result;
    }

    private string Read(string path) => Encoding.UTF8.GetString(_node.Host.Files.Read(path, LargestFile));

    private async Task TypeAsync(string path, string typed, string[] arguments)
    {
        _narrator.Command(typed);
        var result = await _node.Host.Processes.RunAsync(
            new ProcessRequest(path, arguments, Timeout.InfiniteTimeSpan),
            CancellationToken.None).ConfigureAwait(false);
        _narrator.Output(result.Output + result.Error);
    }
}
