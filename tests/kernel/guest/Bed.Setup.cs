using System.Globalization;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.KernelBed.Guest;

/// <content>The driver module, the library's state, and Proxmox's files, as they are before a scenario.</content>
internal sealed partial class Bed
{
    private const string Module = "/nvidia.ko";

    private bool _isLoaded;

    /// <summary>Sets a parameter of the driver module until it is loaded anew.</summary>
    internal static void SetParameter(string name, int value) =>
        File.WriteAllText($"/sys/module/nvidia/parameters/{name}", value.ToString(CultureInfo.InvariantCulture));

    private void LoadModule(GpuModel model)
    {
        if (_isLoaded)
        {
            Require(Programs.Run("/bin/rmmod", "nvidia"), "rmmod");
        }

        Require(
            Programs.Run(
                "/bin/insmod", Module, $"backend={(IsVendor ? "vfio" : "mdev")}", $"device={model.DeviceId}",
                $"subsystem={model.SubsystemId}"),
            "insmod");
        _isLoaded = true;
        foreach (var type in model.Types)
        {
            Machine.Files.WriteAttribute(
                KernelState.Node,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"type {type.Id} {(int?)type.GpuInstanceProfile ?? -1} {type.FramebufferMiB} {type.MaxInstances} "
                        + $"{type.MaxInstancesMixed ?? type.MaxInstances} {type.MaxInstancesPerGpuInstance ?? 1} "
                        + $"{type.Name}"));
        }

        Gpus = [.. KernelState.Read().Gpus.Select(gpu => gpu.Address)];
        var machine = LabHost.Init(
            "/run/nvidia-standin/state.json", new LabOptions { Gpus = [.. Gpus.Select(_ => model.Name)] });
        machine.Edit(state =>
        {
            // Ordinary files are the guest's own here.
            state.Root.Entries?.Clear();
            for (var index = 0; index < Gpus.Count; index++)
            {
                state.Gpus[index].Address = Gpus[index];
            }
        });
    }

    private static void Require(LabHookResult result, string what)
    {
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"{what}: {result.Output}{result.Error}");
        }
    }

    private void InstallFiles(string config)
    {
        foreach (var folder in (string[])["/run/vgpups", "/run/qemu-server", "/etc/pve", "/etc/vgpups", "/run/lock"])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        foreach (var folder in (string[])
            [Configs, "/etc/pve/mapping", "/etc/vgpups", "/run/lock/qemu-server", "/run/qemu-server", "/var/log",
                "/var/lib/dpkg", "/var/lib/vz/snippets"])
        {
            Directory.CreateDirectory(folder);
        }

        Link("/etc/pve/local", "nodes/pve1");
        Link("/etc/pve/qemu-server", "nodes/pve1/qemu-server");
        Link("/var/run", "/run");
        Link("/var/lock", "/run/lock");
        Link("/var/lib/vz/snippets/vgpu-hook", Hook);
        File.WriteAllText("/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n\tcontent snippets\n\n");
        File.WriteAllText(
            "/var/lib/dpkg/status",
            $"Package: qemu-server\nStatus: install ok installed\nVersion: {(IsVendor ? "9.2.6" : "8.4.10")}\n\n");
        Configure(config);
    }

    private static void Link(string path, string target)
    {
        if (!Path.Exists(path))
        {
            File.CreateSymbolicLink(path, target);
        }
    }
}
