using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Hook;

/// <summary>Decides what is missing until a VM has our hook, and whose hook a hookscript is.</summary>
internal sealed class HookPlanner(HostPorts host, HookSettings settings)
{
    private const string Key = "hookscript";

    private readonly SnippetStorages _storages = new(host);

    /// <summary>Plans it; another hookscript of the VM is chained.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="storage">Storage for the hook; null or blank for the present one, or the best.</param>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public HookPlan Plan(VmSubject vm, string? storage)
    {
        if (!host.HookFiles.IsInstalled)
        {
            throw new HostNotReadyException(
                ErrorIds.HookNotInstalled, $"{HookVolume.InstalledPath} does not exist: "
                    + "the hook is not installed on this host",
                $"install it: copy vgpu-hook of the package to {HookVolume.InstalledPath} and make it executable: "
                    + $"chmod 755 {HookVolume.InstalledPath}",
                HookVolume.InstalledPath);
        }

        var current = vm.Config.NextValue(Key);
        var isOurs = current is not null && _storages.HoldsHook(current);
        var volume = isOurs && string.IsNullOrWhiteSpace(storage) ? current! : _storages.Choose(storage);
        var path = _storages.Resolve(volume) ?? throw new HostNotReadyException(
            ErrorIds.NoSnippetStorage, $"hookscript {volume} of {vm.Label} points to no file: its storage is missing",
            $"name another storage: Register-VgpuHook -VmId {vm.Id} -Storage local", volume);
        var install = host.HookFiles.Find(path) is { IsRight: true } ? null : path;
        var chain = isOurs || current is null || IsAnyHook(current) ? null : PlanChain(vm, current);
        return new HookPlan(
            install, chain, volume == current ? null : volume, [.. Describe(vm, install, chain, current, volume)])
        {
            IsChained = settings.Chain.ContainsKey(vm.Id.ToString()),
        };
    }

    /// <summary>Whether a volume id leads to a vgpu-hook of another version or name, which ours takes the place
    /// of.</summary>
    private bool IsAnyHook(string volume) =>
        _storages.Resolve(volume) is { } path && host.HookFiles.Find(path) is { IsAnyHook: true };

    private ChainedScript PlanChain(VmSubject vm, string current)
    {
        var path = _storages.Resolve(current);
        if (path is null || host.HookFiles.Find(path) is not { IsExecutable: true })
        {
            throw new ObjectNotFoundException(
                ErrorIds.HookscriptUnusable,
                $"hookscript {current} of {vm.Label} does not exist or is not executable, so it cannot be chained; "
                    + "Proxmox refuses each start with it",
                $"repair it ({(path is null ? "pvesm status" : $"ls -l {path}")}), or remove it: "
                    + $"qm set {vm.Id} --delete hookscript",
                current);
        }

        if (host.HookFiles.Find(path) is { CallsHook: true })
        {
            throw new InvalidRequestException(
                ErrorIds.HookscriptUnusable,
                $"hookscript {current} of {vm.Label} ({path}) calls vgpu-hook itself, so it cannot be chained: "
                    + "they would call each other endlessly",
                $"remove vgpu-hook from it, or remove it: qm set {vm.Id} --delete hookscript", current);
        }

        if (host.HookFiles.FindTrust(path) is { IsTrusted: false, IsOnNetwork: false } trust)
        {
            throw trust.ToException($"hookscript {current} of {vm.Label},");
        }

        var known = settings.Chain.GetValueOrDefault(vm.Id.ToString());
        if (known is not null && known.Path != path)
        {
            throw new InvalidRequestException(
                ErrorIds.HookscriptUnusable,
                $"{vm.Label} has the hookscript {current}, and {known.Path} is chained for it already; one script can "
                    + "be chained",
                $"call one from the other, or remove {vm.Id} from \"chain\" in /etc/vgpups/config.json", current);
        }

        return known ?? new ChainedScript(path);
    }

    private static IEnumerable<string> Describe(
        VmSubject vm, string? install, ChainedScript? chain, string? current, string volume)
    {
        if (install is not null)
        {
            yield return $"write the hook to {install} (copy of {HookVolume.InstalledPath})";
        }

        if (chain is not null)
        {
            yield return $"chain {chain.Path}, the VM's present hookscript, in /etc/vgpups/config.json (to run "
                + $"{(chain.Order == ChainOrder.Before ? "before" : "after")} the hook)";
        }

        if (volume != current)
        {
            yield return $"set hookscript of {vm.Label} to {volume}";
        }
    }
}
