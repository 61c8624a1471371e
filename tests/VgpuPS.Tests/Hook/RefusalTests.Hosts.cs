using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;
using Xunit;
using static VgpuPS.Tests.Hosts.RefusalCase;

namespace VgpuPS.Tests.Hook;

/// <content>Driver, permissions, storage, our own files, and who holds what.</content>
public sealed partial class RefusalTests
{
    private const string Settings = "/etc/vgpups/config.json";
    private const string Layout = "/etc/vgpups/layout.json";
    private const string Claims = "/run/vgpups/claims.json";
    private const string ReservationFile = "/run/qemu-server/pci-id-reservations";

    private static RefusalCase[] Drivers =>
    [
        .. Each("no driver library", b => Set(b, s => s.LibraryIsMissing = true),
            69, ["libnvidia-ml.so.1", "not installed"], "systemctl status nvidia-vgpu-mgr"),
        .. Each("driver not loaded", b => Set(b, s => s.DriverIsUnloaded = true),
            69, ["kernel driver is not loaded"], "modprobe nvidia"),
        .. Each("library and driver of different versions", b => Set(b, s => s.VersionsDiffer = true),
            69, ["different versions"], "reboot"),
        .. Each("driver without vGPU", b => Set(b, s => s.DriverHasNoVgpu = true),
            69, ["offers no vGPU types"], "nvidia-smi vgpu -s"),
        .. Each("driver that cannot place instances", b =>
            Set(b, s => s.MissingFunctions.Add("nvmlDeviceGetGpuInstancePossiblePlacements_v2")),
            69, ["too old", "nvmlDeviceGetGpuInstancePossiblePlacements_v2"], "nvidia-smi"),
        .. Each("driver that cannot list vGPUs", b => Set(b, s => s.MissingFunctions.Add("nvmlDeviceGetActiveVgpus")),
            69, ["too old", "nvmlDeviceGetActiveVgpus"], "nvidia-smi"),
        .. Each("not root", b => Set(b, s => s.CallersAreUnprivileged = true),
            77, ["/run/vgpups", "Permission denied"], "su -", unforeseen: "a plan writes nothing"),
        .. Each("no IOMMU", b => Set(b, s => s.IommuIsOff = true),
            69, ["no active IOMMU", "/sys/class/iommu"], "reboot"),
    ];

    private static RefusalCase[] Files =>
    [
        .. Each("read-only /run", b => Set(b, s => s.WriteRefusals["/run"] = Errno.EROFS),
            69, ["/run/vgpups", "Read-only file system"], "df -h /run", unforeseen: "a plan writes nothing"),
        .. Each("full /run", b => Set(b, s => s.WriteRefusals["/run"] = Errno.ENOSPC),
            69, ["/run/vgpups", "No space left on device"], "df -h /run", unforeseen: "a plan writes nothing"),
        .. Each("full /run when the claims are written", b => Set(b, s => s.WriteRefusals[Claims] = Errno.ENOSPC),
            69, [Claims, "No space left on device"], "df -h /run", unforeseen: "a plan writes nothing"),
        .. Each("claims of a newer version",
            b => WithFile(b, Claims, """{"version":99,"claims":[],"instances":[],"demand":{}}"""),
            65, [Claims, "version 99", "versions up to 1"], "vgpu-hook --version"),
        .. Each("settings with an unknown member", b => WithFile(b, Settings, "{\n  \"migmode\": \"never\"\n}"),
            65, [Settings, "line 2", "'migmode'"], $"nano {Settings}"),
        .. Each("settings with a wrong value", b => WithFile(b, Settings, """{"timeoutSeconds":0}"""),
            65, [Settings, "timeoutSeconds is 0", "1 to 3600"], $"nano {Settings}"),
        .. Each("binary settings", b => WithFile(b, Settings, "\0\u0001\u00fe\u00ff"),
            65, [Settings, "line 1"], $"nano {Settings}"),
        .. Each("empty settings", b => WithFile(b, Settings, ""),
            65, [Settings, "line 1"], $"nano {Settings}"),
        .. Each("huge settings", b => WithFile(b, Settings, new string(' ', 2 << 20)),
            65, [Settings, "too large"], "ls -l"),
        .. Each("broken layout where a GPU's MIG mode is off", b =>
        {
            var node = With(LabNodes.A30(b, mig: false));
            node.Host.Put(Layout, """{"version":1,"gpus":[{"gpu":"NVIDIA A30","mig":"on"}]}""");
            return node;
        }, 65, [Layout, "line 1"], $"nano {Layout}"),
        new("reservations cannot be written", () =>
        {
            var node = With(LabNodes.A30(LabBackend.Vfio));
            node.Host.Edit(s => s.Setup.WriteRefusals[ReservationFile] = Errno.ENOSPC);
            return node;
        }, 69, ["pci-id-reservations", "No space left on device"], "df -h /run")
        {
            IsLate = true,
            Unforeseen = "a plan writes nothing",
        },
    ];

    private static RefusalCase[] Reservations =>
    [
        .. Each("function reserved by a starting VM", b =>
        {
            var node = With(LabNodes.A30(b));
            var expires = node.Host.Clock.GetUtcNow().ToUnixTimeSeconds() + 60;
            node.Host.Put(ReservationFile, $"{First} 102 time:{expires}\n");
            return node;
        }, 75, [First, "held by VM 102"], "qm status 102"),
        .. Each("mapping whose functions are held by others", b =>
        {
            var node = With(LabNodes.A30(b), "mapping=gpus,mdev=nvidia-689");
            node.MapFunctions("gpus", First, "0000:4b:00.5");
            var expires = node.Host.Clock.GetUtcNow().ToUnixTimeSeconds() + 60;
            node.Host.Put(ReservationFile, $"{First} 102 time:{expires}\n0000:4b:00.5 103 time:{expires}\n");
            return node;
        }, 75, ["none of the 2 functions of mapping gpus", "held by VM 102", "held by VM 103"],
            "pvesh get /cluster/mapping/pci/gpus"),
        .. Each("mapping of one function for two entries", b =>
        {
            var node = LabNodes.A30(b);
            node.MapFunctions("gpus", First);
            node.CreateVm(new VmId(Vm), "0=mapping=gpus,mdev=nvidia-689", "1=mapping=gpus,mdev=nvidia-689");
            return node;
        }, 75, ["no function is free for hostpci1", $"function {First} is taken by hostpci0"],
            "pvesh get /cluster/mapping/pci/gpus"),
        .. Each("vGPU of the last run that is open", b =>
        {
            var node = With(LabNodes.A30(b));
            Assert.Null(node.Start(Vm).Error);
            node.Host.Files.Delete("/run/qemu-server/101.pid");
            return node;
        }, 75, ["the vGPU of VM 101's last run is still open", "A30-1-6C (689)"], "fuser -v /dev/vfio/*",
            isLate: true),
        .. Each("function of a running VM", b =>
        {
            var node = With(LabNodes.A30(b));
            node.CreateVm(new VmId(102), $"0={First},mdev=nvidia-690");
            Assert.Null(node.Start(102).Error);
            return node;
        }, 75, [First, "held by VM 102"], "qm shutdown 102"),
        .. Each("function that another VM has claimed", b =>
        {
            var node = With(LabNodes.A30(b));
            node.CreateVm(new VmId(102), $"0={First},mdev=nvidia-690");
            Assert.Equal(0, node.Hook("102", "pre-start").ExitCode);
            LockConfig(node, 102);
            return node;
        }, 75, [First, "held by VM 102"], "qm start 101"),
        .. Each("host lock that is not given back", b =>
        {
            var node = With(LabNodes.A30(b));
            _ = node.Connect(_ => { }).Lock.AcquireAsync("VM 102 pre-start", TimeSpan.Zero, default).Result;
            return node;
        }, 75, ["300 s", "VM 102 pre-start"], "fuser -v /run/vgpups/lock", unforeseen: "a plan needs no lock"),
        new("mediated device that is not Proxmox's", () =>
        {
            var node = With(LabNodes.A30(LabBackend.Mdev, mig: false), 685);
            node.Host.Files.WriteAttribute(
                $"/sys/bus/pci/devices/{First}/mdev_supported_types/nvidia-685/create",
                "aa618089-8b16-4d01-a136-25a0f3c73123");
            return node;
        }, 75, [First, "aa618089-8b16-4d01-a136-25a0f3c73123"], "/sys/bus/mdev/devices/aa618089"),
        new("type that nobody has reserved, on another function", () =>
        {
            var node = With(LabNodes.A30(LabBackend.Vfio, mig: false), 685);
            node.Host.Files.WriteAttribute($"/sys/bus/pci/devices/0000:4b:00.5/nvidia/current_vgpu_type", "687");
            return node;
        }, 75, ["0000:4b:00.5", "A30-12C (687)", "no VM has reserved"],
        $"/sys/bus/pci/devices/0000:4b:00.5/nvidia/current_vgpu_type"),
    ];

    private static LabHostNode Set(LabBackend backend, Action<LabSetup> change)
    {
        var node = With(LabNodes.A30(backend));
        node.Host.Edit(state => change(state.Setup));
        return node;
    }

    private static LabHostNode WithFile(LabBackend backend, string path, string content)
    {
        var node = With(LabNodes.A30(backend));
        PutBytes(node, path, content);
        return node;
    }

    /// <summary>Writes a file of bytes, one for each character.</summary>
    private static void PutBytes(LabHostNode node, string path, string content)
    {
        node.Host.Files.CreateDirectory(path[..path.LastIndexOf('/')], LabEntry.FolderMode);
        node.Host.Files.WriteWhole(path, Encoding.Latin1.GetBytes(content), LabEntry.FileMode);
    }

    /// <summary>The flock of a VM that is being started.</summary>
    private static void LockConfig(LabHostNode node, int vm) =>
        Assert.NotNull(node.Host.Files.TryLock($"/var/lock/qemu-server/lock-{vm}.conf", LabEntry.FileMode));
}
