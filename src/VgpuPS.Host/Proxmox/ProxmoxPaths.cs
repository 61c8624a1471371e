using VgpuPS.Core.Guests;

namespace VgpuPS.Host.Proxmox;

/// <summary>Where Proxmox keeps what the adapter reads.</summary>
/// <remarks>Source: facts/proxmox.md (a), (b), (c), (e); PVE::QemuServer::Helpers (pid file) (mem).</remarks>
internal static class ProxmoxPaths
{
    public const string Cluster = "/etc/pve";
    public const string LocalNode = "/etc/pve/local";
    public const string HostName = "/proc/sys/kernel/hostname";
    public const string KernelRelease = "/proc/sys/kernel/osrelease";
    public const string Mappings = "/etc/pve/mapping/pci.cfg";
    public const string Storages = "/etc/pve/storage.cfg";
    public const string Nodes = "/etc/pve/nodes";
    public const string Packages = "/var/lib/dpkg/status";
    public const string KernelLocks = "/proc/locks";
    public const string RunFolder = "/run/qemu-server";
    public const string Reservations = RunFolder + "/pci-id-reservations";
    public const string ReservationsLock = RunFolder + "/pci-id-reservations.lock";

    public static string LocalConfigs => $"{Cluster}/qemu-server";

    public static string Configs(string node) => $"{Cluster}/nodes/{node}/qemu-server";

    public static string Config(string folder, VmId vm) => $"{folder}/{vm}.conf";

    public static string PidFile(VmId vm) => $"{RunFolder}/{vm}.pid";

    public static string RebootRequest(VmId vm) => $"{RunFolder}/{vm}.reboot";

    public static string CommandLine(int pid) => $"/proc/{pid}/cmdline";

    public static string ProcessStatus(int pid) => $"/proc/{pid}/status";

    // /var/lock is a link to /run/lock on every host seen; both are asked, for one where it is not.
    public static IReadOnlyList<string> ConfigLocks(VmId vm) =>
        [$"/run/lock/qemu-server/lock-{vm}.conf", $"/var/lock/qemu-server/lock-{vm}.conf"];
}
