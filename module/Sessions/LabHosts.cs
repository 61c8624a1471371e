using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using VgpuPS.LabHook;

namespace VgpuPS.Sessions;

/// <summary>Makes and opens simulated hosts.</summary>
internal static class LabHosts
{
    /// <summary>Reads what <c>Connect-VgpuHost</c> is asked for.</summary>
    public static LabRequestCheck Check { get; } = new(
        name => "-" + name switch
        {
            "kernel" => "Kernel",
            "other-kernel" => "OtherKernel",
            "driver" => "DriverVersion",
            "address" => "Address",
            "topology" => "Topology",
            "model" => "LabModel",
            "display-mode" => "DisplayMode",
            _ => name,
        },
        "name what there is, such as Connect-VgpuHost -Lab A30,A30; all of it: Get-Help Connect-VgpuHost -Full");

    /// <summary>Makes one in memory, or in a file.</summary>
    /// <exception cref="VgpuException">It cannot be made of that, or the file is there and is not to be
    /// replaced.</exception>
    public static LabHostSession Make(
        string name, LabOptions options, bool hasTiming, string? path, bool replaces = false, string? cluster = null)
    {
        if (cluster is not null)
        {
            return MakeNode(name, options with { Node = Check.Node(name) }, hasTiming, path, replaces, cluster);
        }

        RequireFree(path, replaces);
        var node = Check.Make(
            o => path is null ? LabHost.Create(o) : MakeFile(path, o, LabHost.Init),
            options with { Serial = name == "lab" ? "" : name });
        if (options.IsBare)
        {
            LabDriverFiles.PutPackage(node.Host, node.Host.State.Setup.DriverVersion);
        }

        Pace(node, hasTiming);
        return new LabHostSession(name, node);
    }

    /// <summary>Name of the next node of a cluster: pve1, pve2 ….</summary>
    public static string NextNode(string cluster)
    {
        var taken = FirstOf(cluster)?.Peers.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase) ?? [];
        return Enumerable.Range(1, LabHost.MaxNodes + 1).Select(n => $"pve{n}").First(n => !taken.Contains(n));
    }

    private static LabHostSession MakeNode(
        string name, LabOptions options, bool hasTiming, string? path, bool replaces, string cluster)
    {
        if (FirstOf(cluster) is not { } first)
        {
            RequireFree(path, replaces);
            var made = Check.Make(
                o => path is null ? LabHost.CreateFirst(o) : MakeFile(path, o, LabHost.InitCluster), options);
            return Prepare(made, name, options, hasTiming, cluster);
        }

        return path is null ? Prepare(Check.Make(first.AddNode, options), name, options, hasTiming, cluster)
            : throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"the cluster {cluster} is there already, so its nodes are where it is",
                "omit -Path, or name another -Cluster", cluster);
    }

    private static LabHostSession Prepare(
        LabHostNode node, string name, LabOptions options, bool hasTiming, string cluster)
    {
        if (options.IsBare)
        {
            LabDriverFiles.PutPackage(node.Host, node.Host.State.Setup.DriverVersion);
        }

        Pace(node, hasTiming);
        return new LabHostSession(name, node) { Cluster = cluster };
    }

    private static LabHost? FirstOf(string cluster) => HostSessions.Connected.OfType<LabHostSession>()
        .FirstOrDefault(s => string.Equals(s.Cluster, cluster, StringComparison.OrdinalIgnoreCase))?.Host;

    private static void RequireFree(string? path, bool replaces)
    {
        if (path is not null && !replaces && File.Exists(path))
        {
            throw new InvalidRequestException(
                ErrorIds.LabExists, $"{path} is there already",
                $"open the simulated host in it (Connect-VgpuHost -LabState {path}), or replace it: -Force", path);
        }
    }

    private static LabHost MakeFile(string path, LabOptions options, Func<string, LabOptions, LabHost> make)
    {
        if (File.Exists(path))
        {
            // What cannot be made leaves the old one.
            LabHost.Create(options);
            File.Delete(path);
        }

        return make(path, options);
    }

    /// <summary>Opens one that lives in a file.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such file.</exception>
    /// <exception cref="UnreadableDataException">It holds no simulated host.</exception>
    public static LabHostSession Open(string name, string path, bool hasTiming, string? member = null)
    {
        if (!File.Exists(path))
        {
            throw new ObjectNotFoundException(
                ErrorIds.LabNotFound, $"there is no simulated host in {path}",
                $"create one: Connect-VgpuHost -Lab A30,A30 -Path {path}", path);
        }

        try
        {
            var node = new LabHostNode(LabHost.Open(path, member));
            Pace(node, hasTiming);
            return new LabHostSession(name, node);
        }
        catch (ArgumentException e)
        {
            throw new ObjectNotFoundException(
                ErrorIds.LabNotFound, e.Message, $"name one of them: Connect-VgpuHost -LabState {path} -Node NAME",
                member);
        }
        catch (Exception e) when (e is InvalidDataException or System.Text.Json.JsonException
            or UnauthorizedAccessException)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"{path} does not contain a readable simulated host: {e.Message}",
                $"create it again: Connect-VgpuHost -Lab A30,A30 -Path {path} -Force", path, e);
        }
    }

    /// <summary>Lets calls take time, for the user who waits as well.</summary>
    private static void Pace(LabHostNode node, bool hasTiming)
    {
        node.UseTiming(hasTiming);
        node.Host.Clock.IsPaced = hasTiming;
    }
}
