using VgpuPS.Core.Guests;

namespace VgpuPS.Lab.Proxmox;

/// <content><c>qm set</c>: PVE::API2::Qemu, update_vm_api.</content>
public sealed partial class LabProxmox
{
    /// <summary>Changes a VM's configuration (<c>qm set</c>); devices of a running VM wait for its next cold start.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="values">New values by key.</param>
    /// <param name="deletions">Keys to delete.</param>
    /// <param name="digest">The file's digest as the caller saw it, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>
    /// Source: facts/proxmox.md (a): hookscript is a fast-plug option, checked when it is set; (b): hostpci of a running VM is
    /// pending; recordings for the texts about the lock. Assumed: the texts about the digest, a key that is not set, and
    /// values; that all keys but hookscript are pending on a running VM, where some are plugged at once.
    /// </remarks>
    public async Task<LabTaskResult> SetAsync(
        VmId vm, IReadOnlyDictionary<string, string> values, IReadOnlyList<string> deletions, string? digest,
        CancellationToken cancellationToken = default)
    {
        var output = new List<string>();
        var result = await RunStepAsync(vm, "set", [], async () =>
        {
            if (values.TryGetValue("hookscript", out var script) && _hooks.Check(script) is { Path: null, Error: var error })
            {
                throw new ProxmoxFailure(error!);
            }

            using var held = await LockConfigAsync(vm, cancellationToken).ConfigureAwait(false);
            var config = _configs.Load(vm);
            if (digest is not null && digest != _configs.Digest(vm))
            {
                throw new ProxmoxFailure("detected modified configuration - file changed by other user? Try again.");
            }

            CheckLock(config);
            foreach (var key in deletions.Where(d => config.NextValue(d) is null))
            {
                output.Add($"cannot delete '{key}' - not set in current configuration!");
            }

            output.Add($"update VM {vm}: {string.Join(' ', values.Select(v => $"-{v.Key} {v.Value}")
                .Concat(deletions.Count == 0 ? [] : (string[])[$"-delete {string.Join(',', deletions)}"]))}");
            _configs.Change(vm, config, values, deletions, IsRunning(vm));
        }).ConfigureAwait(false);
        return result with { Output = output };
    }
}
