using VgpuPS.Core.Guests;
using VgpuPS.Host.Seams;

namespace VgpuPS.Lab.Proxmox;

/// <summary>Files of Proxmox and the kernel that the simulated Proxmox uses.</summary>
/// <remarks>Source: facts/proxmox.md (a), (b), (d), (e). Assumed: the name of the cleanup flag.</remarks>
internal static class PvePaths
{
    public const string Nodes = "/etc/pve/nodes";
    public const string Mappings = "/etc/pve/mapping/pci.cfg";
    public const string Storages = "/etc/pve/storage.cfg";
    public const string Run = "/run/qemu-server";
    public const string LockFolder = "/run/lock/qemu-server";
    public const string Reservations = Run + "/pci-id-reservations";
    public const string ReservationsLock = Run + "/pci-id-reservations.lock";
    public const string ForceLegacyCleanup = Run + "/force-legacy-cleanup";
    public const string PciDevices = "/sys/bus/pci/devices";
    public const string VfioDriver = "/sys/bus/pci/drivers/vfio-pci";
    public const string MdevDevices = "/sys/bus/mdev/devices";
    public const string Iommus = "/sys/class/iommu";
    public const int FileMode = FileModes.Mode644;
    public const int ConfigMode = FileModes.Mode640;
    public const int FolderMode = FileModes.Mode755;
    public const int RunFolderMode = FileModes.Mode750;
    public const int ReadLimit = 16 * 1024 * 1024;

    public static string Config(string node, VmId vm) => $"{Nodes}/{node}/qemu-server/{vm}.conf";

    public static string ConfigLock(VmId vm) => $"{LockFolder}/lock-{vm}.conf";

    public static string PidFile(VmId vm) => $"{Run}/{vm}.pid";

    public static string RebootRequest(VmId vm) => $"{Run}/{vm}.reboot";

    public static string CleanupFlag(VmId vm) => $"{Run}/{vm}.cleanup";

    public static string MigrationSocket(VmId vm) => $"{Run}/{vm}.migrate";

    public static string Device(string id) => $"{PciDevices}/{id}";

    public static string CurrentType(string id) => $"{PciDevices}/{id}/nvidia/current_vgpu_type";
}
