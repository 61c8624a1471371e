namespace VgpuPS.Host.Proxmox;

/// <summary>Starts and stops VMs with <c>qm</c>, whose task it waits for: an argument list, no shell.</summary>
/// <param name="processes">Runs the program.</param>
/// <remarks>
/// Source: facts/proxmox.md (a), (g); qemu-server, PVE::API2::Qemu, vm_start, vm_shutdown, vm_stop: for a VM that HA
/// manages the task only asks HA, prints <c>Requesting HA start for VM …</c>, and ends.
/// </remarks>
public sealed class QmPower(IProcessRunner processes)
{
    // After QEMU has gone Proxmox resets each function, which takes a second, and calls the hook.
    private static readonly TimeSpan s_cleanup = TimeSpan.FromMinutes(2);

    /// <summary>Starts a VM.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="label">The VM for display.</param>
    /// <param name="limit">How long it is waited for; the start goes on then.</param>
    /// <param name="cancellationToken">Cancels before it begins; a start that has begun is waited for.</param>
    /// <exception cref="HostCommandException">The hook or Proxmox refused; carries their words.</exception>
    /// <exception cref="HostTimeoutException">It had not ended in time.</exception>
    /// <exception cref="VgpuException">The VM is locked, the cluster has no quorum, or we are not root.</exception>
    public Task StartAsync(VmId vm, string label, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(vm, ["start", vm.ToString()], limit, r => StartFailure(vm, label, r), "start", cancellationToken);

    /// <summary>Asks the guest to shut down; it still runs where it does not in time.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="label">The VM for display.</param>
    /// <param name="limit">How long the guest has, in whole seconds.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    /// <exception cref="HostTimeoutException">The guest did not shut down in time.</exception>
    /// <exception cref="VgpuException">Proxmox refused.</exception>
    public Task ShutdownAsync(VmId vm, string label, TimeSpan limit, CancellationToken cancellationToken)
    {
        List<string> arguments =
            ["shutdown", vm.ToString(), "--timeout", limit.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)];
        return RunAsync(
            vm, arguments, limit + s_cleanup, r => StopFailure(vm, label, arguments, limit, r), "shut down",
            cancellationToken);
    }

    /// <summary>Ends a VM without asking its guest.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="label">The VM for display.</param>
    /// <param name="limit">How long it is waited for.</param>
    /// <param name="cancellationToken">Cancels before it begins.</param>
    /// <exception cref="VgpuException">Proxmox refused, or it had not ended in time.</exception>
    public Task StopAsync(VmId vm, string label, TimeSpan limit, CancellationToken cancellationToken)
    {
        List<string> arguments = ["stop", vm.ToString()];
        return RunAsync(
            vm, arguments, limit + s_cleanup, r => StopFailure(vm, label, arguments, limit, r), "stop",
            cancellationToken);
    }

    // Once it has begun it is waited for and never ended: half a start or stop leaves devices behind.
    private async Task RunAsync(
        VmId vm, List<string> arguments, TimeSpan limit, Func<ProcessResult, VgpuException?> fail, string verb,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var result = await processes.RunAsync(
            new ProcessRequest(QmConfigWriter.Tool, arguments, limit) { LeaveRunningAtDeadline = true },
            CancellationToken.None).ConfigureAwait(false);
        if (result.ExitCode == 0)
        {
            return;
        }

        throw result.TimedOut ? new HostTimeoutException(
                ErrorIds.Timeout,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"qm {arguments[0]} {vm} had not ended after {limit.TotalSeconds:0} s; its task goes on by itself"),
                $"see what it does: pvesh get /cluster/tasks; and whether the VM runs: qm status {vm}", vm.ToString())
            : (result.StartErrno == 0 ? fail(result) : null)
                ?? QmErrors.For(vm, arguments, result, limit, verb);
    }

    private static HostCommandException? StartFailure(VmId vm, string label, ProcessResult result)
    {
        var output = result.Output + "\n" + result.Error;
        var said = QmErrors.LastLines(result);
        var refusal = HookRefusal.Find(output, vm, "pre-start");
        if (refusal is null && (result.ExitCode is null || IsKnown(said)))
        {
            return null;
        }

        return new HostCommandException(
            ErrorIds.VmStartFailed,
            refusal is null ? $"{label} was not started: {(said.Length == 0 ? "qm start printed nothing" : said)}"
                : $"{label} was not started, its hook refused: {refusal.Message}",
            refusal is { Action.Length: > 0 } ? refusal.Action
                : $"see what its start needs: vgpu-hook plan {vm}; and its task: pvesh get /cluster/tasks",
            $"qm start {vm}", result.ExitCode, output.Trim(), vm.ToString());
    }

    private static VgpuException? StopFailure(
        VmId vm, string label, List<string> arguments, TimeSpan limit, ProcessResult result)
    {
        var said = QmErrors.LastLines(result);
        if (said.Contains("got timeout", StringComparison.Ordinal)
            && !said.Contains("can't lock file", StringComparison.Ordinal))
        {
            return new HostTimeoutException(
                ErrorIds.Timeout,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the guest of {label} did not shut down within {limit.TotalSeconds:0} s; it still runs: {said}"),
                $"shut it down inside, give it longer (Stop-VgpuVm {vm} -TimeoutSeconds 600), or stop it without its "
                    + $"guest: Stop-VgpuVm {vm} -Force", vm.ToString());
        }

        return IsKnown(said) || result.ExitCode is null ? null : new HostCommandException(
            ErrorIds.VmStopFailed,
            $"{label} was not stopped: {(said.Length == 0 ? $"qm {arguments[0]} printed nothing" : said)}",
            said.Contains("paused", StringComparison.Ordinal)
                ? $"resume it first: qm resume {vm}; or stop it without its guest: Stop-VgpuVm {vm} -Force"
                : $"see its task: pvesh get /cluster/tasks; or stop it without its guest: Stop-VgpuVm {vm} -Force",
            QmErrors.Command(arguments), result.ExitCode, said, vm.ToString());
    }

    // What QmErrors says better, whatever was to be done.
    private static bool IsKnown(string said) => ((string[])
    [
        "VM is locked", "can't lock file", "does not exist", "no quorum", "please run as root",
        "Permission check failed", "permission denied",
    ]).Any(t => said.Contains(t, StringComparison.OrdinalIgnoreCase));
}
