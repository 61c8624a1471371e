namespace VgpuPS.Host.Operations.Hook;

/// <summary>Puts our hook on a VM; another hookscript of it is chained, and runs as before.</summary>
internal sealed class RegisterVgpuHook(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        RegisterVgpuHookRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, request.Vm);
        var hook = new HookPlanner(host, host.Settings.Load()).Plan(vm, request.Storage);
        if (hook.Volume is not null)
        {
            vm.RequireUnlocked();
        }

        var plan = new ChangePlan(vm.Label, hook.Steps, []) { AlreadySo = $"{vm.Label} has the hook" };
        var change = new VmChange(vm, new Dictionary<string, string>(StringComparer.Ordinal), [], hook, plan.Steps);
        if (request.IsPlanOnly)
        {
            return new ChangeResult(plan, []) { Foreseen = change.Foresee() };
        }

        await change.RunAsync(host, request.Source, progress, cancellationToken).ConfigureAwait(false);
        return new ChangeResult(plan, [new ChangedObject { VmId = vm.Id.Value }]);
    }
}

/// <summary>Requests our hook on a VM.</summary>
public sealed record RegisterVgpuHookRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>Storage for the hook; null for the one that has it already, else <c>local</c>, else the first that
    /// can.</summary>
    public string? Storage { get; init; }
}
