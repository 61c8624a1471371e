using System.Text.Json;
using VgpuPS.Core.Json;
using VgpuPS.Host.Linux;

namespace VgpuPS.Host.Proxmox;

/// <summary>The cluster's PCI mappings by <c>pvesh</c>, which takes Proxmox's lock of them: an argument list, no
/// shell.</summary>
/// <param name="processes">Runs the program.</param>
/// <remarks>Source: facts/cluster.md D1-D4.</remarks>
public sealed class PveMappings(IProcessRunner processes)
{
    /// <summary>Where Proxmox has its program.</summary>
    public const string Tool = "/usr/bin/pvesh";

    private const string Path = "/cluster/mapping/pci";

    // It waits 10 s for the lock and gives the change 60 s.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    /// <summary>Reads a mapping; null where there is none.</summary>
    /// <param name="name">Its name, one that Proxmox takes.</param>
    /// <param name="cancellationToken">Keeps it from being asked.</param>
    /// <exception cref="VgpuException">Proxmox does not say.</exception>
    public async Task<PveMapping?> FindAsync(string name, CancellationToken cancellationToken)
    {
        string[] arguments = ["get", $"{Path}/{name}", "--output-format", "json"];
        var result = await RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 && result.Error.Contains($"mapping '{name}' not found", StringComparison.Ordinal))
        {
            return null;
        }

        Require(name, arguments, result);
        try
        {
            using var document = JsonText.Parse(result.Output);
            var root = document.RootElement;
            return new PveMapping(
                name, [.. root.GetProperty("map").EnumerateArray().Select(m => m.GetString() ?? "")],
                root.GetProperty("digest").GetString() ?? "", IsSet(root, "mdev"));
        }
        catch (Exception e) when (JsonText.IsRefusal(e) || e is KeyNotFoundException)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"mapping {name} cannot be read: {e.Message}",
                $"look at it: pvesh get {Path}/{name}", name, e);
        }
    }

    /// <summary>Makes a mapping.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="map">Its entries.</param>
    /// <param name="isLive">Whether it is marked as capable of live migration.</param>
    /// <param name="description">Its description; null for none.</param>
    /// <param name="cancellationToken">Keeps it from beginning.</param>
    /// <exception cref="VgpuException">Proxmox refuses.</exception>
    public Task CreateAsync(
        string name, IReadOnlyList<string> map, bool isLive, string? description,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            name,
            [
                "create", Path, "--id", name, .. Entries(map), "--mdev", "1",
                .. isLive ? (string[])["--live-migration-capable", "1"] : [],
                .. description is null ? (string[])[] : [$"--description={description}"],
            ], cancellationToken);

    /// <summary>Replaces all entries of a mapping that is still as it was read, and marks it for mediated
    /// devices.</summary>
    /// <param name="mapping">The mapping as it was read.</param>
    /// <param name="map">All entries.</param>
    /// <param name="cancellationToken">Keeps it from beginning.</param>
    /// <exception cref="ResourceBusyException">Mappings were changed meanwhile.</exception>
    /// <exception cref="VgpuException">Proxmox refuses.</exception>
    public Task ReplaceAsync(PveMapping mapping, IReadOnlyList<string> map, CancellationToken cancellationToken) =>
        ChangeAsync(
            mapping.Name,
            [
                "set", $"{Path}/{mapping.Name}", .. Entries(map),
                .. mapping.IsMediated ? (string[])[] : ["--mdev", "1"],
                "--digest", mapping.Digest,
            ], cancellationToken);

    /// <summary>Removes a mapping.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Keeps it from beginning.</param>
    /// <exception cref="VgpuException">Proxmox refuses.</exception>
    public Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        ChangeAsync(name, ["delete", $"{Path}/{name}"], cancellationToken);

    /// <summary>VMs of the cluster that run, or of which Proxmox does not know whether they do.</summary>
    /// <exception cref="VgpuException">Proxmox does not say.</exception>
    public async Task<IReadOnlyDictionary<VmId, string>> ReadRunningAsync(CancellationToken cancellationToken)
    {
        string[] arguments = ["get", "/cluster/resources", "--type", "vm", "--output-format", "json"];
        var result = await RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        Require("the cluster's VMs", arguments, result);
        try
        {
            using var document = JsonText.Parse(result.Output);
            return document.RootElement.EnumerateArray().Where(v => v.TryGetProperty("vmid", out _)).Select(v => (
                Vm: v.GetProperty("vmid").GetInt32(),
                Status: v.TryGetProperty("status", out var status) ? status.GetString() : null))
                .Where(v => v.Status is not ("stopped" or null))
                .ToDictionary(v => new VmId(v.Vm), v => v.Status!);
        }
        catch (Exception e) when (JsonText.IsRefusal(e) || e is KeyNotFoundException or FormatException
            or ArgumentException)
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData, $"the cluster's VMs cannot be read: {e.Message}",
                "look at them: pvesh get /cluster/resources --type vm", "cluster", e);
        }
    }

    private static IEnumerable<string> Entries(IReadOnlyList<string> map) =>
        map.SelectMany(entry => new[] { "--map", entry });

    private static bool IsSet(JsonElement root, string name) => root.TryGetProperty(name, out var flag)
        && flag.ToString() is "1" or "true" or "True";

    private async Task ChangeAsync(string name, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Require(name, arguments, await RunAsync(arguments, cancellationToken).ConfigureAwait(false));

    private Task<ProcessResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        processes.TryAsync(Tool, arguments, s_limit, cancellationToken);

    /// <summary>What a failed call means, and what to do.</summary>
    /// <remarks>Source: facts/cluster.md D4 and PVE::API2::Cluster::Mapping::PCI for the texts.</remarks>
    private static void Require(string name, IReadOnlyList<string> arguments, ProcessResult result)
    {
        if (result is { ExitCode: 0, StartErrno: 0, TimedOut: false })
        {
            return;
        }

        var said = string.Join('\n', result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(
            line => !line.StartsWith("trying to acquire cfs lock", StringComparison.Ordinal)).TakeLast(6));
        throw Has("no quorum") || Has("not ready - no quorum") ? Quorum(said)
            : Has("got lock request timeout") || Has("locked command timed out") ? new ResourceBusyException(
                ErrorIds.ClusterLocked, $"Proxmox's lock of the mappings was not free in time: {said}",
                "try again; whoever holds it loses it after two minutes: ls -l /etc/pve/priv/lock", name)
            : Has("detected modified configuration") ? new ResourceBusyException(
                ErrorIds.MappingChanged, $"the cluster's mappings were changed by another user or program meanwhile: "
                    + said,
                $"look at mapping {name} (pvesh get {Path}/{name}), and try again", name)
            : Has("already defined") ? new InvalidRequestException(
                ErrorIds.MappingExists, $"mapping {name} was made by another user or program meanwhile: {said}",
                $"look at it (Get-VgpuMapping {name}); what is missing is added by: Sync-VgpuMapping {name}", name)
            : Has($"pci ID '{name}' does not exist") ? new ObjectNotFoundException(
                ErrorIds.MappingNotFound, $"mapping {name} does not exist any more: {said}",
                "see what is mapped: Get-VgpuMapping", name)
            : Has("cluster filesystem not online") ? new HostNotReadyException(
                ErrorIds.NotAProxmoxHost, $"Proxmox's cluster file system is not mounted: {said}",
                "see why: systemctl status pve-cluster; journalctl -u pve-cluster -b", name)
            : Has("please run as root") || Has("Permission check failed") ? new AccessDeniedException(
                ErrorIds.AccessDenied, $"Proxmox refuses: {said}", "run the command as root: su -", name)
            : Failed(name, arguments, result, said);

        bool Has(string text) => said.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The refusal where the cluster has no quorum.</summary>
    /// <param name="said">Proxmox's words, or what says so.</param>
    public static HostNotReadyException Quorum(string said) => new(
        ErrorIds.NoQuorum, $"the cluster has no quorum, so its mappings cannot be changed: {said}",
        "start or connect the nodes that are missing: pvecm status", "cluster");

    private static VgpuException Failed(
        string name, IReadOnlyList<string> arguments, ProcessResult result, string said)
    {
        var command = "pvesh " + string.Join(' ', arguments.Take(2));
        return result.StartErrno != 0 ? new HostNotReadyException(
                ErrorIds.NotAProxmoxHost, $"{Tool} was not started: {Errno.Describe(result.StartErrno)}",
                "run the command on a Proxmox VE host; check it with dpkg -s pve-manager", name)
            : result.TimedOut ? new HostTimeoutException(
                ErrorIds.Timeout,
                string.Create(
                    CultureInfo.InvariantCulture, $"{command} had not ended after {s_limit.TotalSeconds:0} s"),
                "see whether the cluster has quorum and its file system answers: pvecm status; ls /etc/pve", name)
            : new HostCommandException(
                ErrorIds.HostCommandFailed,
                string.Create(
                    CultureInfo.InvariantCulture, $"{command} ended with exit code {result.ExitCode}: {said}"),
                $"look at the mapping: pvesh get {Path}/{name}", command, result.ExitCode, said, name);
    }
}

/// <summary>A mapping as Proxmox's API gives it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Map">Its entries of all nodes as they stand, in order.</param>
/// <param name="Digest">What Proxmox compares, so that no one else's change is overwritten.</param>
/// <param name="IsMediated">Whether it is marked for mediated devices.</param>
public sealed record PveMapping(string Name, IReadOnlyList<string> Map, string Digest, bool IsMediated);
