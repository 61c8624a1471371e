using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.Hook;

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>
/// Takes a vGPU out of a VM's configuration, and the hook off it where that was its last one: a VM that runs keeps the
/// hook, which releases what it holds when it stops.
/// </summary>
internal sealed class RemoveVmVgpu(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="ObjectNotFoundException">The VM has no such vGPU, or will have none at its next
    /// start.</exception>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        RemoveVmVgpuRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, request.Vm);
        vm.RequireUnlocked();
        var change = Decide(request, vm, host.Settings.Load());
        var plan = new ChangePlan(vm.Label, change.Texts, []);
        if (request.IsPlanOnly)
        {
            return new ChangeResult(plan, []) { Foreseen = change.Foresee() };
        }

        await change.RunAsync(host, request.Source, progress, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(plan, [new ChangedObject { VmId = vm.Id.Value, Entry = change.Deletions[0] }]);
    }

    private VmChange Decide(RemoveVmVgpuRequest request, VmSubject vm, HookSettings settings)
    {
        var entry = VgpuEntry.Find(vm, settings, request.Entry);
        var parameters = ParameterChange.Clear(vm, settings, entry.Key);
        List<string> steps =
            [.. parameters?.Texts ?? [], $"delete {entry.Key} of {vm.Label}, before: {entry.Value}"];
        if (vm.IsRunning)
        {
            steps.Add(VmNotes.ColdStart(vm, $"{entry.Key} stays until then: its removal"));
        }

        var isLast = !vm.Config.NextHostPci.Any(
            e => e.Index != entry.Index && VgpuEntries.TryGetType(e, vm.Id, settings, out _));
        if (isLast && !request.KeepHook && TryFindRemoval(vm, settings, steps) is { } removal)
        {
            if (!vm.IsRunning)
            {
                return removal.ToChange(vm, [entry.Key], steps) with { Parameters = parameters };
            }

            steps.Add($"keep the hook, which releases the vGPU when {vm.Label} stops; "
                + $"take it off then: Unregister-VgpuHook -VmId {vm.Id}");
        }

        return new VmChange(
            vm, new Dictionary<string, string>(StringComparer.Ordinal), [entry.Key], HookPlan.Nothing, steps)
        {
            Parameters = parameters,
        };
    }

    /// <summary>A chained script that cannot be restored keeps the hook, not the vGPU.</summary>
    private HookRemoval? TryFindRemoval(VmSubject vm, HookSettings settings, List<string> steps)
    {
        try
        {
            return HookRemoval.Find(host, settings, vm, isForced: false);
        }
        catch (InvalidRequestException e)
        {
            steps.Add($"keep the hook: {e.Message}");
            return null;
        }
    }
}

/// <summary>Asks that a vGPU be taken out of a VM's configuration.</summary>
public sealed record RemoveVmVgpuRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>The entry: <c>hostpciN</c> or N; null for the only vGPU of the VM.</summary>
    public string? Entry { get; init; }

    /// <summary>Whether the VM keeps our hook though this is its last vGPU.</summary>
    public bool KeepHook { get; init; }
}
