using System.Text.Json;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Cluster;

/// <summary>The program <c>pvesh</c>, as far as the lab goes: mappings, cluster, HA, migration.</summary>
/// <remarks>
/// Source: pve-manager, PVE::CLI::pvesh; facts/cluster.md. Assumed: exit code 255 of a failed call; text that is asked
/// for without <c>--output-format</c> is JSON too.
/// </remarks>
internal sealed class LabPvesh(LabHost host)
{
    /// <summary>Where the program is.</summary>
    public const string Path = "/usr/bin/pvesh";

    private const int Failed = 255;

    private static readonly JsonSerializerOptions s_pretty = new() { WriteIndented = true };

    private static readonly IReadOnlyList<PveMethod> s_methods =
        [.. MappingApi.Methods, .. ClusterApi.Methods, .. HaApi.Methods, .. MigrationApi.Methods];

    /// <summary>Runs a command line.</summary>
    public async Task<ProcessResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var error = new StringBuilder();
        try
        {
            if (host.State.Setup.CallersAreUnprivileged)
            {
                throw new ProxmoxFailure("please run as root");
            }

            if (arguments.Count < 2)
            {
                throw new ProxmoxFailure("400 not enough arguments\npvesh <COMMAND> [ARGS] [OPTIONS]");
            }

            var (verb, path) = (arguments[0], arguments[1]);
            var found = s_methods.Select(m => (Method: m, Parts: m.Verb == verb ? m.Match(path) : null))
                .FirstOrDefault(m => m.Parts is not null);
            if (found.Method is not { } method)
            {
                return new ProcessResult(1, null, false, 0, "", $"No '{verb}' handler defined for '{path}'\n");
            }

            var options = Parse(method, [.. arguments.Skip(2)]);
            var format = options.Remove("output-format", out var formats) ? formats[^1] : "text";
            foreach (var (name, value) in found.Parts!)
            {
                options[name] = [value];
            }

            var answer = await method.Run(
                new PveCall(
                    AnsweringHost(method, options),
                    options.ToDictionary(o => o.Key, o => (IReadOnlyList<string>)o.Value),
                    line => error.Append(line).Append('\n')), cancellationToken).ConfigureAwait(false);
            var text = answer is null ? "" : format == "json" ? answer.ToJsonString() : answer.ToJsonString(s_pretty);
            return new ProcessResult(0, null, false, 0, text.Length > 0 ? text + "\n" : "", error.ToString());
        }
        catch (ProxmoxFailure failure)
        {
            return new ProcessResult(Failed, null, false, 0, "", $"{error}{failure.Message}\n");
        }
    }

    /// <summary>The node that answers, which is reached over SSH where it is another one.</summary>
    /// <remarks>Source: pvesh, proxy_handler; texts of ssh and of an unknown name are assumed.</remarks>
    private LabHost AnsweringHost(PveMethod method, Dictionary<string, List<string>> options)
    {
        if (method.AnsweredBy is not { } parameter || !options.TryGetValue(parameter, out var values)
            || values[^1] is not { } node || node == "localhost" || node == host.State.Setup.Node)
        {
            return host;
        }

        if (!host.Peers.TryGetValue(node, out var peer) || host.State.Joined is not { } cluster)
        {
            throw new ProxmoxFailure(
                $"hostname lookup '{node}' failed - failed to get address info for: {node}: Name or service not known");
        }

        return LabClusterFiles.IsSeen(host.State, cluster, node) ? peer : throw new ProxmoxFailure(
            $"ssh: connect to host {cluster.AddressOf(node)} port 22: No route to host\n"
            + $"proxy handler failed: command '/usr/bin/ssh -e none -o 'BatchMode=yes' -o 'HostKeyAlias={node}' "
            + $"root@{cluster.AddressOf(node)} -- pvesh --noproxy' failed: exit code 255");
    }

    private static Dictionary<string, List<string>> Parse(PveMethod method, List<string> words)
    {
        var known = method.Options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var options = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (var at = 0; at < words.Count; at++)
        {
            var name = words[at].TrimStart('-');
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? name : name[..equals];
            var rule = Array.Find(known, k => k.TrimEnd('*', '!') == key);
            if (!words[at].StartsWith('-') || (rule is null && key is not ("output-format" or "noproxy" or "quiet")))
            {
                throw new ProxmoxFailure(
                    $"{(words[at].StartsWith('-') ? $"Unknown option: {key}\n400 unable to parse option"
                        : "400 too many arguments")}\npvesh {method.Verb} <api_path> [OPTIONS] [FORMAT_OPTIONS]");
            }

            var isBare = equals < 0
                && (at + 1 >= words.Count || words[at + 1].StartsWith("--", StringComparison.Ordinal));
            var value = equals >= 0 ? name[(equals + 1)..] : isBare ? "1" : words[++at];
            if (!options.TryGetValue(key, out var values))
            {
                options[key] = values = [];
            }

            if (rule?.Contains('*', StringComparison.Ordinal) != true)
            {
                values.Clear();
            }

            values.Add(value);
        }

        return known.Where(k => k.Contains('!', StringComparison.Ordinal)).Select(k => k.TrimEnd('*', '!'))
            .FirstOrDefault(k => !options.ContainsKey(k)) is { } missing
            ? throw PveText400.Wrong(missing, "property is missing and it is not optional") : options;
    }
}
