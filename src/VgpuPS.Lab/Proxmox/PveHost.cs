using System.Text.Json.Nodes;

namespace VgpuPS.Lab.Proxmox;

/// <summary>What every part of the simulated Proxmox uses: the machine, the timeline, and Perl's small tools.</summary>
/// <remarks>Source: facts/proxmox.md (d); the texts are recorded.</remarks>
internal sealed class PveHost(ILabMachine machine, LabProxmoxOptions options, LabTimeline timeline)
{
    private static readonly TimeSpan s_lockPoll = TimeSpan.FromMilliseconds(100);

    public ILabMachine Machine => machine;

    public LabProxmoxOptions Options => options;

    public LabTimeline Timeline => timeline;

    public IHostFiles Files => machine.Files;

    public void Warn(string text) => timeline.RecordText("warning", text);

    public void Print(string text) => timeline.RecordText("output", text);

    public bool Exists(string path) => Files.GetInfo(path) is not null;

    public bool IsDirectory(string path) => Files.GetInfo(path) is { Kind: HostFileKind.Directory };

    public string? ReadText(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(Files.Read(path, PvePaths.ReadLimit));
        }
        catch (HostFileException)
        {
            return null;
        }
    }

    /// <summary>First line without its end, as PVE::Tools::file_read_firstline reads it.</summary>
    public string? ReadFirstLine(string path) => ReadText(path)?.Split('\n')[0];

    /// <summary>PVE::SysFSTools::file_write: warns about a failure and goes on.</summary>
    public bool WriteAttribute(string path, string value)
    {
        var entry = timeline.Record("write", ("ok", true), ("path", path), ("value", value));
        try
        {
            Files.WriteAttribute(path, value);
            return true;
        }
        catch (HostFileException failure)
        {
            var text = Errno.Describe(failure.Number).Split(" (")[0];
            entry["ok"] = false;
            entry["error"] = text;
            Warn($"error writing '{value}' to '{path}': {text}");
            return false;
        }
    }

    public async Task SleepAsync(int seconds, CancellationToken cancellationToken)
    {
        timeline.RecordWait(seconds);
        await machine.WaitAsync(TimeSpan.FromSeconds(seconds), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>PVE::Tools::lock_file: polls, gives up with Proxmox's text.</summary>
    /// <remarks>The name in the text is Proxmox's, /var/lock being a link to /run/lock.</remarks>
    public async Task<IHostFileLock> LockAsync(
        string path, string name, TimeSpan limit, CancellationToken cancellationToken)
    {
        var folder = path[..path.LastIndexOf('/')];
        Files.CreateDirectory(folder, folder == PvePaths.Run ? PvePaths.RunFolderMode : PvePaths.FolderMode);
        for (var waited = TimeSpan.Zero; ; waited += s_lockPoll)
        {
            if (Files.TryLock(path, PvePaths.FileMode) is { } held)
            {
                return held;
            }

            if (waited >= limit)
            {
                throw new ProxmoxFailure($"can't lock file '{name}' - got timeout");
            }

            await machine.WaitAsync(s_lockPoll, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>PVE::AtomicFile: a temporary file beside it, which a cluster without quorum refuses.</summary>
    public void WriteFile(string path, string text, int mode)
    {
        try
        {
            Files.WriteWhole(path, Encoding.UTF8.GetBytes(text), mode);
        }
        catch (HostFileException e) when (path.StartsWith(PvePaths.ClusterFiles, StringComparison.Ordinal))
        {
            throw new ProxmoxFailure(
                $"unable to open file '{path}.tmp.1' - {Errno.Describe(e.Number).Split(" (")[0]}");
        }
    }

    /// <summary>Addresses of the PCI functions.</summary>
    public IReadOnlyList<PciAddress> PciAddresses()
    {
        var found = new List<PciAddress>();
        foreach (var id in Files.List(PvePaths.PciDevices) ?? [])
        {
            if (PciAddress.TryParse(id, out var address))
            {
                found.Add(address);
            }
        }

        return found;
    }

    /// <summary>What a function is as far as sysfs says; null where it says nothing.</summary>
    public PciDeviceFacts? PciFacts(PciAddress address)
    {
        var folder = PvePaths.Device(address.ToString());
        if (Hex(folder + "/vendor") is not { } vendor || Hex(folder + "/device") is not { } device)
        {
            return null;
        }

        var group = Files.ReadLink(folder + "/iommu_group")?.Split('/')[^1];
        return new PciDeviceFacts(
            address, vendor, device, Hex(folder + "/subsystem_vendor"), Hex(folder + "/subsystem_device"),
            int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
            IsDirectory(folder + "/mdev_supported_types") || IsDirectory(folder + "/nvidia"));
    }

    /// <summary>Records the new content of a VM's configuration.</summary>
    public JsonObject RecordConfig(string path, string text) =>
        timeline.Record("conf", ("path", path), ("text", text));

    private string? Hex(string path) => ReadFirstLine(path) is { Length: > 2 } text ? text[2..] : null;
}

/// <summary>Files of Proxmox and the kernel that the simulated Proxmox uses.</summary>
/// <remarks>Source: facts/proxmox.md (a), (b), (d), (e). Assumed: the name of the cleanup flag.</remarks>
internal static class PvePaths
{
    public const string ClusterFiles = "/etc/pve/";
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
