using VgpuPS.Lab.Cluster;

namespace VgpuPS.LabHook.Commands;

/// <summary>What happens to a cluster as a whole: nodes that stop, quorum that is lost, locks that are held.</summary>
internal static class ClusterCommands
{
    /// <summary>Runs a command of the cluster; false for another one.</summary>
    /// <exception cref="VgpuException">There is no cluster, or no such node.</exception>
    public static bool TryRun(LabHost host, IReadOnlyList<string> words, Terminal terminal)
    {
        switch (words)
        {
            case ["node", "stop", var name]:
                Find(host, name).StopNode();
                break;
            case ["node", "start", var name]:
                Find(host, name).StartNode();
                break;
            case ["quorum", "off" or "on"]:
                Find(host, host.State.Setup.Node).SplitCluster(words[1] == "off");
                break;
            case ["lock", var name] when IsName(name):
                CfsLock.Hold(host, name);
                return true;
            case ["unlock", var name] when IsName(name):
                CfsLock.Release(host, name);
                return true;
            default:
                return false;
        }

        foreach (var (name, isUp) in host.ClusterNodes)
        {
            terminal.WriteLine($"node {name}: {(isUp ? "up" : "down")}");
        }

        terminal.WriteLine(host.HasQuorum ? "the cluster has quorum" : "the cluster has no quorum");
        return true;
    }

    private static LabHost Find(LabHost host, string name) =>
        host.ClusterNodes.Count == 0 ? throw new InvalidRequestException(
            ErrorIds.LabOptionUnusable, $"node {host.State.Setup.Node} is in no cluster",
            "make one: vgpu-lab --state FILE init --cluster --gpu A30")
        : host.Peers.TryGetValue(name, out var found) ? found : throw new ObjectNotFoundException(
            ErrorIds.LabNotFound, $"there is no node {name}; there are {string.Join(", ", host.Peers.Keys)}",
            "name one of them: vgpu-lab --state FILE node stop NODE", name);

    private static bool IsName(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
