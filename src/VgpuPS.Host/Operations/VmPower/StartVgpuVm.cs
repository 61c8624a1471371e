using VgpuPS.Core.Steps;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.VmPower;

/// <summary>Starts a VM with <c>qm</c>, and waits until it runs.</summary>
internal sealed class StartVgpuVm(HostPorts host)
{
    /// <summary>Plans it, what the hook will do included, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be started; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        StartVgpuVmRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, request.Vm);
        vm.RequireNoTemplate();
        ChangedObject[] changed = [new ChangedObject { VmId = vm.Id.Value }];
        if (vm.IsRunning)
        {
            return new ChangeResult(
                new ChangePlan(vm.Label, [], []) { AlreadySo = $"{vm.Label} runs" }, changed);
        }

        // A start is what ends a hibernation.
        if (vm.Config.Lock != "suspended")
        {
            vm.RequireUnlocked();
        }

        var isManaged = host.Proxmox.ReadHighAvailability().Vms.Contains(vm.Id);
        var (texts, foreseen) = PlanHook(vm);
        texts.Add($"start {vm.Label}" + (isManaged ? " by HA, which may choose another node" : ""));
        var plan = new ChangePlan(vm.Label, texts, []);
        if (request.IsPlanOnly)
        {
            return new ChangeResult(plan, []) { Foreseen = foreseen };
        }

        var limit = TimeSpan.FromSeconds(request.TimeoutSeconds);
        var executor = new Executor(host, request.Source, progress) { Vm = vm.Id.Value };
        await executor.RunAsync(
            [
                new ChangeStep(texts, async token =>
                {
                    var began = host.Clock.GetTimestamp();
                    await host.Power.StartAsync(vm.Id, vm.Label, limit, token).ConfigureAwait(false);
                    await new VmWait(host, vm, isManaged)
                        .ForAsync(isRunning: true, limit - host.Clock.GetElapsedTime(began), token)
                        .ConfigureAwait(false);
                }) { Event = new StepEvent("startVm", $"VM {vm.Id}", "stopped", "running") },
            ],
            cancellationToken).ConfigureAwait(false);
        return new ChangeResult(plan, changed);
    }

    /// <summary>What the hook will do; a start that it would refuse is refused before.</summary>
    private (List<string> Texts, ForeseenChange? Foreseen) PlanHook(VmSubject vm)
    {
        var hasHook = vm.Config.AtNextStart.HookScript is { } volume && new SnippetStorages(host).HoldsHook(volume);
        if (!hasHook)
        {
            return ([], null);
        }

        var plan = new PlanVmStart(host).Run(new PlanVmStartRequest(vm.Id));
        return ([.. plan.Steps], plan.Foreseen);
    }
}

/// <summary>Asks that a VM be started.</summary>
public sealed record StartVgpuVmRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>How long the start is waited for, in seconds.</summary>
    public int TimeoutSeconds { get; set; } = 300;
}
