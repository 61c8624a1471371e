namespace VgpuPS.Host.Operations.VmPower;

/// <summary>Waits until a VM is as it was asked to be: at once after Proxmox's task, later where HA does it.</summary>
/// <param name="host">The host.</param>
/// <param name="vm">The VM.</param>
/// <param name="isManaged">Whether HA manages it, whose manager acts every ten seconds.</param>
internal sealed class VmWait(HostPorts host, VmSubject vm, bool isManaged)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_converge = TimeSpan.FromSeconds(10);

    /// <summary>Waits.</summary>
    /// <param name="isRunning">Whether it shall run.</param>
    /// <param name="left">Time that is left where HA does it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HostTimeoutException">HA had not done it in time.</exception>
    /// <exception cref="HostCommandException">Proxmox said that it did it, and did not.</exception>
    public async Task ForAsync(bool isRunning, TimeSpan left, CancellationToken cancellationToken)
    {
        var limit = isManaged && left > s_converge ? left : s_converge;
        var began = host.Clock.GetTimestamp();
        while (host.Proxmox.IsRunning(vm.Id) != isRunning)
        {
            if (isManaged && FindElsewhere() is { } node)
            {
                host.Warn($"HA has {vm.Label} on node {node} now, where it is {(isRunning ? "started" : "stopped")}");
                return;
            }

            if (host.Clock.GetElapsedTime(began) >= limit)
            {
                throw isManaged ? NotByHa(isRunning, limit) : Untrue(isRunning);
            }

            await Task.Delay(s_interval, host.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private string? FindElsewhere() => host.Proxmox.GetVms().Contains(vm.Id) ? null
        : host.Proxmox.GetVmsElsewhere().Where(v => v.Vm == vm.Id).Select(v => v.Node).FirstOrDefault();

    private HostTimeoutException NotByHa(bool isRunning, TimeSpan limit) => new(
        ErrorIds.Timeout,
        string.Create(
            CultureInfo.InvariantCulture,
            $"HA had not {(isRunning ? "started" : "stopped")} {vm.Label} after {limit.TotalSeconds:0} s"),
        $"see what HA does with it: ha-manager status; journalctl -u pve-ha-lrm -g vm:{vm.Id}", vm.Id.ToString());

    private HostCommandException Untrue(bool isRunning)
    {
        var command = isRunning ? $"qm start {vm.Id}" : $"qm stop {vm.Id}";
        return new HostCommandException(
            ErrorIds.ReadBackMismatch,
            $"{command} reported success, and {vm.Label} {(isRunning ? "does not run" : "still runs")}",
            $"look at it: qm status {vm.Id} --verbose; pvesh get /cluster/tasks", command, 0, "", vm.Id.ToString());
    }
}
