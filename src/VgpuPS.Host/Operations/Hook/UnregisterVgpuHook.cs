using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Hook;

/// <summary>Takes our hook from a VM and puts the script back that was chained; the file in the storage
/// stays.</summary>
internal sealed class UnregisterVgpuHook(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="ResourceBusyException">The VM has a vGPU, which needs the hook.</exception>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        UnregisterVgpuHookRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, request.Vm);
        var settings = host.Settings.Load();
        if (HookRemoval.Find(host, settings, vm, request.Force) is not { } removal)
        {
            return new ChangeResult(
                new ChangePlan(vm.Label, [], []) { AlreadySo = $"{vm.Label} does not have the hook" }, []);
        }

        RequireUnused(vm, settings, request.Force);
        vm.RequireUnlocked();
        var change = removal.ToChange(vm, [], []);
        var plan = new ChangePlan(vm.Label, removal.Steps, []);
        if (request.IsPlanOnly)
        {
            return new ChangeResult(plan, []) { Foreseen = change.Foresee() };
        }

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
