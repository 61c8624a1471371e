using System.Text.Json.Nodes;

namespace VgpuPS.Lab.Cluster;

/// <summary>The program <c>ha-manager</c>: the API's methods under names of its own.</summary>
/// <remarks>
/// Source: pve-ha-manager, PVE::CLI::ha_manager. Assumed: a queued migration is carried out at once, its outcome is
/// nobody's answer; lists without <c>--output-format</c> are lines of <c>key value</c>.
/// </remarks>
internal sealed class LabHaManager(LabHost host, LabPvesh api, Func<VmId, string, CancellationToken, Task> migrate)
{
    /// <summary>Where the program is.</summary>
    public const string Path = "/usr/sbin/ha-manager";

    private const int Failed = 255;

    /// <summary>Runs a command line.</summary>
    public Task<ProcessResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        arguments.ToArray() switch
        {
            ["add", var sid, .. var rest] => Api(["create", "/cluster/ha/resources", "--sid", sid, .. rest]),
            ["set", var sid, .. var rest] => Api(["set", $"/cluster/ha/resources/{sid}", .. rest]),
            ["remove", var sid, .. var rest] => Api(["delete", $"/cluster/ha/resources/{sid}", .. rest]),
            ["config", .. var rest] => ListAsync("/cluster/ha/resources", "sid", rest),
            ["status", .. var rest] => ListAsync("/cluster/ha/status/current", "status", rest),
            ["groupadd", var group, .. var rest] => Api(["create", "/cluster/ha/groups", "--group", group, .. rest]),
            ["groupconfig", .. var rest] => ListAsync("/cluster/ha/groups", "group", rest),
            ["rules", "add", var type, var rule, .. var rest] =>
                Api(["create", "/cluster/ha/rules", "--type", type, "--rule", rule, .. rest]),
            ["rules", "set", var type, var rule, .. var rest] =>
                Api(["set", $"/cluster/ha/rules/{rule}", "--type", type, .. rest]),
            ["rules", "remove", var rule] => Api(["delete", $"/cluster/ha/rules/{rule}"]),
            ["rules", "list" or "config", .. var rest] => ListAsync("/cluster/ha/rules", "rule", rest),
            ["migrate" or "relocate", var sid, var node] => MigrateAsync(sid, node, cancellationToken),
            ["crm-command", "migrate" or "relocate", var sid, var node] => MigrateAsync(sid, node, cancellationToken),
            _ => Task.FromResult(Fail($"ERROR: unknown command 'ha-manager {string.Join(' ', arguments)}' in the lab")),
        };

    private async Task<ProcessResult> MigrateAsync(string sid, string node, CancellationToken cancellationToken)
    {
        sid = VmId.TryParse(sid, out _) ? $"vm:{sid}" : sid;
        if (HaApi.StateOf(host, sid) is null)
        {
            return Fail($"no such resource '{sid}'");
        }

        if (HaApi.Related(host, sid, "negative").Where(other => HaApi.NodeOf(host, other) == node).ToList() is
            { Count: > 0 } blocking)
        {
            return Fail($"cannot migrate resource '{sid}' to node '{node}':\n\n" + string.Join('\n', blocking.Select(
                other => $"- resource '{other}' on target node '{node}' in negative affinity with resource '{sid}'")));
        }

        if (ClusterApi.IsSeen(host, node) && VmId.TryParse(sid[3..], out var vm))
        {
            await migrate(vm, node, cancellationToken).ConfigureAwait(false);
        }

        return new ProcessResult(0, null, false, 0, "", "");
    }

    private async Task<ProcessResult> ListAsync(string path, string name, string[] options)
    {
        var result = await Api(["get", path, "--output-format", "json"]).ConfigureAwait(false);
        if (result.ExitCode != 0 || options.Contains("json") || options.Contains("--output-format=json"))
        {
            return result;
        }

        var text = new StringBuilder();
        foreach (var entry in JsonNode.Parse(result.Output)!.AsArray().Select(e => e!.AsObject()))
        {
            text.Append(name == "status" ? $"{entry["type"]} {entry["status"]}" : (string?)entry[name]).Append('\n');
            foreach (var (key, value) in entry.Where(e => name != "status" && e.Key is not ("digest" or "type")
                && e.Key != name))
            {
                text.Append('\t').Append(key).Append(' ').Append(value).Append('\n');
            }

            text.Append(name == "status" ? "" : "\n");
        }

        return new ProcessResult(0, null, false, 0, text.ToString(), result.Error);
    }

    private Task<ProcessResult> Api(IReadOnlyList<string> arguments) => api.RunAsync(arguments, CancellationToken.None);

    private static ProcessResult Fail(string error) => new(Failed, null, false, 0, "", error + "\n");
}
