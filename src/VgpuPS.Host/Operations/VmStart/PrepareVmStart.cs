using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// Makes sure, before a VM starts, that everything under its vGPUs exists: MIG mode, functions, GPU and compute
/// instance, mediated device or vGPU type. Idempotent; what is right already is used; a failure leaves the host as it
/// was.
/// </summary>
/// <remarks>Source: design.md section 4, pre-start; facts/proxmox.md (a): nothing has looked at PCI devices
/// yet.</remarks>
/// <param name="host">The host.</param>
/// <param name="notify">Notified of what was done before it counts; where it fails, that is undone.</param>
public sealed class PrepareVmStart(HostPorts host, Action<IReadOnlyList<string>>? notify = null)
{
    private const string Source = "hook";
    private const int AttemptsAtLeast = 3;
    private const int MaxRounds = 3;

    // Proxmox reserves what it walks over for 15 s.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(16);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_maxPause = TimeSpan.FromSeconds(2);

    /// <summary>Prepares the VM's vGPUs.</summary>
    /// <exception cref="VgpuException">The start cannot be served; nothing this run made is left.</exception>
    public async Task RunAsync(PrepareVmStartRequest request, CancellationToken cancellationToken)
    {
        var settings = host.Settings.Load();
        if (!AsksForVgpu(settings, request))
        {
            await ReleaseEarlierAsync(request.Vm, cancellationToken).ConfigureAwait(false);
            return;
        }

        StartRules.RequireIommu(host);
        var since = host.Clock.GetTimestamp();
        for (var (attempt, pause) = (0, s_firstPause); ; attempt++)
        {
            if (await TryAsync(settings, request, attempt, since, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            // Without the host lock: the VM that is starting needs it for its post-start, which may free what is
            // missing.
            await Task.Delay(pause, host.Clock, cancellationToken).ConfigureAwait(false);
            pause = pause < s_maxPause ? 2 * pause : pause;
        }
    }

    /// <summary>
    /// Prepares the VM under the host lock; false when capacity may come yet, as another VM is starting.
    /// </summary>
    private async Task<bool> TryAsync(
        HookSettings settings, PrepareVmStartRequest request, int attempt, long since,
        CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.Lock.AcquireAsync($"VM {request.Vm} pre-start", wait, cancellationToken)
            .ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            var requests = VmRequestReader.Read(host, settings, request.Vm, request.MigratedFrom);
            if (requests.Requests.Count == 0)
            {
                return true;
            }

            try
            {
                await PrepareAsync(requests, settings, request.Vm, attempt == 0, cancellationToken)
                    .ConfigureAwait(false);
                return true;
            }
            catch (VgpuException e) when (MayComeYet(e, request.Vm, attempt, since))
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Whether what is missing may be there soon: another VM is starting, for which Proxmox reserves for 15 s whatever
    /// it walks over, and which may leave what it does not take; or this VM's QEMU has just ended. Where the driver
    /// refused what it had just offered, it was given to another VM in between, and is looked for again in any case.
    /// </summary>
    /// <remarks>Source: facts/proxmox-reservations.md, point 2 and row S3; facts/proxmox.md (e).</remarks>
    private bool MayComeYet(VgpuException refusal, VmId vm, int attempt, long since)
    {
        if (refusal.ErrorId == ErrorIds.VgpuStillOpen)
        {
            return host.Clock.GetElapsedTime(since) < s_timeout;
        }

        if (refusal.ErrorId is not (ErrorIds.NoFreePlacement or ErrorIds.TypeNotCreatable or ErrorIds.NoFreeFunction
            or ErrorIds.FunctionHeld) || host.Clock.GetElapsedTime(since) >= s_timeout)
        {
            return false;
        }

        var isTaken = refusal.ErrorId == ErrorIds.TypeNotCreatable && refusal.Target is { } target
            && PciAddress.TryParse(target, out var function)
            && host.Devices.FindFunction(function) is { IsShared: false };
        return (isTaken && attempt < AttemptsAtLeast) || IsAnotherStarting(vm);
    }

    /// <summary>Whether a VM that has something of this host's GPUs has not got as far as QEMU.</summary>
    private bool IsAnotherStarting(VmId vm)
    {
        var reservations = host.Proxmox.GetReservations().Where(r => r.Vm != vm && !r.IsByProcess).ToList();
        var vms = host.Claims.Load().Claims.Select(c => c.Vm).Concat(reservations.Select(r => r.Vm))
            .Where(v => v != vm);
        return vms.Distinct().Any(v => !host.Proxmox.IsRunning(v)
            ? host.Proxmox.IsLocked(v) || reservations.Exists(r => r.Vm == v && r.IsHeld)
            : host.Proxmox.IsLocked(v));
    }

    /// <summary>
    /// Whether the VM needs the lock at all. A refusal waits until it is had: meanwhile a tool that outlived a killed
    /// run may have the GPU without its driver or functions.
    /// </summary>
    private bool AsksForVgpu(HookSettings settings, PrepareVmStartRequest request)
    {
        var warnings = new List<string>();
        try
        {
            var quiet = host with { Warn = warnings.Add };
            if (VmRequestReader.Read(quiet, settings, request.Vm, request.MigratedFrom).Requests.Count > 0)
            {
                return true;
            }
        }
        catch (VgpuException e) when (e is not (UnreadableDataException
            or ObjectNotFoundException { ErrorId: ErrorIds.VmNotFound }))
        {
            return true;
        }

        warnings.ForEach(host.Warn);
        return false;
    }

    /// <summary>A VM that requests no vGPU any more releases what it had, if its post-stop did not come.</summary>
    private async Task ReleaseEarlierAsync(VmId vm, CancellationToken cancellationToken)
    {
        try
        {
            if (host.Claims.Load().Claims.Any(c => c.Vm == vm))
            {
                await new ReleaseVm(host)
                    .RunAsync(new ReleaseVmRequest(vm, IsUndo: true), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (VgpuException e)
        {
            host.Warn($"the orphaned objects of VM {vm}'s earlier vGPU are not released: {e.Message}");
        }
    }

    private async Task PrepareAsync(
        VmRequests requests, HookSettings settings, VmId vm, bool isFirst, CancellationToken cancellationToken)
    {
        var book = ClaimBook.Open(host);
        var executor = new Executor(host, Source)
        {
            Vm = vm.Value,
            Limit = TimeSpan.FromSeconds(settings.TimeoutSeconds),
        };
        using var runner = new StepRunner(host, book, executor);
        await new ClaimSweeper(host, book, Source).SweepAsync(vm, cancellationToken).ConfigureAwait(false);
        await ReclaimForOthersAsync(runner, book, requests, settings, cancellationToken).ConfigureAwait(false);
        var before = book.File.Claims.Where(c => c.Vm == vm).ToList();
        if (isFirst)
        {
            book.KeepDemand(RequestedDemand.Learn(runner.Driver, book.File, requests).Demand);
        }

        try
        {
            await executor.RunOrUndoAsync(async () =>
            {
                await ExecuteAsync(executor, runner, book, requests, settings, cancellationToken).ConfigureAwait(false);
                notify?.Invoke([.. executor.Done]);
                return true;
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is VgpuException or OperationCanceledException)
        {
            Restore(book, vm, before, teaches: isFirst && e is CapacityException { ErrorId: ErrorIds.NoFreePlacement });
            throw;
        }
    }

    /// <summary>
    /// Plans, and executes the plan. A plan that enables MIG mode or functions ends there, and one whose function the
    /// driver refuses or another VM takes meanwhile ends there too: the rest is planned from what is there then.
    /// </summary>
    private Task ExecuteAsync(
        Executor executor, StepRunner runner, ClaimBook book, VmRequests requests, HookSettings settings,
        CancellationToken cancellationToken)
    {
        var refused = new Dictionary<PciAddress, VgpuException>();
        var enabled = new HashSet<PciAddress>();
        return executor.ConvergeAsync(() => Task.FromResult(PlanOrKeep()), MaxRounds, cancellationToken);

        Round PlanOrKeep()
        {
            try
            {
                return Plan();
            }
            catch (HostNotReadyException e) when (e.ErrorId == ErrorIds.MappingNotFound && enabled.Count > 0)
            {
                throw KeepEnabled(executor, e, enabled);
            }
        }

        Round Plan()
        {
            var input = StartReader.Read(host, runner.Driver, requests, settings, book.File) with { Refused = refused };
            var (plan, isLast) = StartRules.Plan(host, requests, input);
            enabled.UnionWith(plan.Steps.OfType<EnableFunctionsStep>().Select(s => s.Gpu)
                .Except(plan.Steps.OfType<DisableFunctionsStep>().Select(s => s.Gpu)));
            var vm = new VmId(executor.Vm!.Value);
            if (plan.Claims.Count > 0 && !SameClaims(book, vm, plan))
            {
                book.Put(vm, plan.Claims);
            }

            var cycled = input.Gpus.Where(g => plan.Steps.Any(s => s is DisableFunctionsStep && s.Gpu == g.Address))
                .Select(g => (g.Gpu, Mapped: MappedFunctions.Find(host, g.Gpu))).ToList();
            return new Round(isLast ? $"VM {vm}" : $"GPU {plan.Steps[^1].Gpu}", runner.Bind(plan.Steps), isLast)
            {
                Refused = e =>
                {
                    if (e.Function is { } function)
                    {
                        refused[function] = e.Reason;
                    }
                },
                Ended = () => cycled.ForEach(c => MappedFunctions.Compare(c.Mapped, MappedFunctions.Find(host, c.Gpu))),
            };
        }
    }

    /// <summary>
    /// A mapping that does not match is corrected by comparing it with functions that exist: those that this start
    /// enabled stay, and the next one need not enable them again.
    /// </summary>
    private static HostNotReadyException KeepEnabled(
        Executor executor, HostNotReadyException refusal, IReadOnlyCollection<PciAddress> gpus)
    {
        foreach (var gpu in gpus)
        {
            executor.Keep(gpu);
        }

        return new HostNotReadyException(
            refusal.ErrorId,
            $"{refusal.Message}; the virtual functions of GPU {string.Join(", GPU ", gpus.Order())}, enabled for this "
                + "start, stay enabled so that it can be compared",
            refusal.RecommendedAction, refusal.Target, refusal);
    }

    private static bool SameClaims(ClaimBook book, VmId vm, StartPlan plan)
    {
        var old = book.File.Claims.Where(c => c.Vm == vm).ToList();
        return old.Count == plan.Claims.Count && old.Zip(plan.Claims).All(p =>
            p.First with { Candidates = [] } == p.Second with { Candidates = [] }
            && p.First.Candidates.SequenceEqual(p.Second.Candidates));
    }

    /// <summary>Idle instances on the candidates' GPUs that this start cannot use make way for it first.</summary>
    private async Task ReclaimForOthersAsync(
        StepRunner runner, ClaimBook book, VmRequests requests, HookSettings settings,
        CancellationToken cancellationToken)
    {
        var reclaimer = new InstanceReclaimer(host, book, settings, Source);
        var candidates = requests.Requests.SelectMany(r => r.Candidates).Select(c => c.Gpu).ToHashSet();
        var gpus = reclaimer.Gpus.Where(candidates.Contains).ToList();
        if (gpus.Count == 0)
        {
            return;
        }

        if (settings.Reclaim == ReclaimPolicy.Never)
        {
            reclaimer.ConvergeAll(runner.Driver, gpus);
            return;
        }

        var wanted = requests.Requests
            .SelectMany(r => r.Candidates.Select(c => c.Gpu).Distinct()
                .Select(g => (Gpu: g, runner.Driver.FindType(g, r.Type)?.Profile))).ToHashSet();
        try
        {
            await reclaimer.ReclaimAsync(
                runner.Driver, gpus, (gpu, profile) => wanted.Contains((gpu, profile)), TimeSpan.Zero,
                cancellationToken)
                .ConfigureAwait(false);
        }
        catch (VgpuException e)
        {
            // Whether this start can do without is for the plan to say.
            host.Warn($"an idle instance was not released: {e.Message}; the next sweep tries again");
        }
    }

    /// <summary>A refusal writes nothing where nothing has changed; what did not fit still counts as demand.</summary>
    private void Restore(ClaimBook book, VmId vm, IReadOnlyList<VgpuClaim> before, bool teaches)
    {
        if (!teaches && book.IsWritten && book.File.Claims.Where(c => c.Vm == vm).SequenceEqual(before))
        {
            return;
        }

        try
        {
            book.Put(vm, before);
        }
        catch (VgpuException e)
        {
            host.Warn($"the claims of VM {vm} could not be restored ({e.Message}); the next sweep drops them");
        }
    }
}

/// <summary>A VM is about to start.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="MigratedFrom">Node that an incoming live migration comes from; null or empty on a normal start.</param>
public sealed record PrepareVmStartRequest(VmId Vm, string? MigratedFrom);

/// <summary>What a VM's configuration requests.</summary>
/// <param name="Config">The configuration as Proxmox reads it.</param>
/// <param name="Generation">The Proxmox that reads it.</param>
/// <param name="Requests">The vGPUs, ascending entry; none for a VM without.</param>
/// <param name="Mappings">Mappings among them that the kernel's devices must match before Proxmox accepts any
/// entry.</param>
internal sealed record VmRequests(
    VmConfig Config, PveGeneration Generation, IReadOnlyList<VmVgpuRequest> Requests,
    IReadOnlyList<PciMapping> Mappings);
