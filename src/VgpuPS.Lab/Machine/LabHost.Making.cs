namespace VgpuPS.Lab.Machine;

/// <content>Making and opening machines, one or the nodes of a cluster.</content>
public sealed partial class LabHost
{
    /// <summary>Nodes of a cluster at most.</summary>
    public const int MaxNodes = 16;

    /// <summary>The nodes of its cluster by name, itself included; itself alone where it is in none.</summary>
    public IReadOnlyDictionary<string, LabHost> Peers => With(state =>
    {
        // Another process may have added one.
        foreach (var name in state.Joined?.Nodes.Where(n => !_store.Hosts.ContainsKey(n)).ToList() ?? [])
        {
            _store.Hosts[name] = new LabHost(_store, name);
        }

        return _store.Hosts;
    });

    /// <summary>Makes a machine in memory.</summary>
    /// <param name="options">What it is made of; null for two A30.</param>
    public static LabHost Create(LabOptions? options = null) =>
        OpenAll(new LabStore(LabStart.Make(options ?? new LabOptions()), null))[0];

    /// <summary>Makes the nodes of a cluster in memory.</summary>
    /// <param name="nodes">What each is made of, in the order of their ids.</param>
    /// <exception cref="ArgumentException">There are too many, or a name is there twice.</exception>
    public static IReadOnlyList<LabHost> CreateCluster(params IReadOnlyList<LabOptions> nodes)
    {
        var first = OpenAll(new LabStore(MakeFirst(nodes[0]), null))[0];
        return [first, .. nodes.Skip(1).Select(first.AddNode)];
    }

    /// <summary>Makes a machine in a file, replacing what was there.</summary>
    /// <param name="path">The file; a lock file lies beside it.</param>
    /// <param name="options">What it is made of; null for two A30.</param>
    public static LabHost Init(string path, LabOptions? options = null) =>
        InitFile(path, LabStart.Make(options ?? new LabOptions()))[0];

    /// <summary>Makes the first node of a cluster in a file, replacing what was there.</summary>
    /// <param name="path">The file, in which the others will be too; a lock file lies beside it.</param>
    /// <param name="options">What it is made of.</param>
    public static LabHost InitCluster(string path, LabOptions options) => InitFile(path, MakeFirst(options))[0];

    /// <summary>Makes the first node of a cluster in memory.</summary>
    /// <param name="options">What it is made of.</param>
    public static LabHost CreateFirst(LabOptions options) => OpenAll(new LabStore(MakeFirst(options), null))[0];

    /// <summary>Opens a machine in a file; others may have it open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="node">Which node of a cluster; null for the first.</param>
    /// <exception cref="IOException">There is no such file.</exception>
    /// <exception cref="ArgumentException">It has no such node.</exception>
    public static LabHost Open(string path, string? node = null)
    {
        var store = new LabStore(new LabState { Sequence = -1 }, new LabStateFile(path));
        store.Enter();
        store.Leave();
        var hosts = OpenAll(store);
        return node is null ? hosts[0] : hosts.FirstOrDefault(host => host.State.Setup.Node == node)
            ?? throw new ArgumentException(
                $"there is no node {node} in {path}; it has "
                    + string.Join(", ", hosts.Select(host => host.State.Setup.Node)));
    }

    /// <summary>Adds a node to the cluster, as <c>pvecm add</c> does.</summary>
    /// <param name="options">What it is made of.</param>
    /// <returns>The new node.</returns>
    /// <exception cref="ArgumentException">There is no cluster, it is full, or it has a node of that name.</exception>
    public LabHost AddNode(LabOptions options)
    {
        EnterState();
        try
        {
            var cluster = State.Joined
                ?? throw new ArgumentException($"node {State.Setup.Node} is in no cluster, so none can join it");
            if (cluster.Nodes.Count >= MaxNodes)
            {
                throw new ArgumentException($"a cluster of the lab has {MaxNodes} nodes at most");
            }

            if (cluster.Nodes.Contains(options.Node, StringComparer.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"the cluster has a node {options.Node} already");
            }

            cluster.Add(LabStart.Make(
                options with { NodeIndex = cluster.Nodes.Count, Serial = $"{options.Serial} {options.Node}" }));
            Change();
            return _store.Hosts[options.Node] = new LabHost(_store, options.Node);
        }
        finally
        {
            LeaveState();
        }
    }

    /// <summary>The nodes of its cluster and whether they run, in the order of their ids; none where it is in no
    /// cluster.</summary>
    public IReadOnlyList<(string Name, bool IsUp)> ClusterNodes => With(
        state => (IReadOnlyList<(string, bool)>)(
            state.Joined is { } cluster ? [.. cluster.Nodes.Select(n => (n, cluster.IsUp(n)))] : []));

    /// <summary>Whether it runs; a node of a cluster may be stopped.</summary>
    public bool IsUp => With(state => state.Joined?.IsUp(state.Setup.Node) != false);

    /// <summary>Whether its cluster has quorum; a host in no cluster has.</summary>
    public bool HasQuorum => With(state => state.Joined?.IsQuorate != false);

    /// <summary>Stops the node: its VMs end, and no call reaches it.</summary>
    public void StopNode() => Edit(state =>
    {
        state.Processes.Clear();
        state.NvmlClients.Clear();
        state.Locks.Clear();
        state.Joined!.Down.Remove(state.Setup.Node);
        state.Joined.Down.Add(state.Setup.Node);
    });

    /// <summary>Starts a stopped node, as after a power cut.</summary>
    public void StartNode()
    {
        Edit(state => state.Joined!.Down.Remove(state.Setup.Node));
        Reboot();
    }

    /// <summary>Lets the nodes of the cluster see each other, or not: then none of them has quorum.</summary>
    /// <param name="isSplit">Whether they do not.</param>
    public void SplitCluster(bool isSplit) => Edit(state => state.Joined!.IsSplit = isSplit);

    private static LabState MakeFirst(LabOptions options) =>
        LabClusterState.MakeFirst(LabStart.Make(options with { NodeIndex = 0 }));

    private static IReadOnlyList<LabHost> InitFile(string path, LabState state)
    {
        var file = new LabStateFile(path);
        file.Create(state);
        return OpenAll(new LabStore(state, file));
    }

    private static IReadOnlyList<LabHost> OpenAll(LabStore store)
    {
        IEnumerable<string?> names = store.Root.Cluster?.Nodes ?? (IEnumerable<string?>)[null];
        var hosts = names.Select(name => new LabHost(store, name)).ToList();
        foreach (var host in hosts)
        {
            store.Hosts[host.State.Setup.Node] = host;
        }

        return hosts;
    }
}
