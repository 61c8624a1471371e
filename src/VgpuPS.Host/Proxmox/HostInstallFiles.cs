using System.Text.Json;
using VgpuPS.Core.Json;
using VgpuPS.Core.Platform;
using VgpuPS.Host.Linux;

namespace VgpuPS.Host.Proxmox;

/// <summary>What an installation puts on a host, through its files and its own programs.</summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs the host's programs.</param>
public sealed class HostInstallFiles(IHostFiles files, IProcessRunner processes)
{
    /// <summary>Proxmox's program for storages.</summary>
    public const string StorageTool = "/usr/sbin/pvesm";

    /// <summary>What removes a folder.</summary>
    public const string RemoveFolderTool = "/usr/bin/rmdir";

    private const string PackageName = "vgpups";
    private const string MembersPath = "/etc/pve/.members";
    private const string HostNamePath = "/proc/sys/kernel/hostname";
    private const string SelfPath = "/proc/self/exe";
    private const string UnitFolder = "/etc/systemd/system";
    private const string ResourcePrefix = "systemd/";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly CheckedFiles _files = new(files, "the file");

    // Read when it is requested: a VM's start never asks.
    private SortedDictionary<string, byte[]>? _units;

    /// <summary>Version of the Debian package that the host has the product by; null where it has none.</summary>
    public string? PackageVersion => Read(DpkgStatus.Path) is { } raw ? DpkgStatus.FindVersion(raw, PackageName) : null;

    /// <summary>The program that runs now, as a file.</summary>
    public string RunningProgram => files.ReadLink(SelfPath) ?? HookVolume.InstalledPath;

    /// <summary>Our systemd units by the path that they are installed at.</summary>
    public IReadOnlyDictionary<string, byte[]> Units => _units ??= LoadUnits();

    /// <summary>Nodes of the cluster and their addresses, this one included; this one alone where there is no
    /// cluster.</summary>
    public IReadOnlyList<ClusterNode> Nodes
    {
        get
        {
            var own = System.Text.Encoding.UTF8.GetString(Read(HostNamePath) ?? []).Trim();
            if (Read(MembersPath) is not { } raw)
            {
                return [new ClusterNode(own, null, true)];
            }

            try
            {
                using var document = JsonText.Parse(raw);
                return document.RootElement.TryGetProperty("nodelist", out var list)
                    ? [.. list.EnumerateObject().OrderBy(n => n.Name, StringComparer.Ordinal).Select(ReadNode)]
                    : [new ClusterNode(own, null, true)];
            }
            catch (Exception e) when (JsonText.IsRefusal(e))
            {
                throw new UnreadableDataException(
                    ErrorIds.UnreadableData, $"{MembersPath} cannot be read: {e.Message}",
                    "see the cluster: pvecm status", MembersPath, e);
            }
        }
    }

    /// <summary>Whether the cluster can be changed: this node sees more than half of it. A host in none can.</summary>
    /// <remarks>Source: pve-cluster, pmxcfs, <c>.members</c>.</remarks>
    public bool IsQuorate
    {
        get
        {
            try
            {
                using var document = Read(MembersPath) is { } raw ? JsonText.Parse(raw) : null;
                return document?.RootElement.TryGetProperty("cluster", out var cluster) != true
                    || !cluster.TryGetProperty("quorate", out var quorate) || quorate.GetRawText() == "1";
            }
            catch (Exception e) when (JsonText.IsRefusal(e))
            {
                return true;
            }
        }
    }

    /// <summary>What a file holds; null where there is no file.</summary>
    /// <exception cref="VgpuException">It cannot be read.</exception>
    public byte[]? Read(string path) => _files.Find(path);

    /// <summary>Writes a file whole, readable by all, and reads it back.</summary>
    /// <exception cref="VgpuException">It cannot be written, or does not read back.</exception>
    public void Write(string path, ReadOnlySpan<byte> content, bool isExecutable) =>
        _files.Write(path, content.ToArray(), isExecutable ? FileModes.Mode755 : FileModes.Mode644);

    /// <summary>Removes a file; nothing happens where there is none.</summary>
    /// <exception cref="VgpuException">It cannot be removed.</exception>
    public void Remove(string path) => _files.Remove(path);

    /// <summary>Removes a folder that is empty; one with something in it stays.</summary>
    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken) => processes.RunAsync(
        new ProcessRequest(RemoveFolderTool, ["--ignore-fail-on-non-empty", "--", path], s_limit), cancellationToken);

    /// <summary>Sets what a storage may hold, and reads it back.</summary>
    /// <exception cref="HostCommandException">It failed.</exception>
    public async Task SetStorageContentAsync(
        string storage, IReadOnlyList<string> content, CancellationToken cancellationToken)
    {
        string[] arguments = ["set", storage, "--content", string.Join(',', content)];
        var result = await processes.RequireAsync(
            StorageTool, arguments, s_limit, cancellationToken).ConfigureAwait(false);
        var kept = StorageConfig.Read(Read(ProxmoxPaths.Storages) ?? []).Find(storage);
        if (kept is null || content.Except(kept.Content, StringComparer.Ordinal).Any())
        {
            throw HostPrograms.Untrue(
                StorageTool, arguments, result,
                $"storage {storage} does not have the content {arguments[^1]} after it was set");
        }
    }

    private static ClusterNode ReadNode(JsonProperty node) => new(
        node.Name,
        node.Value.TryGetProperty("ip", out var ip) ? ip.GetString() : null,
        node.Value.TryGetProperty("online", out var online) && online.ValueKind == JsonValueKind.Number
            && online.TryGetInt32(out var isOnline) && isOnline == 1);

    /// <summary>The units are part of the program, so that one file installs a host.</summary>
    private static SortedDictionary<string, byte[]> LoadUnits()
    {
        var assembly = typeof(HostInstallFiles).Assembly;
        var units = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            units[$"{UnitFolder}/{name[ResourcePrefix.Length..].Replace('\\', '/')}"] = copy.ToArray();
        }

        return units;
    }
}
