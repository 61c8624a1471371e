using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Settings;

/// <summary>Distinguishes a VM's vGPU entries from its other <c>hostpciN</c> entries.</summary>
public static class VgpuEntries
{
    /// <summary>Whether an entry asks for an NVIDIA vGPU: by <c>mdev=nvidia-…</c>, or kept as it is with a type in our
    /// configuration.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="vm">Its VM.</param>
    /// <param name="settings">Our configuration, for <c>keepTypes</c>.</param>
    /// <param name="type">Its type; null where the text behind <c>nvidia-</c> is not a number of one.</param>
    public static bool TryGetType(HostPciEntry entry, VmId vm, HookSettings settings, out VgpuTypeId? type)
    {
        type = entry.VgpuType;
        if (entry.Mdev is { } mdev)
        {
            return mdev.StartsWith("nvidia-", StringComparison.Ordinal);
        }

        if (!entry.KeepsDriver
            || settings.KeepTypes.GetValueOrDefault(vm.ToString())?.GetValueOrDefault(entry.Key) is not { } kept)
        {
            return false;
        }

        type = VgpuTypeId.TryParse(kept.Replace("nvidia-", "", StringComparison.Ordinal), out var known) ? known : null;
        return true;
    }
}
