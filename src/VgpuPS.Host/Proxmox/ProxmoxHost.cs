using System.Text;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Platform;

namespace VgpuPS.Host.Proxmox;

/// <summary>Proxmox on this node, by its files alone: no <c>qm</c> and no lock but the reservations'.</summary>
/// <param name="files">The host's files.</param>
/// <param name="clock">Determines which reservations are over, and paces the wait for their lock.</param>
/// <remarks>Source: facts/proxmox.md (a), (b), (c) and (e).</remarks>
public sealed partial class ProxmoxHost(IHostFiles files, TimeProvider clock)
{
    private const int SmallLimit = 64 * 1024;
    private const int OwnerWrites = 0x80;
    private const int ConfigLimit = 1024 * 1024;
    private const int MappingsLimit = 4 * 1024 * 1024;
    private const int PackagesLimit = 64 * 1024 * 1024;

    private readonly Lazy<string> _node = new(() => ReadNode(files), isThreadSafe: false);
    private readonly Lazy<string?> _version = new(() => ReadVersion(files), isThreadSafe: false);

    /// <summary>Name of this node: what <c>/etc/pve/local</c> points to, else the host name up to its first
    /// dot.</summary>
    public string Node => _node.Value;

    /// <summary>Version of the package qemu-server; null when the list of packages cannot be read.</summary>
    public string? QemuServerVersion => _version.Value;

    /// <summary>Release of the running kernel; null when that is unknown.</summary>
    public string? KernelRelease =>
        TryRead(ProxmoxPaths.KernelRelease, SmallLimit, "the kernel's release") is { } text
            ? Encoding.UTF8.GetString(text).Trim()
            : null;

    /// <summary>The text of a VM's configuration as a start on this node uses it.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="migratedFrom">Node that an incoming live migration comes from; null or empty on a normal
    /// start.</param>
    /// <exception cref="InvalidRequestException">The node name is none.</exception>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    /// <exception cref="UnreadableDataException">It cannot be read, or has more than 1 MiB.</exception>
    public byte[] ReadConfig(VmId vm, string? migratedFrom)
    {
        if (string.IsNullOrEmpty(migratedFrom))
        {
            return TryRead(ProxmoxPaths.Config(ProxmoxPaths.LocalConfigs, vm), ConfigLimit, "the VM configuration")
                ?? TryRead(ProxmoxPaths.Config(ProxmoxPaths.Configs(Node), vm), ConfigLimit, "the VM configuration")
                ?? throw NoConfig(vm, Node);
        }

        if (!IsNodeName(migratedFrom))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidHostName, $"'{migratedFrom}' is not a name of a node",
                "check PVE_MIGRATED_FROM against the cluster's nodes: pvecm nodes", migratedFrom);
        }

        return TryRead(
            ProxmoxPaths.Config(ProxmoxPaths.Configs(migratedFrom), vm), ConfigLimit, "the VM configuration")
            ?? throw NoConfig(vm, migratedFrom);
    }

    /// <summary>VMs configured on this node, ascending.</summary>
    public IReadOnlyList<VmId> GetVms()
    {
        var vms = VmsIn(TryList(ProxmoxPaths.LocalConfigs) ?? TryList(ProxmoxPaths.Configs(Node)) ?? []);
        vms.Sort();
        return vms;
    }

    /// <summary>VMs that are configured on other nodes of the cluster, ascending, with their node.</summary>
    public IReadOnlyList<(VmId Vm, string Node)> GetVmsElsewhere() =>
    [
        .. (TryList(ProxmoxPaths.Nodes) ?? []).Where(node => node != Node && IsNodeName(node))
            .SelectMany(node => VmsIn(TryList(ProxmoxPaths.Configs(node)) ?? []).Select(vm => (Vm: vm, Node: node)))
            .OrderBy(found => found.Vm),
    ];

    /// <summary>Text of the cluster's list of storages; null when there is no such file.</summary>
    /// <exception cref="UnreadableDataException">It cannot be read, or has more than 4 MiB.</exception>
    public byte[]? ReadStorages() => TryRead(ProxmoxPaths.Storages, MappingsLimit, "the list of storages");

    /// <summary>The cluster's PCI mappings; none where there is no file of them.</summary>
    /// <exception cref="UnreadableDataException">It cannot be read, or is too large.</exception>
    public PciMappings ReadMappings() =>
        TryRead(ProxmoxPaths.Mappings, MappingsLimit, "the list of PCI mappings") is { } raw
            ? PciMappings.Read(raw) : PciMappings.None;

    /// <summary>Whether the cluster has quorum, as this node sees it; a host in no cluster has.</summary>
    /// <remarks>Source: pve-cluster, PVE::Cluster, check_cfs_quorum: without quorum the owner may not write what lies
    /// below <c>/etc/pve</c>.</remarks>
    public bool HasQuorum => TryFind(ProxmoxPaths.Storages) is not { } file || (file.Mode & OwnerWrites) != 0;

    /// <summary>VMs under high availability and their rules; none where the cluster has no such files.</summary>
    /// <exception cref="UnreadableDataException">A file cannot be read, or has more than 1 MiB.</exception>
    public HighAvailability ReadHighAvailability() => HighAvailability.Read(
        TryRead(ProxmoxPaths.HaResources, MappingsLimit, "the list of HA resources") ?? [],
        TryRead(ProxmoxPaths.HaRules, MappingsLimit, "the list of HA rules") ?? [],
        TryRead(ProxmoxPaths.HaGroups, MappingsLimit, "the list of HA groups") ?? []);

    /// <summary>Jobs that copy guests to other nodes; none where the cluster has no such file.</summary>
    /// <exception cref="UnreadableDataException">It cannot be read, or has more than 1 MiB.</exception>
    public IReadOnlyList<ReplicationJob> ReadReplication() => ReplicationJob.ReadAll(
        TryRead(ProxmoxPaths.Replication, MappingsLimit, "the list of replication jobs") ?? []);

    /// <summary>Nodes of the cluster, this one included, in byte order.</summary>
    public IReadOnlyList<string> GetNodes() =>
    [
        .. (TryList(ProxmoxPaths.Nodes) ?? []).Where(IsNodeName).Append(Node).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Containers configured on this node, ascending.</summary>
    /// <exception cref="UnreadableDataException">A configuration cannot be read.</exception>
    public IReadOnlyList<ContainerConfig> ReadContainers()
    {
        var folder = ProxmoxPaths.Containers(Node);
        return
        [
            .. from id in VmsIn(TryList(folder) ?? [])
               orderby id
               let raw = TryRead(ProxmoxPaths.Config(folder, id), ConfigLimit, "the configuration of a container")
               where raw is not null
               select ContainerConfig.Read(id, raw),
        ];
    }

    private static List<VmId> VmsIn(IReadOnlyList<string> names)
    {
        const string Extension = ".conf";
        var vms = new List<VmId>();
        foreach (var name in names)
        {
            if (name.EndsWith(Extension, StringComparison.Ordinal)
                && VmId.TryParse(name[..^Extension.Length], out var vm))
            {
                vms.Add(vm);
            }
        }

        return vms;
    }

    private static ObjectNotFoundException NoConfig(VmId vm, string node) => new(
        ErrorIds.VmNotFound, $"VM {vm} has no configuration on the node {node}",
        "list the node's VMs: qm list", vm.ToString());

    private static bool IsNodeName(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static string ReadNode(IHostFiles files)
    {
        try
        {
            var target = files.ReadLink(ProxmoxPaths.LocalNode)?.TrimEnd('/');
            var name = target?[(target.LastIndexOf('/') + 1)..];
            if (name is { Length: > 0 } && IsNodeName(name))
            {
                return name;
            }

            var host = Encoding.ASCII.GetString(files.Read(ProxmoxPaths.HostName, SmallLimit)).Trim();
            return host.Split('.')[0];
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, "the name of the node");
        }
    }

    private static string? ReadVersion(IHostFiles files)
    {
        try
        {
            return DpkgStatus.FindVersion(files.Read(DpkgStatus.Path, PackagesLimit), "qemu-server");
        }
        catch (HostFileException)
        {
            // Optional: without it the newest generation is assumed by those who ask.
            return null;
        }
    }

    private byte[]? TryRead(string path, int limit, string what) => new CheckedFiles(files, what).Find(path, limit);

    private HostFileInfo? TryFind(string path) => new CheckedFiles(files, "Proxmox's file").Info(path);

    private IReadOnlyList<string>? TryList(string path) =>
        new CheckedFiles(files, "the folder of VM configurations").List(path);
}

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
    public const string HaResources = "/etc/pve/ha/resources.cfg";
    public const string HaRules = "/etc/pve/ha/rules.cfg";
    public const string HaGroups = "/etc/pve/ha/groups.cfg";
    public const string Replication = "/etc/pve/replication.cfg";
    public const string KernelLocks = "/proc/locks";
    public const string RunFolder = "/run/qemu-server";
    public const string Reservations = RunFolder + "/pci-id-reservations";
    public const string ReservationsLock = RunFolder + "/pci-id-reservations.lock";

    public static string LocalConfigs => $"{Cluster}/qemu-server";

    public static string Configs(string node) => $"{Cluster}/nodes/{node}/qemu-server";

    public static string Containers(string node) => $"{Cluster}/nodes/{node}/lxc";

    public static string Config(string folder, VmId vm) => $"{folder}/{vm}.conf";

    public static string PidFile(VmId vm) => $"{RunFolder}/{vm}.pid";

    public static string RebootRequest(VmId vm) => $"{RunFolder}/{vm}.reboot";

    public static string CommandLine(int pid) => $"/proc/{pid}/cmdline";

    public static string ProcessStatus(int pid) => $"/proc/{pid}/status";

    // /var/lock is a link to /run/lock on every host seen; both are asked, for one where it is not.
    public static IReadOnlyList<string> ConfigLocks(VmId vm) =>
        [$"/run/lock/qemu-server/lock-{vm}.conf", $"/var/lock/qemu-server/lock-{vm}.conf"];
}
