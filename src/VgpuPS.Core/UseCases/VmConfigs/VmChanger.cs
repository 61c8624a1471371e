using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;

namespace VgpuPS.Core.UseCases.VmConfigs;

/// <summary>Changes a VM's configuration, reads it back, and logs what became of it.</summary>
internal sealed class VmChanger(HostPorts host, string source)
{
    /// <summary>Changes it as one write, unless somebody else changed it since it was read.</summary>
    /// <exception cref="HostCommandException">Proxmox said that it did it, and did not.</exception>
    public async Task ApplyAsync(
        VmSubject vm, IReadOnlyDictionary<string, string> values, IReadOnlyList<string> deletions,
        CancellationToken cancellationToken)
    {
        await host.GuestConfig.ChangeAsync(
            vm.Id, new GuestConfigChange(values, deletions, vm.Digest), cancellationToken).ConfigureAwait(false);
        var after = VmFinder.Read(host, vm.Id);
        foreach (var key in values.Keys.Concat(deletions))
        {
            var wanted = values.GetValueOrDefault(key);
            var found = after.Config.NextValue(key);
            if (!IsSame(key, wanted, found, vm.Generation))
            {
                throw new HostCommandException(
                    ErrorIds.ReadBackMismatch,
                    $"qm set of {vm.Label} reported success, and its {key} is {found ?? "not set"} instead of {wanted ?? "not set"}",
                    $"Look at it: qm config {vm.Id}; qm pending {vm.Id}; systemctl status pve-cluster", $"qm set {vm.Id}", 0,
                    "", vm.Id.ToString());
            }

            host.Events.Write(new HostEvent(
                source, vm.Id.Value, wanted is null ? "deleteVmSetting" : "setVmSetting", $"VM {vm.Id} {key}",
                vm.Config.NextValue(key) ?? "", wanted ?? ""));
        }
    }

    /// <summary>Proxmox may write properties in an order of its own.</summary>
    private static bool IsSame(string key, string? wanted, string? found, PveGeneration generation)
    {
        if (wanted == found || wanted is null || found is null || HostPciGrammar.IndexOf(key) is not { } index)
        {
            return wanted == found;
        }

        return HostPciGrammar.Parse(index, wanted, generation).Entry is { } one
            && HostPciGrammar.Parse(index, found, generation).Entry is { } other
            && one.Properties.Count == other.Properties.Count && !one.Properties.Except(other.Properties).Any();
    }
}
