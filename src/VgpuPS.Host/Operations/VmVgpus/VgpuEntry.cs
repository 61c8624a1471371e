using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Finds the vGPU entry of a VM that a user means.</summary>
internal static class VgpuEntry
{
    /// <summary>Finds it among those of the next start.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="settings">Our configuration.</param>
    /// <param name="name"><c>hostpciN</c> or N; null or blank for the only one.</param>
    /// <exception cref="InvalidRequestException">None is named and there are several, or it is not a vGPU.</exception>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    public static HostPciEntry Find(VmSubject vm, HookSettings settings, string? name)
    {
        var entries = vm.Config.NextHostPci.Where(e => VgpuEntries.TryGetType(e, vm.Id, settings, out _)).ToList();
        if (VgpuRequest.Text(name) is not { } wanted)
        {
            return entries switch
            {
                [var only] => only,
                [] => throw new ObjectNotFoundException(
                    ErrorIds.EntryNotFound, $"{vm.Label} has no vGPU", $"add one: Add-VmVgpu -VmId {vm.Id} -Memory 4GB",
                    vm.Id.ToString()),
                _ => throw new InvalidRequestException(
                    ErrorIds.AmbiguousVgpu,
                    $"{vm.Label} has {entries.Count} vGPUs: "
                        + $"{string.Join(", ", entries.Select(e => $"{e.Key} ({e.Value})"))}",
                    $"name one: -Entry {entries[0].Key}", vm.Id.ToString()),
            };
        }

        var key = wanted.All(char.IsAsciiDigit) ? $"{HostPciGrammar.KeyPrefix}{wanted}" : wanted.ToLowerInvariant();
        if (HostPciGrammar.IndexOf(key) is not { } index)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidEntry, $"'{wanted}' is not an entry; Proxmox has hostpci0 to hostpci15",
                $"see those of the VM: Get-VmVgpu -VmId {vm.Id}", wanted);
        }

        if (entries.Find(e => e.Index == index) is { } found)
        {
            return found;
        }

        throw vm.Config.NextHostPciAt(index) is { } other
            ? new InvalidRequestException(
                ErrorIds.EntryNotFound, $"{key} of {vm.Label} is not a vGPU: {other.Value}",
                $"change it with Proxmox's own command: qm set {vm.Id} --{key} …", key)
            : new ObjectNotFoundException(
                ErrorIds.EntryNotFound, $"{vm.Label} has no {key}", $"see what it has: Get-VmVgpu -VmId {vm.Id}", key);
    }
}
