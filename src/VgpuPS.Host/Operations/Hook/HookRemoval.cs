using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Hook;

/// <summary>How our hook is taken from a VM; the file in the storage stays.</summary>
/// <param name="Old">Volume of the script that was chained, which the VM gets back; null for none.</param>
/// <param name="Chained">That script; null for none.</param>
/// <param name="Steps">Sentences for display, the one about the chain last.</param>
internal sealed record HookRemoval(string? Old, ChainedScript? Chained, IReadOnlyList<string> Steps)
{
    private const string Key = "hookscript";

    /// <summary>Finds it; null where the VM has not got our hook.</summary>
    /// <param name="host">The host.</param>
    /// <param name="settings">Our configuration.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="isForced">Whether a chained script that cannot be restored is dropped.</param>
    /// <exception cref="InvalidRequestException">The chained script cannot be restored.</exception>
    public static HookRemoval? Find(HostPorts host, HookSettings settings, VmSubject vm, bool isForced)
    {
        if (vm.Config.NextValue(Key) is not { } current || !new SnippetStorages(host).HoldsHook(current))
        {
            return null;
        }

        var chained = settings.Chain.GetValueOrDefault(vm.Id.ToString());
        var old = FindOld(host, vm, chained, isForced);
        return new HookRemoval(old, chained, [.. Describe(vm, chained, old)]);
    }

    /// <summary>The change of the VM that does it, with entries that go together with the hook.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="entries">Keys that are deleted too.</param>
    /// <param name="texts">Sentences about them.</param>
    public VmChange ToChange(VmSubject vm, IReadOnlyList<string> entries, IReadOnlyList<string> texts)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Old is not null)
        {
            values[Key] = Old;
        }

        return new VmChange(
            vm, values, Old is null ? [.. entries, Key] : entries, HookPlan.Nothing, [.. texts, .. Steps])
        { Unchained = Chained };
    }

    private static string? FindOld(HostPorts host, VmSubject vm, ChainedScript? chained, bool isForced)
    {
        if (chained is null)
        {
            return null;
        }

        var volume = new SnippetStorages(host).VolumeOf(chained.Path);
        return volume is not null && host.HookFiles.Find(chained.Path) is { IsExecutable: true } ? volume
            : isForced ? null
            : throw new InvalidRequestException(
                ErrorIds.HookscriptUnusable,
                $"the script {chained.Path} that is chained for {vm.Label} is in no snippets storage, or is not "
                    + "executable, so Proxmox cannot run it by itself",
                "copy it into one and make it executable (/var/lib/vz/snippets), or drop it: "
                    + $"Unregister-VgpuHook -VmId {vm.Id} -Force",
                chained.Path);
    }

    private static IEnumerable<string> Describe(VmSubject vm, ChainedScript? chained, string? old)
    {
        yield return old is null
            ? $"delete hookscript of {vm.Label}"
            : $"set hookscript of {vm.Label} to {old}, the script that was chained";
        if (chained is not null)
        {
            yield return $"remove VM {vm.Id} from the chain in /etc/vgpups/config.json";
        }
    }
}
