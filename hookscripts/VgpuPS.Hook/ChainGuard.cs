using VgpuPS.Host;

namespace VgpuPS.Hook;

/// <summary>
/// Keeps a chained script from calling the hook back, which would run the script again, and so on without end. A
/// variable that the script's children inherit reports it; a lock does where a wrapper starts the hook with another
/// environment.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="chainedBy">Value of <see cref="Variable"/>: VMs whose chained scripts this process runs below; or
/// null.</param>
/// <remarks>
/// Source: facts/proxmox.md (a): the caller of a phase holds the flock on the VM's configuration. A chained script that
/// starts another VM with <c>qm start</c> hands its environment on as well, and that start is served.
/// </remarks>
internal sealed class ChainGuard(HostPorts host, string? chainedBy)
{
    /// <summary>Variable that a chained script and all that it starts inherit: ids of VMs, joined by commas.</summary>
    public const string Variable = "VGPUPS_CHAINED_BY";

    private readonly string[] _above = (chainedBy ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What the script of a VM is started with.</summary>
    public IReadOnlyDictionary<string, string?> EnvironmentFor(VmId vm) =>
        new Dictionary<string, string?>(
            StringComparer.Ordinal)
        { [Variable] = string.Join(',', [.. _above, vm.ToString()]) };

    /// <summary>Refuses a phase that a chained script calls.</summary>
    /// <exception cref="InvalidRequestException">It was not Proxmox that called.</exception>
    public void Check(VmId vm)
    {
        if (_above.Length > 0 && (_above.Contains(vm.ToString(), StringComparer.Ordinal) || !host.Proxmox.IsLocked(vm)))
        {
            throw new InvalidRequestException(
                ErrorIds.HookscriptUnusable,
                $"the script that is chained for VM {_above[^1]} is, or calls, vgpu-hook, "
                    + "which would run that script again endlessly",
                $"remove {_above[^1]} from \"chain\" in /etc/vgpups/config.json, or vgpu-hook from the script: "
                    + "Proxmox calls vgpu-hook itself",
                vm.ToString());
        }
    }

    /// <summary>Takes what only one run of a VM's script can have.</summary>
    /// <exception cref="ResourceBusyException">One runs.</exception>
    public async Task<IAsyncDisposable> EnterAsync(
        VmId vm, string phase, string script, CancellationToken cancellationToken)
    {
        try
        {
            return await host.ChainLock(vm)
                .AcquireAsync($"VM {vm} {phase}", TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }
        catch (ResourceBusyException e)
        {
            throw new ResourceBusyException(
                ErrorIds.HookscriptUnusable,
                $"chained script {script} of VM {vm} runs already: it is, or calls, vgpu-hook, or another run has not "
                    + $"ended ({e.Message})",
                $"remove {vm} from \"chain\" in /etc/vgpups/config.json, or vgpu-hook from the script; see what runs: "
                    + $"pgrep -af {vm}",
                script, e);
        }
    }
}
