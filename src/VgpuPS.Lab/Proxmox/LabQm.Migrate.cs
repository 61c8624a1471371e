using VgpuPS.Lab.Cluster;

namespace VgpuPS.Lab.Proxmox;

/// <content>Migration to another node.</content>
internal sealed partial class LabQm
{
    // Source: PVE::API2::Qemu, migrate_vm: what HA manages, HA migrates.
    private async Task<ProcessResult> MigrateAsync(
        VmId vm, List<string> words, CancellationToken cancellationToken)
    {
        if (MigrationOrder.Parse(words[0], [.. words.Skip(1)]) is not { } order)
        {
            return Fail(WrongArguments, "400 unable to parse option\nqm migrate <vmid> <target> [OPTIONS]");
        }

        if (HaApi.StateOf(host, $"vm:{vm}") is null || Read(vm) is null)
        {
            return await new LabMigration(host, _proxmox.Value, vm, order).RunAsync(cancellationToken)
                .ConfigureAwait(false);
        }

        var result = await host.Processes.HaManager.RunAsync(["migrate", $"vm:{vm}", order.Target], cancellationToken)
            .ConfigureAwait(false);
        return result with { Output = $"Requesting HA migration for VM {vm} to node {order.Target}\n{result.Output}" };
    }

    /// <summary>Migrates a VM for HA, running or not.</summary>
    public Task MigrateForHaAsync(VmId vm, string target, CancellationToken cancellationToken) => new LabMigration(
        host, _proxmox.Value, vm, new MigrationOrder(target, IsOnline: true, IsForced: true, WithLocalDisks: false))
        .RunAsync(cancellationToken);
}
