using VgpuPS.Lab.Files;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Cluster;

/// <summary>Locks of the cluster file system.</summary>
/// <remarks>
/// Source: facts/cluster.md D4; pve-cluster, PVE::Cluster, cfs_lock. Assumed: a lock is tried once a second.
/// </remarks>
public sealed class CfsLock
{
    private readonly LabHost _host;

    internal CfsLock(LabHost host) => _host = host;

    /// <summary>Where locks lie.</summary>
    public const string Folder = LabClusterFiles.Root + "/priv/lock";

    /// <summary>The lock of the file of PCI mappings.</summary>
    public const string Mappings = "file-mapping_pci_cfg";

    /// <summary>The lock of all files of HA.</summary>
    public const string Ha = "domain-ha";

    private const int WaitSeconds = 10;
    private const int StaleSeconds = 120;

    /// <summary>Runs code under a lock.</summary>
    /// <param name="name">The lock.</param>
    /// <param name="failure">What a failure's text begins with.</param>
    /// <param name="say">Takes what Proxmox prints while it waits.</param>
    /// <param name="code">The code.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProxmoxFailure">It was not to be had, or the code failed.</exception>
    internal async Task RunAsync(
        string name, string failure, Action<string> say, Action code, CancellationToken cancellationToken)
    {
        for (var second = 0; !TryTake(name); second++)
        {
            if (second + 1 >= WaitSeconds)
            {
                var cause = _host.State.Joined is { IsQuorate: false } ? "no quorum!" : "got lock request timeout";
                throw new ProxmoxFailure($"{failure}: cfs-lock '{name}' error: {cause}");
            }

            await _host.WaitAsync(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
            say($"trying to acquire cfs lock '{name}' ...");
        }

        try
        {
            code();
        }
        catch (ProxmoxFailure e)
        {
            throw new ProxmoxFailure($"{failure}: {e.Message}");
        }
        finally
        {
            Release(_host, name);
        }
    }

    /// <summary>Takes a lock as a process that hangs does.</summary>
    /// <param name="host">A node.</param>
    /// <param name="name">The lock.</param>
    public static void Hold(LabHost host, string name) => host.Edit(state => Take(state, name));

    /// <summary>Gives a lock back.</summary>
    /// <param name="host">A node.</param>
    /// <param name="name">The lock.</param>
    public static void Release(LabHost host, string name) =>
        host.Edit(state => LabTree.Remove(state, $"{Folder}/{name}"));

    private bool TryTake(string name) => _host.With(state =>
    {
        if (state.Joined is { IsQuorate: false })
        {
            return false;
        }

        if (LabTree.Find(state, $"{Folder}/{name}") is { } held
            && state.WallTicks - held.ModifiedTicks < TimeSpan.FromSeconds(StaleSeconds).Ticks)
        {
            return false;
        }

        Take(state, name);
        _host.Change();
        return true;
    });

    private static void Take(LabState state, string name) =>
        LabTree.PutFolder(state, $"{Folder}/{name}", LabEntry.FolderMode).ModifiedTicks = state.WallTicks;
}
