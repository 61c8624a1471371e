using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.Proxmox;

/// <summary>Changes VM configurations with <c>qm set</c>: an argument list, no shell.</summary>
/// <param name="files">The host's files, to see whether Proxmox is there.</param>
/// <param name="processes">Runs the program.</param>
/// <remarks>Source: facts/proxmox.md (b) and (g).</remarks>
public sealed class QmGuestConfig(IHostFiles files, IProcessRunner processes) : IGuestConfig
{
    /// <summary>Where Proxmox has its program.</summary>
    public const string Tool = "/usr/sbin/qm";

    // It waits 10 s for the VM's lock; the rest is for a slow cluster file system.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public void RequireProxmox()
    {
        if (files.GetInfo(Tool) is not null && files.ReadLink(ProxmoxPaths.LocalNode) is not null)
        {
            return;
        }

        var isInstalled = files.GetInfo(Tool) is not null;
        throw new HostNotReadyException(
            ErrorIds.NotAProxmoxHost,
            isInstalled
                ? $"{ProxmoxPaths.LocalNode} is not there: Proxmox's cluster file system is not mounted"
                : $"{Tool} is not there: this is no Proxmox VE host",
            isInstalled
                ? "See why: systemctl status pve-cluster; journalctl -u pve-cluster -b"
                : "Run the command on a Proxmox VE host, or rehearse on a simulated one: Connect-VgpuHost -Lab A30,A30",
            isInstalled ? ProxmoxPaths.Cluster : Tool);
    }

    /// <inheritdoc/>
    public async Task ChangeAsync(VmId vm, GuestConfigChange change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<string> arguments = ["set", vm.ToString()];
        foreach (var (key, value) in change.Values.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            arguments.AddRange([$"--{key}", value]);
        }

        if (change.Deletions.Count > 0)
        {
            arguments.AddRange(["--delete", string.Join(',', change.Deletions.Order(StringComparer.Ordinal))]);
        }

        if (change.Digest is { } digest)
        {
            arguments.AddRange(["--digest", digest]);
        }

        // Once it has begun it is waited for: killed half way it could have changed the VM or not.
        var result = await processes.RunAsync(new ProcessRequest(Tool, arguments, s_deadline), CancellationToken.None)
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw QmErrors.For(vm, arguments, result, s_deadline);
        }
    }
}
