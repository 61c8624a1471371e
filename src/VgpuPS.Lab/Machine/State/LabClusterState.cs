using VgpuPS.Lab.Files;

namespace VgpuPS.Lab.Machine;

/// <summary>What the nodes of a cluster share.</summary>
/// <remarks>Source: facts/cluster.md D16: one cluster file system, everything else is the node's own.</remarks>
public sealed class LabClusterState
{
    private const ulong InodesOfNode = 1_000_000_000;

    /// <summary>Names of the nodes in the order of their ids.</summary>
    public List<string> Nodes { get; set; } = [];

    /// <summary>The states of all nodes but the first.</summary>
    public SortedDictionary<string, LabState> Others { get; set; } = new(StringComparer.Ordinal);

    /// <summary>What is below <c>/etc/pve</c>.</summary>
    public LabEntry Files { get; set; } = new() { Mode = LabEntry.FolderMode, Entries = [] };

    /// <summary>Names of the nodes that do not run.</summary>
    public List<string> Down { get; set; } = [];

    /// <summary>Whether the nodes do not see each other, so that none of them has quorum.</summary>
    public bool IsSplit { get; set; }

    /// <summary>Whether the running nodes have more than half of the votes, one a node.</summary>
    internal bool IsQuorate => !IsSplit && (Nodes.Count - Down.Count) * 2 > Nodes.Count;

    /// <summary>Whether a node runs.</summary>
    internal bool IsUp(string node) => Nodes.Contains(node) && !Down.Contains(node);

    /// <summary>A node's address in the cluster's network.</summary>
    /// <remarks>Source: assumed; 192.0.2.0/24 is reserved for documentation (RFC 5737).</remarks>
    internal string AddressOf(string node) =>
        string.Create(CultureInfo.InvariantCulture, $"192.0.2.{Nodes.IndexOf(node) + 11}");

    /// <summary>Makes a machine the first node of a cluster.</summary>
    internal static LabState MakeFirst(LabState first)
    {
        var cluster = first.Cluster = new LabClusterState { Nodes = [first.Setup.Node] };
        cluster.Files = Mount(first);
        Join(first);
        LabClusterFiles.MakeShared(first, cluster);
        return first;
    }

    /// <summary>Adds a machine: of what it has below <c>/etc/pve</c>, its own node's folder comes along.</summary>
    internal void Add(LabState state)
    {
        state.NextInode += InodesOfNode * (ulong)Nodes.Count;
        Files.Entries!["nodes"].Entries![state.Setup.Node] =
            Mount(state).Entries!["nodes"].Entries![state.Setup.Node];
        Nodes.Add(state.Setup.Node);
        Others[state.Setup.Node] = state;
        state.Joined = this;
        LabClusterFiles.WriteCorosync(state, this);
    }

    // What lay below the folder that the cluster file system is mounted on now.
    private static LabEntry Mount(LabState state)
    {
        var folder = LabTree.Find(state, "/etc")!.Entries!;
        var own = folder["pve"];
        folder["pve"] = new LabEntry { Mode = LabEntry.FolderMode, Inode = state.NextInode++, Entries = [] };
        return own;
    }

    /// <summary>Lets the nodes of a state know their cluster, as after reading it.</summary>
    internal static void Join(LabState root)
    {
        if (root.Cluster is not { } cluster)
        {
            return;
        }

        root.Joined = cluster;
        foreach (var other in cluster.Others.Values)
        {
            other.Joined = cluster;
        }
    }
}
