using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Lab.Cluster;

/// <summary><c>qm migrate</c>: a VM goes to another node of the cluster, stopped or running.</summary>
/// <remarks>
/// Source: facts/cluster.md D5, D7, D8; qemu-server, PVE::API2::Qemu migrate_vm and PVE::QemuMigrate; pve-guest-common,
/// PVE::AbstractMigrate. Assumed: how long it takes. Replication, conntrack and the transfer itself are not played.
/// </remarks>
internal sealed class LabMigration(LabHost source, LabProxmox proxmox, VmId vm, MigrationOrder order)
{
    private const int Failed = 255;

    private static readonly TimeSpan s_offline = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_online = TimeSpan.FromSeconds(12);

    private readonly StringBuilder _log = new();
    private DateTimeOffset _began;

    /// <summary>Runs it.</summary>
    public async Task<ProcessResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            CheckRequest();
            _began = source.Clock.GetUtcNow();
            await MigrateAsync(cancellationToken).ConfigureAwait(false);
            return new ProcessResult(0, null, false, 0, _log.ToString(), "");
        }
        catch (ProxmoxFailure failure)
        {
            return new ProcessResult(Failed, null, false, 0, _log.ToString(), failure.Message + "\n");
        }
    }

    private string Own => source.State.Setup.Node;

    private bool IsRunning => source.GetQemuPid(vm) is not null;

    private void CheckRequest()
    {
        if (order.Target == Own)
        {
            throw PveText400.Wrong("target", "target is local node.");
        }

        if (source.State.Joined is { IsQuorate: false })
        {
            throw new ProxmoxFailure("cluster not ready - no quorum?");
        }

        if (!ClusterApi.NodeNames(source).Contains(order.Target))
        {
            throw new ProxmoxFailure($"no such cluster node '{order.Target}'");
        }

        proxmox.CheckMigration(vm);
        if (IsRunning && !order.IsOnline)
        {
            throw new ProxmoxFailure("can't migrate running VM without --online");
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var isRunning = IsRunning;
        try
        {
            Prepare(isRunning);
        }
        catch (ProxmoxFailure failure)
        {
            Log($"ERROR: migration aborted (duration {Duration()}): {failure.Message}");
            throw new ProxmoxFailure("migration aborted");
        }

        var target = source.Peers[order.Target];
        Log($"starting migration of VM {vm} to node '{order.Target}' "
            + $"({source.State.Joined!.AddressOf(order.Target)})");
        await proxmox.SetLockAsync(vm, "migrate", cancellationToken).ConfigureAwait(false);
        var there = new LabProxmox(
            target, new LabProxmoxOptions(order.Target, PveText400.Generation(target)), new LabTimeline(false));
        if (isRunning && !await StartThereAsync(target, there, cancellationToken).ConfigureAwait(false))
        {
            await AbortAsync(target, there, cancellationToken).ConfigureAwait(false);
            throw new ProxmoxFailure("migration problems");
        }

        await source.WaitAsync(isRunning ? s_online : s_offline, cancellationToken).ConfigureAwait(false);
        if (isRunning && LabVgpuMigration.FindClash(source, target, vm) is { } clash)
        {
            // Source: facts/cluster.md D9: it stops part way. The text is assumed.
            Log($"migration status error: failed - vfio: the state of a vGPU does not load ({clash})");
            await AbortAsync(target, there, cancellationToken).ConfigureAwait(false);
            throw new ProxmoxFailure("migration problems");
        }

        if (isRunning)
        {
            Log($"migration status: completed");
            await proxmox.MigrationSourceEndAsync(vm, order.Target, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            proxmox.MoveConfig(vm, order.Target);
        }

        MoveGuest(target);
        await there.SetLockAsync(vm, null, cancellationToken).ConfigureAwait(false);
        Log($"migration finished successfully (duration {Duration()})");
    }

    private void Prepare(bool isRunning)
    {
        var config = ClusterApi.Vms(source, Own).First(v => v.Id == vm).Config;
        var found = MigrationApi.Find(source, config, isRunning);
        var blocking = found.Local.Where(key => !found.Mapped.ContainsKey(key)).ToList();
        if (blocking.Count > 0)
        {
            if (isRunning || !order.IsForced)
            {
                throw new ProxmoxFailure($"can't migrate VM which uses local devices: {string.Join(", ", blocking)}");
            }

            Log("migrating VM which uses local devices");
        }

        if (found.Mapped.Count > 0)
        {
            var pinned = found.Mapped.Where(m => !m.Value.IsLive).Select(m => $"{m.Key}:{m.Value.Name}").ToList();
            Log(found.Missing[order.Target] is { Count: > 0 } missing
                ? throw new ProxmoxFailure(
                    $"can't migrate to '{order.Target}': missing mapped devices {string.Join(", ", missing)}")
                : isRunning && pinned.Count > 0
                ? throw new ProxmoxFailure(
                    "can't live migrate running VM which uses following mapped devices: "
                        + string.Join(", ", pinned))
                : "migrating VM which uses mapped local devices");
        }

        if (!ClusterApi.IsSeen(source, order.Target))
        {
            throw new ProxmoxFailure("Can't connect to destination address using public key");
        }

        var disks = MigrationApi.LocalDisks(source, config);
        if (isRunning && disks.Count > 0 && !order.WithLocalDisks)
        {
            foreach (var disk in disks)
            {
                Log($"can't migrate local disk '{disk}': can't live migrate attached local disks without "
                    + "with-local-disks option");
            }

            throw new ProxmoxFailure("Problem found while scanning volumes - can't migrate VM - check log");
        }
    }

    // Source: facts/cluster.md D7: the target runs pre-start, chooses its functions and starts QEMU.
    private async Task<bool> StartThereAsync(LabHost target, LabProxmox there, CancellationToken cancellationToken)
    {
        Log($"starting VM {vm} on remote node '{order.Target}'");
        var result = await OnAsync(target, () => there.StartAsync(vm, Own, cancellationToken)).ConfigureAwait(false);
        foreach (var entry in there.Timeline.Events)
        {
            if ((string?)entry["event"] is "hook-output" or "warning")
            {
                foreach (var line in ((string)entry["text"]!).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    Log($"[{order.Target}] {line}");
                }
            }
        }

        if (result.Error is { } error)
        {
            Log($"[{order.Target}] {error}");
            Log("ERROR: online migrate failure - remote command failed with exit code 255");
            return false;
        }

        Log($"start remote tunnel");
        Log($"starting online/live migration on unix:{PvePaths.MigrationSocket(vm)}");
        return true;
    }

    private async Task AbortAsync(LabHost target, LabProxmox there, CancellationToken cancellationToken)
    {
        Log("aborting phase 2 - cleanup resources");
        Log("migrate_cancel");
        await proxmox.SetLockAsync(vm, null, cancellationToken).ConfigureAwait(false);
        await OnAsync(target, () => there.StopMigratedFromAsync(vm, Own, cancellationToken)).ConfigureAwait(false);
        Log($"ERROR: migration finished with problems (duration {Duration()})");
    }

    private static async Task<LabTaskResult> OnAsync(LabHost target, Func<Task<LabTaskResult>> task)
    {
        using var process = target.BeginActor("qm");
        return await task().ConfigureAwait(false);
    }

    // The inside of a VM goes where the VM goes.
    private void MoveGuest(LabHost target)
    {
        var guests = source.State.Guests.FindAll(guest => guest.Vm == vm.Value);
        source.Edit(state => state.Guests.RemoveAll(guest => guest.Vm == vm.Value));
        target.Edit(state => state.Guests.AddRange(guests));
    }

    private string Duration() =>
        (source.Clock.GetUtcNow() - _began).ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);

    private void Log(string line) => _log.Append(
        CultureInfo.InvariantCulture, $"{source.Clock.GetUtcNow():yyyy-MM-dd HH:mm:ss} {line}\n");
}

/// <summary>What <c>qm migrate</c> was asked for.</summary>
internal sealed record MigrationOrder(string Target, bool IsOnline, bool IsForced, bool WithLocalDisks)
{
    /// <summary>Reads its options; null for what it does not know.</summary>
    public static MigrationOrder? Parse(string target, IReadOnlyList<string> options)
    {
        var order = new MigrationOrder(target, false, false, false);
        for (var at = 0; at < options.Count; at++)
        {
            var (name, value) = (options[at].TrimStart('-'), true);
            if (name.Split('=') is [var left, var right])
            {
                (name, value) = (left, right is "1" or "true" or "yes" or "on");
            }
            else if (at + 1 < options.Count && options[at + 1] is "0" or "1")
            {
                value = options[++at] == "1";
            }

            if (!options[at].StartsWith('-') && options[at] is not ("0" or "1"))
            {
                return null;
            }

            order = name switch
            {
                "online" => order with { IsOnline = value },
                "force" => order with { IsForced = value },
                "with-local-disks" => order with { WithLocalDisks = value },
                _ => null!,
            };
            if (order is null)
            {
                return null;
            }
        }

        return order;
    }
}
