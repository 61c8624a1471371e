using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Hook;

/// <summary>Takes our hook from a VM and puts the script back that was chained; the file in the storage
/// stays.</summary>
internal sealed class UnregisterVgpuHook(HostPorts host)
{
    private const string Key = "hookscript";

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="ResourceBusyException">The VM has a vGPU, which needs the hook.</exception>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        UnregisterVgpuHookRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, request.Vm);
        var settings = host.Settings.Load();
        if (vm.Config.NextValue(Key) is not { } current || !new HookPlanner(host, settings).IsOurs(current))
        {
            return new ChangeResult(
                new ChangePlan(vm.Label, [], []) { AlreadySo = $"{vm.Label} does not have the hook" }, []);
        }

        var chained = settings.Chain.GetValueOrDefault(vm.Id.ToString());
        RequireUnused(vm, settings, request.Force);
        vm.RequireUnlocked();
        var old = FindOld(vm, chained, request.Force);
        var plan = new ChangePlan(vm.Label, [.. Describe(vm, chained, old)], []);
        if (request.IsPlanOnly)
        {
            return new ChangeResult(plan, []);
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (old is not null)
        {
            values[Key] = old;
        }

        var change = new VmChange(
            vm, values, old is null ? [Key] : [], HookPlan.Nothing, plan.Steps)
        { Unchained = chained };
        await change.RunAsync(host, request.Source, progress, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(plan, [new ChangedObject { VmId = vm.Id.Value }]);
    }

    private static void RequireUnused(VmSubject vm, HookSettings settings, bool isForced)
    {
        var entries = vm.Config.NextHostPci.Where(e => VgpuEntries.TryGetType(e, vm.Id, settings, out _)).ToList();
        if (entries.Count > 0 && !isForced)
        {
            throw new ResourceBusyException(
                ErrorIds.HookInUse,
                $"{vm.Label} has a vGPU ({string.Join(", ", entries.Select(e => e.Key))}); "
                    + "without the hook nothing creates its GPU instance and its device",
                $"remove the vGPU first: Remove-VmVgpu -VmId {vm.Id} -Entry {entries[0].Key}; or create them yourself: "
                    + "-Force",
                vm.Id.ToString());
        }
    }

    private string? FindOld(VmSubject vm, ChainedScript? chained, bool isForced)
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
                "copy it into one and make it executable (/var/lib/vz/snippets), or drop it: -Force", chained.Path);
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

/// <summary>Asks that our hook be taken from a VM.</summary>
public sealed record UnregisterVgpuHookRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>
    /// Whether to do it although the VM has a vGPU, or although its chained script cannot be restored.
    /// </summary>
    public bool Force { get; init; }
}
