using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Cluster;

/// <summary>A method of Proxmox's API.</summary>
/// <param name="Verb"><c>get</c>, <c>set</c>, <c>create</c> or <c>delete</c>.</param>
/// <param name="Path">Its path; <c>{name}</c> stands for one part.</param>
/// <param name="Options">Its parameters, apart from those of the path; a repeated one ends in <c>*</c>, a required one
/// in <c>!</c>.</param>
/// <param name="Run">What it does; null for no answer.</param>
internal sealed record PveMethod(
    string Verb, string Path, string Options, Func<PveCall, CancellationToken, Task<JsonNode?>> Run)
{
    /// <summary>The parameter that says which node answers; null for the one that is asked.</summary>
    public string? AnsweredBy { get; init; } = Path.Contains("{node}", StringComparison.Ordinal) ? "node" : null;

    /// <summary>Parts of a path by their names, or null where it is another method's.</summary>
    public Dictionary<string, string>? Match(string path)
    {
        var match = Regex.Match(path.Trim('/'), $"^{Regex.Replace(Path.Trim('/'), @"\{(\w+)\}", "(?<$1>[^/]+)")}$");
        return match.Success ? match.Groups.Values.Skip(1).ToDictionary(g => g.Name, g => g.Value) : null;
    }

    public PveMethod(string verb, string path, string options, Func<PveCall, JsonNode?> run)
        : this(verb, path, options, (call, _) => Task.FromResult(run(call)))
    {
    }
}

/// <summary>One call of a method on a node.</summary>
/// <param name="Host">The node that answers.</param>
/// <param name="Parameters">Values by parameter.</param>
/// <param name="Say">Takes a line of standard error.</param>
internal sealed record PveCall(
    LabHost Host, IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters, Action<string> Say)
{
    public string? this[string name] => Parameters.TryGetValue(name, out var values) ? values[^1] : null;

    public string Required(string name) => this[name] ?? throw PveText400.Wrong(
        name, "property is missing and it is not optional");

    public IReadOnlyList<string> All(string name) => Parameters.GetValueOrDefault(name) ?? [];

    /// <summary>A flag; null where it is not given.</summary>
    public bool? Flag(string name) => this[name] switch
    {
        null => null,
        "1" or "on" or "yes" or "true" => true,
        "0" or "off" or "no" or "false" => false,
        var other => throw PveText400.Wrong(name, $"type check ('boolean') failed - got '{other}'"),
    };

    public VmId Vm() => VmId.TryParse(this["vmid"], out var vm) ? vm : throw PveText400.Wrong(
        "vmid", $"invalid format - value does not look like a valid VM ID");

    /// <summary>Refuses what needs quorum.</summary>
    /// <remarks>Source: PVE::Cluster, check_cfs_quorum.</remarks>
    public void RequireQuorum()
    {
        if (Host.State.Joined is { IsQuorate: false })
        {
            throw new ProxmoxFailure("cluster not ready - no quorum?");
        }
    }
}

/// <summary>Texts about parameters.</summary>
/// <remarks>Source: PVE::JSONSchema, validate, and PVE::Exception; the usage that follows is left out.</remarks>
internal static class PveText400
{
    public static ProxmoxFailure Wrong(string name, string text) =>
        new($"400 Parameter verification failed.\n{name}: {text}");

    /// <summary>An object with its members in order, as canonical JSON has them; members that are null are left
    /// out.</summary>
    public static JsonObject Object(params IEnumerable<(string Name, JsonNode? Value)> members) => new(
        members.Where(m => m.Value is not null).OrderBy(m => m.Name, StringComparer.Ordinal)
            .Select(m => new KeyValuePair<string, JsonNode?>(m.Name, m.Value)));

    public static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];

    /// <summary>The file system's file as text; nothing where there is none.</summary>
    public static string ReadFile(LabHost host, string path)
    {
        try
        {
            return Encoding.UTF8.GetString(host.Files.Read(path, PvePaths.ReadLimit));
        }
        catch (HostFileException)
        {
            return "";
        }
    }

    public static void WriteFile(LabHost host, string path, string text)
    {
        try
        {
            host.Files.WriteWhole(path, Encoding.UTF8.GetBytes(text), PvePaths.ConfigMode);
        }
        catch (HostFileException e)
        {
            throw new ProxmoxFailure(
                $"unable to open file '{path}.tmp.{host.State.NextPid}' - {Errno.Describe(e.Number).Split(" (")[0]}");
        }
    }

    public static PveGeneration Generation(LabHost host) => LabRelease.Of(host.State.Setup.PveVersion).Generation;
}
