namespace VgpuPS.Host.Proxmox;

/// <summary>Changes VM configurations with <c>qm set</c>: an argument list, no shell.</summary>
/// <param name="files">The host's files, to see whether Proxmox is there.</param>
/// <param name="processes">Runs the program.</param>
/// <remarks>Source: facts/proxmox.md (b) and (g).</remarks>
public sealed class QmConfigWriter(IHostFiles files, IProcessRunner processes)
{
    /// <summary>Where Proxmox has its program.</summary>
    public const string Tool = "/usr/sbin/qm";

    // It waits 10 s for the VM's lock; the rest is for a slow cluster file system.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    /// <summary>Looks whether this is a Proxmox host at all.</summary>
    /// <exception cref="HostNotReadyException">It is none, or its cluster file system is not there.</exception>
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
                ? $"{ProxmoxPaths.LocalNode} does not exist: Proxmox's cluster file system is not mounted"
                : $"{Tool} does not exist: this is not a Proxmox VE host",
            isInstalled
                ? "see why: systemctl status pve-cluster; journalctl -u pve-cluster -b"
                : "run the command on a Proxmox VE host; from a workstation: Connect-VgpuHost root@pve1",
            isInstalled ? ProxmoxPaths.Cluster : Tool);
    }

    /// <summary>Changes a VM's configuration; the caller reads it back.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="change">What to set and to delete.</param>
    /// <param name="cancellationToken">Cancels before it begins; a change that has begun is waited for.</param>
    /// <exception cref="ResourceBusyException">The VM is locked, or was changed meanwhile.</exception>
    /// <exception cref="ObjectNotFoundException">The VM is not configured on this node.</exception>
    /// <exception cref="AccessDeniedException">We are not root.</exception>
    /// <exception cref="HostCommandException">Proxmox refused for another reason; carries its words.</exception>
    /// <exception cref="HostTimeoutException">It had not ended in time.</exception>
    public async Task ChangeAsync(VmId vm, VmConfigChange change, CancellationToken cancellationToken)
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

/// <summary>What a failed <c>qm</c> means, and what to do.</summary>
/// <remarks>
/// Source: facts/proxmox.md (a) for "VM is locked" and "can't lock file", recorded; the texts about the digest, a
/// missing configuration and a missing permission are assumed (PVE::Tools, PVE::AbstractConfig, PVE::CLIHandler), and
/// that root is refused a file of <c>/etc/pve</c> only without quorum (pmxcfs; facts/cluster.md D4).
/// </remarks>
internal static class QmErrors
{
    private const int KeptLines = 12;

    /// <summary>The failure of a command about a VM.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="arguments">Arguments of <c>qm</c>.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="deadline">How long it was waited for.</param>
    /// <param name="verb">What was to be done to the VM.</param>
    public static VgpuException For(
        VmId vm, IReadOnlyList<string> arguments, ProcessResult result, TimeSpan deadline, string verb = "change")
    {
        var target = vm.ToString();
        var said = LastLines(result);
        if (result.StartErrno != 0)
        {
            return result.StartErrno is Errno.EACCES or Errno.EPERM
                ? Denied($"{QmConfigWriter.Tool} was not started: {Errno.Describe(result.StartErrno)}", target)
                : new HostNotReadyException(
                    ErrorIds.NotAProxmoxHost,
                    $"{QmConfigWriter.Tool} was not started: {Errno.Describe(result.StartErrno)}",
                    "run the command on a Proxmox VE host; check it with dpkg -s qemu-server", target);
        }

        if (result.TimedOut)
        {
            return new HostTimeoutException(
                ErrorIds.Timeout,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"qm {arguments[0]} {vm} had not ended after {deadline.TotalSeconds:0} s"),
                "see whether the cluster has quorum and its file system answers: pvecm status; ls /etc/pve", target);
        }

        return Has("VM is locked") ? new ResourceBusyException(
                ErrorIds.VmLocked, $"Proxmox refuses to {verb} VM {vm}: {said}",
                "wait until the operation has ended (pvesh get /cluster/tasks); if its task no longer exists: "
                    + $"qm unlock {vm}", target)
            : Has("can't lock file") ? new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"VM {vm} is being started, stopped or changed, and its lock was not free in time: {said}",
                $"wait for that task (fuser -v /run/lock/qemu-server/lock-{vm}.conf), then try again", target)
            : Has("detected modified configuration") ? new ResourceBusyException(
                ErrorIds.VmChanged, $"VM {vm} was changed by another user or program meanwhile: {said}",
                $"look at it (qm config {vm}), and try again", target)
            : Has("Configuration file") && Has("does not exist") ? new ObjectNotFoundException(
                ErrorIds.VmNotFound, $"VM {vm} is no longer configured on this node: {said}",
                "see the node's VMs: qm list",
                target)
            : Has("no quorum") || (Has("unable to open file '/etc/pve/") && Has("permission denied"))
                ? new HostNotReadyException(
                    ErrorIds.NoQuorum,
                    $"the cluster has no quorum, without which Proxmox does not {verb} VM {vm}: {said}",
                    "see which nodes are missing: pvecm status", target)
            : Has("please run as root") || Has("permission denied") || Has("Permission check failed")
                || Has("only root can set") ? Denied($"Proxmox refuses to {verb} VM {vm}: {said}", target)
            : Failed(vm, arguments, result, said);

        bool Has(string text) => said.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    private static HostCommandException Failed(
        VmId vm, IReadOnlyList<string> arguments, ProcessResult result, string said)
    {
        var how = result.ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"ended with exit code {code}")
            : string.Create(CultureInfo.InvariantCulture, $"was ended by signal {result.Signal}");
        return new HostCommandException(
            ErrorIds.HostCommandFailed,
            $"qm {arguments[0]} {vm} {how}: {(said.Length == 0 ? "it printed nothing" : said)}",
            $"look at the VM (qm config {vm}; qm pending {vm}) and run it by hand: {Command(arguments)}",
            Command(arguments),
            result.ExitCode, said, vm.ToString());
    }

    private static AccessDeniedException Denied(string message, string target) => new(
        ErrorIds.AccessDenied, message, "run the command as root: su -", target);

    /// <summary>A command as it is typed.</summary>
    public static string Command(IReadOnlyList<string> arguments) => "qm " + string.Join(' ', arguments.Select(
        a => a.All(IsPlain) ? a : $"'{a.Replace("'", "'\\''", StringComparison.Ordinal)}'"));

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c)
        || c is '-' or '_' or '.' or ':' or ',' or '=' or '/';

    /// <summary>What a program said: its errors, else its output.</summary>
    public static string LastLines(ProcessResult result)
    {
        var text = string.IsNullOrWhiteSpace(result.Error) ? result.Output : result.Error;
        return string.Join(
            '\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .TakeLast(KeptLines));
    }
}
