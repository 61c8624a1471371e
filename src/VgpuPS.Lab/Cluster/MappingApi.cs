using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Cluster;

/// <summary><c>/cluster/mapping/pci</c>: one name for devices of several nodes.</summary>
/// <remarks>
/// Source: facts/cluster.md D1-D4; pve-manager, PVE::API2::Cluster::Mapping::PCI; pve-guest-common, PVE::Mapping::PCI.
/// What it compares with the hardware, it does for the answering node alone, and only where it is asked to.
/// </remarks>
internal static partial class MappingApi
{
    private const string Settings = "map* mdev live-migration-capable description";
    private const int MaxDescription = 4096;

    private static readonly string[] s_removable = ["description", "live-migration-capable", "mdev"];

    public static IReadOnlyList<PveMethod> Methods { get; } =
    [
        new("get", "/cluster/mapping/pci", "check-node", List) { AnsweredBy = "check-node" },
        new("get", "/cluster/mapping/pci/{id}", "", Get),
        new("create", "/cluster/mapping/pci", $"id! {Settings.Replace("map*", "map*!", StringComparison.Ordinal)}",
            CreateAsync),
        new("set", "/cluster/mapping/pci/{id}", $"{Settings} digest delete", UpdateAsync),
        new("delete", "/cluster/mapping/pci/{id}", "", RemoveAsync),
    ];

    private static JsonArray List(PveCall call)
    {
        var file = ReadFile(call.Host);
        return new JsonArray([.. file.Sections.Select(section => Show(
            section, file.Digest, ("id", section.Id),
            ("checks", call["check-node"] is { } node
                ? Check(call.Host, section, node == "localhost" ? call.Host.State.Setup.Node : node) : null)))]);
    }

    private static JsonObject Get(PveCall call)
    {
        var file = ReadFile(call.Host);
        var id = call.Required("id");
        return file.Find(id) is { } section ? Show(section, file.Digest)
            : throw new ProxmoxFailure($"mapping '{id}' not found");
    }

    private static async Task<JsonNode?> CreateAsync(PveCall call, CancellationToken cancellationToken)
    {
        var id = CheckId(call.Required("id"));
        CheckSettings(call);
        await Lock(call).RunAsync(
            CfsLock.Mappings, "create hardware mapping failed", call.Say, () =>
            {
                var file = ReadFile(call.Host);
                if (file.Find(id) is not null)
                {
                    throw new ProxmoxFailure($"pci ID '{id}' already defined");
                }

                var section = new Section("pci", id);
                Change(section, call);
                file.Sections.Add(section);
                PveText400.WriteFile(call.Host, PvePaths.Mappings, file.ToString());
            }, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static async Task<JsonNode?> UpdateAsync(PveCall call, CancellationToken cancellationToken)
    {
        var id = CheckId(call.Required("id"));
        CheckSettings(call);
        await Lock(call).RunAsync(
            CfsLock.Mappings, "update hardware mapping failed", call.Say, () =>
            {
                var file = ReadFile(call.Host);
                if (call["digest"] is { Length: > 0 } digest && digest != file.Digest)
                {
                    throw new ProxmoxFailure(
                        "detected modified configuration - file changed by other user? Try again.");
                }

                var section = file.Find(id) ?? throw new ProxmoxFailure($"pci ID '{id}' does not exist");
                if (call.All("map").Count == 0)
                {
                    throw new ProxmoxFailure("missing value for required option 'map'");
                }

                Delete(section, call);
                Change(section, call);
                PveText400.WriteFile(call.Host, PvePaths.Mappings, file.ToString());
            }, cancellationToken).ConfigureAwait(false);
        return null;
    }

    // What is not there is no failure.
    private static async Task<JsonNode?> RemoveAsync(PveCall call, CancellationToken cancellationToken)
    {
        var id = CheckId(call.Required("id"));
        await Lock(call).RunAsync(
            CfsLock.Mappings, "delete pci mapping failed", call.Say, () =>
            {
                var file = ReadFile(call.Host);
                file.Sections.RemoveAll(section => section.Id == id);
                PveText400.WriteFile(call.Host, PvePaths.Mappings, file.ToString());
            }, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static void Delete(Section section, PveCall call)
    {
        foreach (var key in (call["delete"] ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!s_removable.Contains(key))
            {
                throw new ProxmoxFailure(
                    key == "map" ? "unable to delete required option 'map'" : $"no such option '{key}'");
            }

            if (call[key] is not null)
            {
                throw new ProxmoxFailure($"cannot set and delete property '{key}' at the same time!");
            }

            section.Set(key);
        }
    }

    private static void Change(Section section, PveCall call)
    {
        section.Set("map", call.All("map"));
        foreach (var flag in (string[])["live-migration-capable", "mdev"])
        {
            if (call.Flag(flag) is { } value)
            {
                section.Set(flag, value ? "1" : "0");
            }
        }

        if (call["description"] is { } description)
        {
            section.Set("description", description);
        }

        section.Sort("map");
    }

    private static CfsLock Lock(PveCall call) => new(call.Host);

    private static SectionFile ReadFile(LabHost host) =>
        SectionFile.Read(PveText400.ReadFile(host, PvePaths.Mappings), hasTypes: false);

    private static JsonObject Show(
        Section section, string digest, params (string Name, JsonNode? Value)[] further) => PveText400.Object(
        [
            .. further, ("digest", digest), ("type", "pci"), ("map", PveText400.Array(section.All("map"))),
            ("description", section["description"]),
            ("mdev", section["mdev"] is null ? null : section.Has("mdev") ? 1 : 0),
            ("live-migration-capable",
                section["live-migration-capable"] is null ? null : section.Has("live-migration-capable") ? 1 : 0),
        ]);

    private static JsonArray Check(LabHost host, Section section, string node)
    {
        var pve = new PveHost(
            host, new LabProxmoxOptions(host.State.Setup.Node, PveText400.Generation(host)), new LabTimeline(false));
        var devices = pve.PciAddresses().Select(pve.PciFacts).OfType<PciDeviceFacts>().ToList();
        var entries = section.All("map").Select(map => PciMappings.ParseEntry(map).Entry)
            .Where(entry => entry?.Node == node).OfType<PciMappingEntry>().ToList();
        var mapping = new PciMapping(section.Id, entries, section.Has("mdev"), section.Has("live-migration-capable"));
        return entries.Count == 0
            ? new JsonArray([Verdict("warning", $"No mapping for node {node}.")])
            : new JsonArray(
            [
                .. entries.Select(e => PciMappingCheck.FirstError(mapping, e, devices, PveText400.Generation(host)))
                    .OfType<string>().Select(error => Verdict("error", $"Invalid configuration: {error}\n")),
            ]);
    }

    private static JsonObject Verdict(string severity, string message) =>
        PveText400.Object(("severity", severity), ("message", message));

    private static string CheckId(string id) => ConfigurationId().IsMatch(id) ? id
        : throw PveText400.Wrong("id", $"invalid format - invalid configuration ID '{id}'");

    private static void CheckSettings(PveCall call)
    {
        foreach (var (map, index) in call.All("map").Select((map, index) => (map, index)))
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"map[{index}]");
            var (entry, error) = PciMappings.ParseEntry(map);
            error ??= !entry!.Paths.All(Device().IsMatch) ? "format error\npath: value does not match the regex pattern"
                : !Node().IsMatch(entry.Node) ? "format error\nnode: value does not look like a valid node name" : null;
            if (error is not null)
            {
                throw PveText400.Wrong(name, $"invalid format - {error}");
            }
        }

        _ = (call.Flag("mdev"), call.Flag("live-migration-capable"));
        if (call["description"] is { Length: > MaxDescription })
        {
            throw PveText400.Wrong("description", "value may only be 4096 characters long");
        }
    }

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9_-]+$")]
    private static partial Regex ConfigurationId();

    [GeneratedRegex("^[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(?:.[a-f0-9])?$")]
    private static partial Regex Device();

    [GeneratedRegex("^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$")]
    private static partial Regex Node();
}
