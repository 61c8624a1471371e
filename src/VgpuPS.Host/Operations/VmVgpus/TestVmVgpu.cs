using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Says what a start of a VM would do now, by the hook's own plan; changes nothing.</summary>
internal sealed class TestVmVgpu(HostPorts host)
{
    /// <summary>Makes the plan; a start that would be refused is a result, not an exception.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such VM on this node.</exception>
    /// <exception cref="VgpuException">The VM cannot be looked up.</exception>
    public VmVgpuTestInfo Run(TestVmVgpuRequest request)
    {
        var vm = VmFinder.Find(host, request.Vm);
        var result = new VmVgpuTestInfo
        {
            VmId = vm.Id.Value,
            VmName = vm.Config.Name,
            Passed = false,
            HasHook = vm.Config.HookScript is { } volume && new SnippetStorages(host).HoldsHook(volume),
            Overcommitment = vm.Config.NextHostPci.Any(n => n.Mdev is not null)
                ? Overcommitment.Find(host with { Warn = _ => { } }, vm.Id) : null,
        };
        try
        {
            vm.RequireNoTemplate();
            vm.RequireUnlocked();
            var plan = new PlanVmStart(host).Run(new PlanVmStartRequest(vm.Id));
            result = result with { HasVgpu = plan.HasVgpu, Steps = plan.Steps, IsComplete = plan.IsComplete };
            return result.HasHook || !plan.HasVgpu || plan.Steps.Count == 0 ? result with { Passed = true }
                : result with
                {
                    ErrorId = ErrorIds.HookscriptUnusable,
                    Message = $"{vm.Label} has no vGPU hook, so nothing executes these steps when it starts",
                    RecommendedAction = $"register the hook: Register-VgpuHook -VmId {vm.Id}",
                };
        }
        catch (VgpuException e)
        {
            return result with
            {
                HasVgpu = vm.Config.NextHostPci.Any(n => n.Mdev is not null),
                ErrorId = e.ErrorId,
                Message = e.Message,
                RecommendedAction = e.RecommendedAction,
            };
        }
    }
}

/// <summary>Asks what a start of a VM would do now, or why it would fail.</summary>
public sealed record TestVmVgpuRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }
}
