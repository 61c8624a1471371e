using System.Text.Json.Nodes;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Cluster;

/// <summary><c>/cluster/status</c>, <c>/cluster/resources</c>, <c>/nodes</c> and VMs of a node.</summary>
/// <remarks>
/// Source: facts/cluster.md D16; pve-manager, PVE::API2::Cluster and PVE::API2Tools. Assumed: a VM of a node that is
/// not seen is unknown at once, where genuine statistics age for minutes; members that no statistics fill are left out.
/// </remarks>
internal static class ClusterApi
{
    private const long MiB = 1 << 20;

    public static IReadOnlyList<PveMethod> Methods { get; } =
    [
        new("get", "/cluster/status", "", Status),
        new("get", "/cluster/resources", "type", Resources),
        new("get", "/nodes", "", call => new JsonArray([.. NodeNames(call.Host).Select(n => Node(call.Host, n))])),
        new("get", "/nodes/{node}/qemu", "full", call =>
            new JsonArray([.. Vms(call.Host, call.Host.State.Setup.Node).Select(v => Vm(call.Host, v))])),
        new("get", "/nodes/{node}/qemu/{vmid}/status/current", "", Current),
    ];

    /// <summary>Names of the nodes, this one's alone where there is no cluster.</summary>
    public static IReadOnlyList<string> NodeNames(LabHost host) =>
        host.State.Joined?.Nodes ?? [host.State.Setup.Node];

    /// <summary>Whether a node is seen by the one that is asked.</summary>
    public static bool IsSeen(LabHost host, string node) =>
        host.State.Joined is not { } cluster || LabClusterFiles.IsSeen(host.State, cluster, node);

    /// <summary>The VMs of a node.</summary>
    public static IEnumerable<(VmId Id, string Node, VmConfig Config)> Vms(LabHost host, string node)
    {
        foreach (var name in host.Files.List($"{PvePaths.Nodes}/{node}/qemu-server") ?? [])
        {
            if (name.EndsWith(".conf", StringComparison.Ordinal) && VmId.TryParse(name[..^5], out var vm))
            {
                yield return (vm, node, VmConfigReader.Read(
                    host.Files.Read(PvePaths.Config(node, vm), PvePaths.ReadLimit), PveText400.Generation(host)));
            }
        }
    }

    private static JsonArray Status(PveCall call)
    {
        var host = call.Host;
        if (host.State.Joined is not { } cluster)
        {
            return new JsonArray([PveText400.Object(
                ("type", "node"), ("id", $"node/{host.State.Setup.Node}"), ("name", host.State.Setup.Node),
                ("local", 1), ("nodeid", 0), ("online", 1), ("level", ""))]);
        }

        var entries = new JsonArray(
        [
            PveText400.Object(
                ("type", "cluster"), ("id", "cluster"), ("name", "lab"), ("nodes", cluster.Nodes.Count),
                ("version", cluster.Nodes.Count), ("quorate", cluster.IsQuorate ? 1 : 0)),
        ]);
        foreach (var (node, index) in cluster.Nodes.Select((node, index) => (node, index)))
        {
            entries.Add((JsonNode)PveText400.Object(
                ("type", "node"), ("id", $"node/{node}"), ("name", node), ("nodeid", index + 1),
                ("local", node == host.State.Setup.Node ? 1 : 0), ("online", IsSeen(host, node) ? 1 : 0),
                ("ip", cluster.AddressOf(node)), ("level", "")));
        }

        return entries;
    }

    private static JsonArray Resources(PveCall call)
    {
        var type = call["type"];
        if (type is not (null or "vm" or "node" or "storage" or "sdn"))
        {
            throw PveText400.Wrong(
                "type", $"value '{type}' does not have a value in the enumeration 'vm, storage, node, sdn'");
        }

        JsonArray entries = [];
        foreach (var node in NodeNames(call.Host))
        {
            if (type is null or "vm")
            {
                foreach (var vm in Vms(call.Host, node))
                {
                    entries.Add((JsonNode)Vm(call.Host, vm));
                }
            }

            if (type is null or "node")
            {
                entries.Add((JsonNode)Node(call.Host, node));
            }
        }

        return entries;
    }

    private static JsonObject Node(LabHost host, string node)
    {
        var isSeen = IsSeen(host, node);
        var cpus = isSeen ? host.Peers[node].State.Setup.Cpus : null;
        return PveText400.Object(
            ("id", $"node/{node}"), ("node", node), ("type", "node"), ("status", isSeen ? "online" : "offline"),
            ("maxcpu", cpus?.Online.Count()), ("level", isSeen ? "" : null));
    }

    private static JsonObject Vm(LabHost host, (VmId Id, string Node, VmConfig Config) vm)
    {
        var isSeen = IsSeen(host, vm.Node);
        return PveText400.Object(
            ("id", $"qemu/{vm.Id}"), ("vmid", vm.Id.Value), ("node", vm.Node), ("type", "qemu"),
            ("status", !isSeen ? "unknown" : host.Peers[vm.Node].GetQemuPid(vm.Id) is null ? "stopped" : "running"),
            ("name", isSeen ? vm.Config.Name ?? $"VM {vm.Id}" : null),
            ("template", isSeen ? vm.Config.IsTemplate ? 1 : 0 : null),
            ("maxmem", isSeen ? (vm.Config.MemoryMiB ?? 512) * MiB : null),
            ("lock", isSeen ? vm.Config.Lock : null), ("hastate", HaApi.StateOf(host, $"vm:{vm.Id}")));
    }

    private static JsonObject Current(PveCall call)
    {
        var (vm, node) = (call.Vm(), call.Host.State.Setup.Node);
        var found = Vms(call.Host, node).FirstOrDefault(v => v.Id == vm);
        if (found.Config is null)
        {
            throw new ProxmoxFailure($"Configuration file 'nodes/{node}/qemu-server/{vm}.conf' does not exist");
        }

        var pid = call.Host.GetQemuPid(vm);
        return PveText400.Object(
            ("vmid", vm.Value), ("name", found.Config.Name ?? $"VM {vm}"),
            ("status", pid is null ? "stopped" : "running"), ("qmpstatus", pid is null ? "stopped" : "running"),
            ("pid", pid), ("lock", found.Config.Lock),
            ("ha", PveText400.Object(("managed", HaApi.StateOf(call.Host, $"vm:{vm}") is null ? 0 : 1))));
    }
}
