namespace VgpuPS.Lab.Files;

/// <summary>The cluster file system, as a node of a cluster sees it.</summary>
/// <remarks>
/// Source: pve-cluster, src/pmxcfs: links and .members are the node's own, and without quorum files are read-only and a
/// write is refused with EACCES; facts/cluster.md D4, D16. Assumed: the cluster's name.
/// </remarks>
internal static class LabClusterFiles
{
    public const string Root = "/etc/pve";

    private const int WriteBits = 0x92;
    private const string SharedStorage = "rbd: vms\n\tcontent images\n\tkrbd 0\n\tpool vms\n\n";

    /// <summary>Files that a cluster has and a single host has not.</summary>
    public static void MakeShared(LabState state, LabClusterState cluster)
    {
        foreach (var folder in (string[])["ha", "priv/lock"])
        {
            LabTree.PutFolder(state, $"{Root}/{folder}", LabEntry.FolderMode);
        }

        LabTree.PutFile(state, $"{Root}/.members", [], LabEntry.FileMode);
        WriteCorosync(state, cluster);
        LabTree.PutFile(
            state, $"{Root}/datacenter.cfg", "keyboard: en-us\n"u8.ToArray(), LabEntry.FileMode);
        var storages = LabTree.Find(state, $"{Root}/storage.cfg")!;
        storages.Content = [.. storages.Content!, .. Encoding.ASCII.GetBytes(SharedStorage)];
    }

    /// <summary>Writes the configuration of the cluster's network as it is now.</summary>
    public static void WriteCorosync(LabState state, LabClusterState cluster) => LabTree.PutFile(
        state, $"{Root}/corosync.conf", Encoding.ASCII.GetBytes(Corosync(cluster)), LabEntry.FileMode);

    /// <summary>What a path of the cluster file system is on this node; null where it is as it is stored.</summary>
    public static LabTreeNode? Find(LabState state, LabClusterState cluster, string canonical, LabTreeNode stored) =>
        canonical switch
        {
            Root + "/local" => stored with { Target = $"nodes/{state.Setup.Node}", Mode = ModeOf(cluster, stored) },
            Root + "/qemu-server" => stored with { Target = $"nodes/{state.Setup.Node}/qemu-server" },
            Root + "/.members" => stored with { Read = () => Encoding.ASCII.GetBytes(Members(state, cluster)) },
            _ => IsInside(canonical) ? stored with { Mode = ModeOf(cluster, stored) } : null,
        };

    /// <summary>Whether a path lies in the cluster file system.</summary>
    public static bool IsInside(string path) => path.StartsWith(Root + "/", StringComparison.Ordinal);

    private static int ModeOf(LabClusterState cluster, LabTreeNode stored) =>
        cluster.IsQuorate ? stored.Mode : stored.Mode & ~WriteBits;

    private static string Members(LabState state, LabClusterState cluster)
    {
        var nodes = cluster.Nodes.Select((name, index) => string.Create(
            CultureInfo.InvariantCulture,
            $"  \"{name}\": {{ \"id\": {index + 1}, \"online\": {(IsSeen(state, cluster, name) ? 1 : 0)}, "
                + $"\"ip\": \"{cluster.AddressOf(name)}\"}}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\n\"nodename\": \"{state.Setup.Node}\",\n\"version\": {cluster.Nodes.Count + 1},\n\"cluster\": {{ "
                + $"\"name\": \"lab\", \"version\": {cluster.Nodes.Count}, \"nodes\": {cluster.Nodes.Count}, "
                + $"\"quorate\": {(cluster.IsQuorate ? 1 : 0)} }},\n"
                + $"\"nodelist\": {{\n{string.Join(",\n", nodes)}\n  }}\n}}\n");
    }

    /// <summary>Whether a node sees another one.</summary>
    public static bool IsSeen(LabState state, LabClusterState cluster, string node) =>
        node == state.Setup.Node || (cluster.IsUp(node) && !cluster.IsSplit);

    private static string Corosync(LabClusterState cluster)
    {
        var text = new StringBuilder("nodelist {\n");
        foreach (var (name, index) in cluster.Nodes.Select((name, index) => (name, index)))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"  node {{\n    name: {name}\n    nodeid: {index + 1}\n    quorum_votes: 1\n"
                    + $"    ring0_addr: {cluster.AddressOf(name)}\n  }}\n");
        }

        return text.Append("}\n\nquorum {\n  provider: corosync_votequorum\n}\n\ntotem {\n  cluster_name: lab\n")
            .Append("  version: 2\n}\n").ToString();
    }
}
