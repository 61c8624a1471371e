using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Defragmentation;

/// <summary>
/// Carries restarts out. Whatever fails while VMs are stopped, they are started again; those that were moved before
/// stay where they are. A VM is remembered from before it stops until it runs, for a run that is killed in between.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="settings">The hook's settings.</param>
/// <param name="request">What was asked.</param>
/// <param name="decision">What is done.</param>
/// <param name="progress">Notified when a step begins.</param>
internal sealed class RestartRunner(
    HostPorts host, HookSettings settings, OptimizePlacementRequest request, RestartDecision decision,
    IProgress<StepProgress> progress)
{
    // As Start-VgpuVm without -TimeoutSeconds.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private int _moved;

    /// <summary>Does all steps.</summary>
    /// <exception cref="VgpuException">One failed; a warning says what was done and what is left.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var begun = 0;
        foreach (var phase in FindPhases())
        {
            var executor = new Executor(host, request.Source, new Offset(progress, begun, decision.Steps.Count))
            {
                Expected = decision.Steps.Count - begun,
            };
            try
            {
                await executor.RunAsync([.. phase.Select(s => Bind(s.Step, s.Text, executor))], cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (Exception e) when (e is VgpuException or OperationCanceledException)
            {
                SayWhatIsLeft();
                throw;
            }

            begun += phase.Count;
        }
    }

    /// <summary>Steps up to where no VM is stopped: what fails in one undoes that one.</summary>
    private List<List<(RestartStep Step, string Text)>> FindPhases()
    {
        List<List<(RestartStep, string)>> phases = [[]];
        var stopped = new HashSet<VmId>();
        foreach (var (step, text) in decision.Steps)
        {
            phases[^1].Add((step, text));
            if (step is StopVmStep stop)
            {
                stopped.Add(stop.Vm);
            }

            if (step is StartVmStep start && (stopped.Remove(start.Vm) || stopped.Count == 0) && stopped.Count == 0)
            {
                phases.Add([]);
            }
        }

        phases.RemoveAll(p => p.Count == 0);
        return phases;
    }

    private ChangeStep Bind(RestartStep step, string text, Executor executor) => step switch
    {
        StopVmStep s => new ChangeStep(text, "stopVm", $"VM {s.Vm}", token => StopAsync(s.Vm, executor, token)),
        ReleaseInstanceStep s => new ChangeStep([text], token => ReleaseAsync(s, token)),
        ReserveInstanceStep s => new ChangeStep([text], token => ReserveAsync(s, executor, token)),
        StartVmStep s => new ChangeStep(text, "startVm", $"VM {s.Vm}", token => StartAsync(s, token)),
        _ => throw new InvalidOperationException($"no executor for {step.GetType().Name}"),
    };

    private async Task StopAsync(VmId vm, Executor executor, CancellationToken cancellationToken)
    {
        host.Restarts.Mark(vm, isStopped: true);
        executor.OnUndo(_ => StartAgainAsync(vm));
        try
        {
            await host.Power.ShutdownAsync(
                vm, decision.Label(vm), TimeSpan.FromSeconds(request.TimeoutSeconds), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            if (host.Proxmox.IsRunning(vm))
            {
                host.Restarts.Mark(vm, isStopped: false);
            }
        }

        if (host.Proxmox.IsRunning(vm))
        {
            throw new HostCommandException(
                ErrorIds.ReadBackMismatch, $"qm shutdown {vm} reported success, and {decision.Label(vm)} still runs",
                $"look at it: qm status {vm} --verbose; pvesh get /cluster/tasks", $"qm shutdown {vm}", 0, "",
                vm.ToString());
        }
    }

    /// <summary>A VM that was stopped in vain runs again, wherever its hook has a place for it.</summary>
    private async Task StartAgainAsync(VmId vm)
    {
        if (!host.Proxmox.IsRunning(vm))
        {
            try
            {
                await host.Power.StartAsync(vm, decision.Label(vm), s_startLimit, CancellationToken.None)
                    .ConfigureAwait(false);
            }
            catch (VgpuException e)
            {
                host.Warn($"{decision.Label(vm)} is stopped, and could not be started again: {e.Message}; "
                    + $"start it: Start-VgpuVm {vm}");
                return;
            }
        }

        host.Restarts.Mark(vm, isStopped: false);
    }

    /// <summary>What the hook's post-stop does, and may not have done yet: then the instance is destroyed.</summary>
    /// <remarks>Source: facts/proxmox.md (a): post-stop may come late, twice or never.</remarks>
    private Task ReleaseAsync(ReleaseInstanceStep step, CancellationToken cancellationToken) =>
        UnderLockAsync(async (book, runner, executor) =>
        {
            var sweeper = new ClaimSweeper(host, book, request.Source);
            foreach (var vm in step.Vms)
            {
                var released = await sweeper.ReleaseAsync(vm, mayHold: false, cancellationToken).ConfigureAwait(false);
                if (released == ReleaseVmResult.Deferred)
                {
                    throw new ResourceBusyException(
                        ErrorIds.ResourceBusy,
                        $"{decision.Label(vm)} has stopped, and its vGPU on GPU {step.Gpu} is still in use",
                        "see what has it open: fuser -v /dev/vfio/*; then run the command again", step.Gpu.ToString());
                }
            }

            await ReclaimAsync(book, runner, step.Gpu, cancellationToken).ConfigureAwait(false);
            if (runner.Driver.GetInstances(step.Gpu).FirstOrDefault(i => i.Placement == step.Instance.Placement
                && i.Profile == step.Instance.Profile) is { } instance)
            {
                await executor.RunAsync(
                    runner.Bind([new DestroyInstanceStep(step.Gpu, instance, step.Profile)]), cancellationToken)
                    .ConfigureAwait(false);
            }
        }, cancellationToken);

    private async Task ReserveAsync(ReserveInstanceStep step, Executor outer, CancellationToken cancellationToken)
    {
        outer.OnUndo(token => UnderLockAsync(async (book, runner, _) =>
        {
            step.Vms.Where(v => !host.Proxmox.IsRunning(v)).ToList().ForEach(book.Drop);
            await ReclaimAsync(book, runner, step.Gpu, token).ConfigureAwait(false);
        }, token));
        await UnderLockAsync(async (book, runner, executor) =>
        {
            await ReclaimAsync(book, runner, step.Gpu, cancellationToken).ConfigureAwait(false);
            await executor.RunAsync(
                runner.Bind(
                [
                    new CreateInstanceStep(
                        step.Gpu, step.Profile, step.Window,
                        settings.ComputeInstance == ComputeInstancePolicy.Full,
                        $"reserved for {VmNotes.Join(step.Vms)}"),
                ]), cancellationToken).ConfigureAwait(false);
            Claim(step, book);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Until the VM has started, no other start and no sweep takes what is made for it.</summary>
    private void Claim(ReserveInstanceStep step, ClaimBook book)
    {
        var gpu = host.Devices.GetGpus().First(g => g.Address == step.Gpu);
        var until = ClaimSweeper.Milliseconds(host.Clock) + (long)ClaimSweeper.HoldTime.TotalMilliseconds;
        foreach (var vm in step.Vms)
        {
            var requests = VmRequestReader.ReadNext(host, settings, vm, new SharedInputs(host)).Requests;
            var claims = requests.Select(r => new VgpuClaim(
                vm, r.Entry, r.Type, ClaimState.Held,
                [
                    .. r.Candidates.Where(c => requests.Count > 1 || c.Gpu == gpu.Address).Select(c => c.Address),
                ],
                HeldUntil: until));
            book.Put(vm, claims);
        }
    }

    private async Task StartAsync(StartVmStep step, CancellationToken cancellationToken)
    {
        var label = decision.Label(step.Vm);
        if (!host.Proxmox.IsRunning(step.Vm))
        {
            await host.Power.StartAsync(step.Vm, label, s_startLimit, cancellationToken).ConfigureAwait(false);
        }

        if (!host.Proxmox.IsRunning(step.Vm))
        {
            throw new HostCommandException(
                ErrorIds.ReadBackMismatch, $"qm start {step.Vm} reported success, and {label} does not run",
                $"look at it: qm status {step.Vm} --verbose; pvesh get /cluster/tasks", $"qm start {step.Vm}", 0, "",
                step.Vm.ToString());
        }

        host.Restarts.Mark(step.Vm, isStopped: false);
        if (step.Expected.Count > 0)
        {
            await RequirePlaceAsync(step, label, cancellationToken).ConfigureAwait(false);
            _moved++;
        }
    }

    /// <summary>Reads where the driver has the VM's vGPUs, as soon as it has them.</summary>
    private async Task RequirePlaceAsync(StartVmStep step, string label, CancellationToken cancellationToken)
    {
        var began = host.Clock.GetTimestamp();
        while (true)
        {
            var found = FindPlaces(step.Vm);
            if (found.Count == step.Expected.Count)
            {
                var wanted = step.Expected.Select(e => Describe(e.Type.ShortName, e.Gpu, e.Window));
                var missing = wanted.Except(found, StringComparer.Ordinal).ToList();
                if (missing.Count > 0)
                {
                    throw new CapacityException(
                        ErrorIds.PlacedElsewhere,
                        $"{label} was given {string.Join(" and ", found)}, and {string.Join(" and ", missing)} was "
                            + "planned: something else has changed the GPUs meanwhile",
                        $"see what is where (Get-Vgpu), then plan again: {RestartDecision.Command(request)}",
                        step.Vm.ToString());
                }

                return;
            }

            if (host.Clock.GetElapsedTime(began) > s_settle)
            {
                throw new CapacityException(
                    ErrorIds.PlacedElsewhere,
                    $"{label} runs, and the driver reports {found.Count} of its {step.Expected.Count} vGPUs",
                    $"see what is where (Get-Vgpu; journalctl -b -u nvidia-vgpu-mgr), then plan again: "
                        + RestartDecision.Command(request),
                    step.Vm.ToString());
            }

            await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private List<string> FindPlaces(VmId vm)
    {
        using var driver = host.Driver.Open();
        var reader = new GpuReader(host, driver, host.Claims.Load(), settings);
        return
        [
            .. reader.Gpus.Select(reader.Read).SelectMany(g => g.Vgpus.Where(v => v.Vm == vm && v.IsRunning)
                .Select(v => Describe(
                    v.TypeName, g.Address,
                    v.Instance is { } id ? g.Instances.FirstOrDefault(i => i.Id == id)?.Placement : null))),
        ];
    }

    private static string Describe(string type, PciAddress gpu, Placement? window) =>
        $"{type} on GPU {gpu}" + (window is { } at ? $" at {at}" : "");

    private Task ReclaimAsync(
        ClaimBook book, StepRunner runner, PciAddress gpu, CancellationToken cancellationToken) =>
        settings.Reclaim == ReclaimPolicy.Never ? Task.CompletedTask
            : new InstanceReclaimer(host, book, settings, request.Source)
                .ReclaimAsync(runner.Driver, [gpu], null, TimeSpan.Zero, cancellationToken);

    /// <summary>Changes GPUs under the host lock, under which no VM is started or stopped.</summary>
    private async Task UnderLockAsync(
        Func<ClaimBook, StepRunner, Executor, Task> work, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync(request.Source, wait, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            var book = ClaimBook.Open(host);
            var executor = new Executor(host, request.Source);
            using var runner = new StepRunner(host, book, executor);
            await executor.RunOrUndoAsync(async () =>
            {
                await work(book, runner, executor).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
    }

    private void SayWhatIsLeft()
    {
        var total = decision.Steps.Count(s => s.Step is StopVmStep);
        var stopped = host.Restarts.Load().Vms;
        var start = stopped.Count == 0 ? ""
            : $"; stopped: {VmNotes.Join(stopped)} ({string.Join("; ", stopped.Select(v => $"Start-VgpuVm {v}"))})";
        host.Warn($"{_moved} of {total} VMs were moved{start}; to plan the rest: {RestartDecision.Command(request)}");
    }

    private sealed class Offset(IProgress<StepProgress> inner, int begun, int count) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) =>
            inner.Report(value with { Step = value.Step + begun, Count = Math.Max(count, value.Step + begun) });
    }
}
