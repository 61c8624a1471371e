using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Cluster;

/// <summary><c>/cluster/ha</c>: resources, rules of Proxmox VE 9, groups of 8.</summary>
/// <remarks>
/// Source: facts/cluster.md D13; pve-ha-manager, PVE::API2::HA::Resources, Rules, Groups, Status and PVE::HA::Config.
/// Assumed: groups are rules from the first start of Proxmox VE 9 on; of the feasibility checks there are those that
/// two node affinities of one resource, and a resource affinity of less than two resources, fail.
/// </remarks>
internal static partial class HaApi
{
    public const string ResourcesPath = LabClusterFiles.Root + "/ha/resources.cfg";
    public const string RulesPath = LabClusterFiles.Root + "/ha/rules.cfg";
    public const string GroupsPath = LabClusterFiles.Root + "/ha/groups.cfg";

    private const string ResourceSettings = "state group max_restart max_relocate failback comment";
    private const string RuleSettings = "resources nodes strict affinity disable comment";
    private const string NodeAffinity = "node-affinity";
    private const string ResourceAffinity = "resource-affinity";

    private static readonly char[] s_separators = [',', ';', ' '];
    private static readonly string[] s_required = ["resources", "nodes", "affinity"];

    public static IReadOnlyList<PveMethod> Methods { get; } =
    [
        new("get", "/cluster/ha/resources", "type", call => ListOf(call.Host, ResourcesPath, "sid", withType: true)),
        new("create", "/cluster/ha/resources", $"sid! type {ResourceSettings}", AddResourceAsync),
        new("set", "/cluster/ha/resources/{sid}", $"{ResourceSettings} digest delete", SetResourceAsync),
        new("delete", "/cluster/ha/resources/{sid}", "purge", RemoveResourceAsync),
        new("get", "/cluster/ha/rules", "type resource", ListRules),
        new("get", "/cluster/ha/rules/{rule}", "", call => ListRules(call).FirstOrDefault(r =>
            (string?)r!["rule"] == call["rule"])?.DeepClone()
            ?? throw new ProxmoxFailure($"no such ha rule '{call["rule"]}'")),
        new("create", "/cluster/ha/rules", $"rule! type! {RuleSettings}", AddRuleAsync),
        new("set", "/cluster/ha/rules/{rule}", $"type {RuleSettings} digest delete", SetRuleAsync),
        new("delete", "/cluster/ha/rules/{rule}", "", RemoveRuleAsync),
        new("get", "/cluster/ha/groups", "", call => ListGroups(call.Host)),
        new("create", "/cluster/ha/groups", "group! type nodes! restricted nofailback comment", AddGroupAsync),
        new("get", "/cluster/ha/status/current", "", Status),
    ];

    /// <summary>What HA wants of a resource; null where HA does not manage it.</summary>
    public static string? StateOf(LabHost host, string sid) =>
        Read(host, ResourcesPath).Sections.Find(s => SidOf(s) == sid) is { } found
            && (found["state"] ?? "started") is var state and not "ignored" ? state : null;

    /// <summary>The resources that a rule of resource affinity brings together with one, or keeps it from.</summary>
    public static IReadOnlyList<string> Related(LabHost host, string sid, string affinity) =>
    [
        .. Read(host, RulesPath).Sections
            .Where(r => r.Type == ResourceAffinity && !r.Has("disable") && r["affinity"] == affinity)
            .Select(r => Split(r["resources"])).Where(all => all.Contains(sid)).SelectMany(all => all)
            .Where(other => other != sid && StateOf(host, other) is not null).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>The node that a resource is on; null for none.</summary>
    public static string? NodeOf(LabHost host, string sid) => ClusterApi.NodeNames(host).FirstOrDefault(
        node => VmId.TryParse(sid[(sid.IndexOf(':', StringComparison.Ordinal) + 1)..], out var vm)
            && host.Files.GetInfo(PvePaths.Config(node, vm)) is not null);

    private static SectionFile Read(LabHost host, string path) =>
        SectionFile.Read(PveText400.ReadFile(host, path), hasTypes: true);

    private static string SidOf(Section section) => $"{section.Type}:{section.Id}";

    private static string[] Split(string? text) =>
        (text ?? "").Split(s_separators, StringSplitOptions.RemoveEmptyEntries);

    private static bool KnowsRules(LabHost host) =>
        host.State.Setup.PveVersion.StartsWith('9');

    private static JsonArray ListOf(LabHost host, string path, string name, bool withType)
    {
        var file = Read(host, path);
        return new JsonArray([.. file.Sections.Select(s => PveText400.Object(
        [
            (name, withType ? SidOf(s) : s.Id), ("type", s.Type), ("digest", file.Digest), .. s.Lines.Select(Member),
        ]))]);
    }

    private static (string, JsonNode?) Member((string Key, string Value) line) => (line.Key, line.Key switch
    {
        "strict" or "disable" or "restricted" or "nofailback" or "failback" =>
            line.Value == "0" ? 0 : 1,
        _ => int.TryParse(line.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : line.Value,
    });

    private static Task ChangeAsync(
        PveCall call, string path, string failure, Action<SectionFile> change, CancellationToken cancellationToken) =>
        new CfsLock(call.Host).RunAsync(
            CfsLock.Ha, failure, call.Say, () =>
            {
                var file = Read(call.Host, path);
                if (call["digest"] is { Length: > 0 } digest && digest != file.Digest)
                {
                    throw new ProxmoxFailure(
                        "detected modified configuration - file changed by other user? Try again.");
                }

                change(file);
                PveText400.WriteFile(call.Host, path, file.ToString());
            }, cancellationToken);

    private static async Task<JsonNode?> AddResourceAsync(PveCall call, CancellationToken cancellationToken)
    {
        call.RequireQuorum();
        var sid = ReadSid(call);
        CheckGroup(call);
        if (sid.StartsWith("vm:", StringComparison.Ordinal) && NodeOf(call.Host, sid) is null)
        {
            throw new ProxmoxFailure($"unable to add resource: VM {sid[3..]} does not exist");
        }

        await ChangeAsync(
            call, ResourcesPath, "create resource failed", file =>
            {
                if (file.Sections.Exists(s => SidOf(s) == sid))
                {
                    throw new ProxmoxFailure($"resource ID '{sid}' already defined");
                }

                var section = new Section(sid.Split(':')[0], sid.Split(':')[1]);
                Apply(section, call, ResourceSettings);
                file.Sections.Add(section);
            }, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static async Task<JsonNode?> SetResourceAsync(PveCall call, CancellationToken cancellationToken)
    {
        call.RequireQuorum();
        var sid = ReadSid(call);
        CheckGroup(call);
        await ChangeAsync(
            call, ResourcesPath, "update resource failed", file => Apply(
                file.Sections.Find(s => SidOf(s) == sid) ?? throw new ProxmoxFailure($"no such resource '{sid}'"),
                call, ResourceSettings),
            cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static async Task<JsonNode?> RemoveResourceAsync(PveCall call, CancellationToken cancellationToken)
    {
        call.RequireQuorum();
        var sid = ReadSid(call);
        await ChangeAsync(
            call, ResourcesPath, "delete resource failed", file =>
            {
                if (file.Sections.RemoveAll(s => SidOf(s) == sid) == 0)
                {
                    throw new ProxmoxFailure($"cannot delete service '{sid}', not HA managed!");
                }
            }, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static void CheckGroup(PveCall call)
    {
        if (call["group"] is not null && KnowsRules(call.Host))
        {
            throw new ProxmoxFailure("invalid parameter 'group': ha groups have been migrated to rules");
        }
        else if (call["group"] is { } known && Read(call.Host, GroupsPath).Find(known) is null)
        {
            throw new ProxmoxFailure($"HA group '{known}' does not exist");
        }
    }

    private static JsonArray ListRules(PveCall call)
    {
        RequireRules(call);
        var file = Read(call.Host, RulesPath);
        return new JsonArray([.. file.Sections.Select((s, index) => (Rule: s, Order: index + 1))
            .Where(r => call["type"] is not { } type || r.Rule.Type == type)
            .Where(r => call["resource"] is not { } sid || Split(r.Rule["resources"]).Contains(sid))
            .Select(r => PveText400.Object(
            [
                ("rule", r.Rule.Id), ("type", r.Rule.Type), ("digest", file.Digest), ("order", r.Order),
                .. r.Rule.Lines.Select(Member), ("errors", Errors(file, r.Rule)),
            ]))]);
    }

    private static async Task<JsonNode?> AddRuleAsync(PveCall call, CancellationToken cancellationToken)
    {
        RequireRules(call);
        call.RequireQuorum();
        var (id, type) = (call.Required("rule"), call.Required("type"));
        if (type is not (NodeAffinity or ResourceAffinity))
        {
            throw PveText400.Wrong(
                "type",
                $"value '{type}' does not have a value in the enumeration '{NodeAffinity}, {ResourceAffinity}'");
        }

        if (!RuleId().IsMatch(id))
        {
            throw PveText400.Wrong("rule", $"invalid format - invalid configuration ID '{id}'");
        }

        foreach (var name in type == NodeAffinity ? (string[])["resources", "nodes"] : ["resources", "affinity"])
        {
            call.Required(name);
        }

        await ChangeAsync(
            call, RulesPath, "create ha rule failed", file =>
            {
                if (file.Find(id) is not null)
                {
                    throw new ProxmoxFailure($"HA rule '{id}' already defined");
                }

                var rule = new Section(type, id);
                file.Sections.Add(rule);
                ApplyRule(file, rule, call);
            }, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static async Task<JsonNode?> SetRuleAsync(PveCall call, CancellationToken cancellationToken)
    {
        RequireRules(call);
        var id = call.Required("rule");
        await ChangeAsync(
            call, RulesPath, "update HA rules failed", file => ApplyRule(
                file, file.Find(id) ?? throw new ProxmoxFailure($"HA rule '{id}' does not exist"), call),
            cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static async Task<JsonNode?> RemoveRuleAsync(PveCall call, CancellationToken cancellationToken)
    {
        RequireRules(call);
        await ChangeAsync(
            call, RulesPath, "delete ha rule failed", file => file.Sections.RemoveAll(s => s.Id == call["rule"]),
            cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static void ApplyRule(SectionFile file, Section rule, PveCall call)
    {
        var resources = Split(call["resources"]);
        var unmanaged = resources.Order(StringComparer.Ordinal).Where(
            sid => !Read(call.Host, ResourcesPath).Sections.Exists(s => SidOf(s) == sid)).ToList();
        if (unmanaged.Count > 0)
        {
            throw new ProxmoxFailure($"cannot use unmanaged resource(s) {string.Join(", ", unmanaged)}.");
        }

        var unknown = Split(call["nodes"]).Select(n => n.Split(':')[0]).Order(StringComparer.Ordinal)
            .Where(n => !ClusterApi.NodeNames(call.Host).Contains(n)).ToList();
        if (unknown.Count > 0)
        {
            throw new ProxmoxFailure($"cannot use non-existent node(s) {string.Join(", ", unknown)}.");
        }

        Apply(rule, call, RuleSettings);
        if (!rule.Has("disable"))
        {
            rule.Set("disable");
        }

        rule.Sort(s_required);
        if (Errors(file, rule) is { } errors)
        {
            throw new ProxmoxFailure(
                $"400 Rule '{rule.Id}' is invalid.\n{string.Join('\n', errors.Select(e => $"{e.Key}: {e.Value}"))}");
        }
    }

    private static JsonObject? Errors(SectionFile file, Section rule)
    {
        var own = Split(rule["resources"]);
        var others = rule.Type != NodeAffinity || rule.Has("disable") ? [] : file.Sections.Where(
            r => r != rule && r.Type == NodeAffinity && !r.Has("disable"))
            .SelectMany(r => Split(r["resources"])).Where(own.Contains).Distinct().ToList();
        return others.Count > 0
            ? new JsonObject
            {
                ["resources"] = string.Join(
                    ", ", others.Select(sid => $"resource '{sid}' is already used in another node affinity rule")),
            }
            : rule.Type == ResourceAffinity && own.Length < 2
            ? new JsonObject { ["resources"] = "rule is ineffective as there are less than two resources" } : null;
    }

    private static JsonArray ListGroups(LabHost host) => KnowsRules(host)
        ? throw new ProxmoxFailure("cannot index groups: ha groups have been migrated to rules")
        : ListOf(host, GroupsPath, "group", withType: false);

    private static async Task<JsonNode?> AddGroupAsync(PveCall call, CancellationToken cancellationToken)
    {
        if (KnowsRules(call.Host))
        {
            throw new ProxmoxFailure("cannot create group: ha groups have been migrated to rules");
        }

        call.RequireQuorum();
        var id = call.Required("group");
        await ChangeAsync(
            call, GroupsPath, "create ha group failed", file =>
            {
                if (file.Find(id) is not null)
                {
                    throw new ProxmoxFailure($"ha group ID '{id}' already defined");
                }

                var group = new Section("group", id);
                Apply(group, call, "nodes restricted nofailback comment");
                file.Sections.Add(group);
            }, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static JsonArray Status(PveCall call)
    {
        var host = call.Host;
        var isQuorate = host.State.Joined?.IsQuorate != false;
        var entries = new JsonArray(
        [
            PveText400.Object(
                ("id", "quorum"), ("type", "quorum"), ("node", host.State.Setup.Node), ("quorate", isQuorate ? 1 : 0),
                ("status", isQuorate ? "OK" : "No quorum on node " + $"'{host.State.Setup.Node}'!")),
        ]);
        foreach (var section in Read(host, ResourcesPath).Sections)
        {
            var (sid, state) = (SidOf(section), section["state"] ?? "started");
            var node = NodeOf(host, sid) ?? "---";
            entries.Add((JsonNode)PveText400.Object(
                ("id", $"service:{sid}"), ("type", "service"), ("sid", sid), ("node", node), ("state", state),
                ("status", $"{sid} ({node}, {state})"), ("request_state", state), ("group", section["group"])));
        }

        return entries;
    }

    private static void RequireRules(PveCall call)
    {
        if (!KnowsRules(call.Host))
        {
            throw new ProxmoxFailure("no such resource '/cluster/ha/rules'");
        }
    }

    private static string ReadSid(PveCall call) => call.Required("sid") switch
    {
        var text when VmId.TryParse(text, out var vm) => $"vm:{vm}",
        var text when ResourceId().IsMatch(text) => text,
        _ => throw PveText400.Wrong("sid", "invalid format - value does not look like a valid ha resource id"),
    };

    private static void Apply(Section section, PveCall call, string settings)
    {
        foreach (var name in Split(call["delete"]))
        {
            section.Set(name);
        }

        foreach (var name in settings.Split(' '))
        {
            if (call[name] is { } value)
            {
                section.Set(name, name is "resources" or "nodes" ? string.Join(',', Split(value).Order(
                    StringComparer.Ordinal)) : value);
            }
        }
    }

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9_-]+$")]
    private static partial Regex RuleId();

    [GeneratedRegex(@"^(vm|ct):\d+$")]
    private static partial Regex ResourceId();
}
