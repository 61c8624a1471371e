namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Takes a vGPU out of a VM's configuration; the hook stays.</summary>
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
        var settings = host.Settings.Load();
        var entry = VgpuEntry.Find(vm, settings, request.Entry);
        List<string> steps = [$"delete {entry.Key} of {vm.Label}, before: {entry.Value}"];
        if (vm.IsRunning)
        {
            steps.Add(VmNotes.ColdStart(vm, $"{entry.Key} stays until then: its removal"));
        }

        var plan = new ChangePlan(vm.Label, steps, []);
        if (!request.IsPlanOnly)
        {
            await new VmChange(
                vm, new Dictionary<string, string>(StringComparer.Ordinal), [entry.Key], HookPlan.Nothing, steps)
                .RunAsync(host, request.Source, progress, cancellationToken).ConfigureAwait(false);
        }

        return new ChangeResult(plan, []);
    }
}

/// <summary>Asks that a vGPU be taken out of a VM's configuration.</summary>
public sealed record RemoveVmVgpuRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>The entry: <c>hostpciN</c> or N; null for the only vGPU of the VM.</summary>
    public string? Entry { get; init; }
}
