using System.Text.Json.Nodes;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Cluster;

/// <summary><c>GET /nodes/{node}/qemu/{vmid}/migrate</c>: what a migration would meet, without trying.</summary>
/// <remarks>Source: facts/cluster.md D6; qemu-server, PVE::API2::Qemu, migrate_vm_precondition, and
/// PVE::QemuMigrate::Helpers, check_local_resources.</remarks>
internal static class MigrationApi
{
    public static IReadOnlyList<PveMethod> Methods { get; } =
        [new("get", "/nodes/{node}/qemu/{vmid}/migrate", "target", Precondition)];

    /// <summary>What a VM has on this node alone, and which of its mappings no entry of another node stands
    /// for.</summary>
    public static LocalResources Find(LabHost host, VmConfig config, bool isRunning)
    {
        var file = SectionFile.Read(PveText400.ReadFile(host, PvePaths.Mappings), hasTypes: false);
        var local = new List<string>();
        var mapped = new SortedDictionary<string, (string Name, bool IsLive)>(StringComparer.Ordinal);
        var missing = ClusterApi.NodeNames(host).ToDictionary(node => node, _ => new List<string>());
        foreach (var entry in config.HostPci.OrderBy(e => e.Index))
        {
            if (entry.Mapping is not { } name)
            {
                local.Add(entry.Key);
                continue;
            }

            var section = file.Find(name);
            foreach (var (node, keys) in missing)
            {
                if (section?.All("map").Any(map => PciMappings.ParseEntry(map).Entry?.Node == node) != true)
                {
                    keys.Add(entry.Key);
                }
            }

            var isLive = section?.Has("live-migration-capable") == true;
            mapped[entry.Key] = (name, isLive);
            if (!isLive && isRunning)
            {
                local.Add(entry.Key);
            }
        }

        return new LocalResources(local, mapped, missing);
    }

    /// <summary>Volumes of a VM on storages that other nodes do not see.</summary>
    /// <remarks>Source: PVE::API2::Qemu, check_vm_disks_local. A storage that is not listed is local
    /// (assumed).</remarks>
    public static IReadOnlyList<string> LocalDisks(LabHost host, VmConfig config)
    {
        var storages = SectionFile.Read(PveText400.ReadFile(host, PvePaths.Storages), hasTypes: true);
        return
        [
            .. config.Main.Values.Where(v => IsDisk(v.Key)).OrderBy(v => v.Key, StringComparer.Ordinal)
                .Select(v => v.Value.Split(',')[0]).Where(volume => volume.Contains(':', StringComparison.Ordinal))
                .Where(volume => storages.Find(volume.Split(':')[0]) is not { } storage
                    || !(storage.Has("shared") || storage.Type is "rbd" or "nfs" or "cifs" or "cephfs" or "iscsi")),
        ];
    }

    private static JsonObject Precondition(PveCall call)
    {
        call.RequireQuorum();
        var (host, vm) = (call.Host, call.Vm());
        var config = ClusterApi.Vms(host, host.State.Setup.Node).FirstOrDefault(v => v.Id == vm).Config
            ?? throw new ProxmoxFailure(
                $"Configuration file 'nodes/{host.State.Setup.Node}/qemu-server/{vm}.conf' does not exist");
        if (config.Lock is { } value)
        {
            throw new ProxmoxFailure($"VM is locked ({value})");
        }

        var isRunning = host.GetQemuPid(vm) is not null;
        var found = Find(host, config, isRunning);
        var (sid, isManaged) = ($"vm:{vm}", HaApi.StateOf(host, $"vm:{vm}") is not null);
        var refused = new JsonObject();
        JsonArray allowed = [];
        foreach (var node in ClusterApi.NodeNames(host).Where(node => node != host.State.Setup.Node))
        {
            var blocking = !isManaged || !ClusterApi.IsSeen(host, node) ? [] : HaApi.Related(host, sid, "negative")
                .Where(other => HaApi.NodeOf(host, other) == node)
                .Select(other => (JsonNode)PveText400.Object(("sid", other), ("cause", "resource-affinity"))).ToList();
            var causes = PveText400.Object(
                ("unavailable-resources", found.Missing[node].Count == 0 ? null
                    : PveText400.Array(found.Missing[node])),
                ("blocking-ha-resources", blocking.Count == 0 ? null : new JsonArray([.. blocking])));
            if (causes.Count > 0)
            {
                refused[node] = causes;
            }
            else
            {
                allowed.Add((JsonNode)node);
            }
        }

        return PveText400.Object(
            ("running", isRunning ? 1 : 0), ("allowed_nodes", allowed), ("not_allowed_nodes", refused),
            ("local_disks", new JsonArray([.. LocalDisks(host, config).Select(volume => PveText400.Object(
                ("volid", volume), ("cdrom", 0), ("is_unused", 0)))])),
            ("local_resources", PveText400.Array(found.Local)),
            ("mapped-resources", PveText400.Array(found.Mapped.Keys)),
            ("mapped-resource-info", PveText400.Object(found.Mapped.Select(m => (m.Key, (JsonNode?)PveText400.Object(
                ("name", m.Value.Name), ("live-migration", m.Value.IsLive ? 1 : null)))))),
            ("has-dbus-vmstate", 1),
            ("dependent-ha-resources", isManaged ? PveText400.Array(HaApi.Related(host, sid, "positive")) : null));
    }

    private static bool IsDisk(string key) =>
        key.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') is "scsi" or "sata" or "virtio" or "ide"
            or "efidisk" or "tpmstate" && char.IsAsciiDigit(key[^1]);
}

/// <summary>What a VM has that may keep it on its node.</summary>
/// <param name="Local">Keys of what is local, mapped ones of a running VM included that may not go live.</param>
/// <param name="Mapped">Mappings by key.</param>
/// <param name="Missing">By node, keys of mappings that have no entry for it.</param>
internal sealed record LocalResources(
    IReadOnlyList<string> Local, SortedDictionary<string, (string Name, bool IsLive)> Mapped,
    IReadOnlyDictionary<string, List<string>> Missing);
