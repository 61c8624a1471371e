namespace VgpuPS.Host.Operations.VmPower;

/// <summary>Shuts a VM down with <c>qm</c>, or ends it at once, and waits until it has stopped.</summary>
internal sealed class StopVgpuVm(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be stopped; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        StopVgpuVmRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, request.Vm);
        ChangedObject[] changed = [new ChangedObject { VmId = vm.Id.Value }];
        if (!vm.IsRunning)
        {
            return new ChangeResult(
                new ChangePlan(vm.Label, [], []) { AlreadySo = $"{vm.Label} does not run" }, changed);
        }

        vm.RequireUnlocked();
        var isManaged = host.Proxmox.ReadHighAvailability().Vms.Contains(vm.Id);
        var text = (request.Force ? $"stop {vm.Label} without its guest, which loses what it has not written"
            : $"shut down {vm.Label}") + (isManaged ? ", by HA, which keeps it stopped" : "");
        var plan = new ChangePlan(vm.Label, [text], []);
        if (request.IsPlanOnly)
        {
            return new ChangeResult(plan, []);
        }

        var limit = TimeSpan.FromSeconds(request.TimeoutSeconds);
        var executor = new Executor(host, request.Source, progress) { Vm = vm.Id.Value };
        await executor.RunAsync(
            [
                new ChangeStep(text, async token =>
                {
                    await (request.Force ? host.Power.StopAsync(vm.Id, vm.Label, limit, token)
                        : host.Power.ShutdownAsync(vm.Id, vm.Label, limit, token)).ConfigureAwait(false);
                    await new VmWait(host, vm, isManaged).ForAsync(isRunning: false, limit, token)
                        .ConfigureAwait(false);
                }) { Event = new StepEvent("stopVm", $"VM {vm.Id}", "running", "stopped") },
            ],
            cancellationToken).ConfigureAwait(false);
        return new ChangeResult(plan, changed);
    }
}

/// <summary>Asks that a VM be stopped.</summary>
public sealed record StopVgpuVmRequest : ChangeRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>Whether to end it without asking its guest.</summary>
    public bool Force { get; init; }

    /// <summary>How long the guest has to shut down, in seconds.</summary>
    public int TimeoutSeconds { get; set; } = 180;
}
