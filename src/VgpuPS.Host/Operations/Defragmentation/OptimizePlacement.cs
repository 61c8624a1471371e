using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Defragmentation;

/// <summary>Restarts the fewest VMs so that a profile or type fits, each with its vGPU where it is in the way of
/// nothing.</summary>
/// <remarks>Source: planner.md 5; design.md, section 9.</remarks>
internal sealed class OptimizePlacement(HostPorts host)
{
    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="CapacityException">It cannot fit, or not with so few restarts.</exception>
    /// <exception cref="VgpuException">A VM did not stop or start, or was not given the place that was
    /// planned.</exception>
    public async Task<ChangeResult> RunAsync(
        OptimizePlacementRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        if (request.MaximumRestarts < 0 || request.TimeoutSeconds < 1)
        {
            throw new InvalidRequestException(
                ErrorIds.CountOutOfRange,
                request.MaximumRestarts < 0 ? $"{request.MaximumRestarts} restarts are not possible"
                    : $"a guest needs at least 1 second to shut down, not {request.TimeoutSeconds}",
                "allow some: -MaximumRestarts 3 -TimeoutSeconds 180");
        }

        host.ConfigWriter.RequireProxmox();
        if (request.IsPlanOnly)
        {
            return new ChangeResult(Decide(request).Plan, []);
        }

        var settings = host.Settings.Load();
        var wait = TimeSpan.FromSeconds(settings.LockTimeoutSeconds);
        var held = await host.AssignmentLock.AcquireAsync(request.Source, wait, cancellationToken)
            .ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            var decision = Decide(request);
            RequireSame(decision.Plan, request.Confirmed);
            await new RestartRunner(host, settings, request, decision, progress).RunAsync(cancellationToken)
                .ConfigureAwait(false);
            return new ChangeResult(decision.Plan, decision.Objects);
        }
    }

    private RestartDecision Decide(OptimizePlacementRequest request)
    {
        var left = FindLeft();
        if (left.Count > 0)
        {
            return RestartDecision.ToStart(left, request);
        }

        var settings = host.Settings.Load();
        var file = host.Claims.Load();
        using var driver = host.Driver.Open();
        var reader = new GpuReader(host, driver, file, settings);
        var gpus = reader.Gpus.Select(reader.Read).ToList();
        var goal = PlacementGoal.Find(reader, gpus, request);
        var excluded = request.ExcludedVms.Select(v => VmFinder.Find(host, v).Id).ToHashSet();
        var candidates = RestartCandidates.Find(host, settings, file, gpus, excluded);
        var held = reader.Reservations.Where(r => r.IsHeld && !candidates.Vms.Any(v => v.Vm == r.Vm))
            .Select(r => r.Function).ToHashSet();
        var search = new Search(request, goal, candidates, held);
        return goal.IsTimeSliced ? DecideTimeSliced(search, gpus)
            : DecideInstances(search, gpus, settings, file);
    }

    private RestartDecision DecideInstances(
        Search search, List<ManagedGpu> gpus, HookSettings settings, ClaimFile file)
    {
        var (request, goal, candidates, held) = search;
        var restarts = new InstanceRestarts(
            goal, candidates, gpus.Select(g => WithoutIdle(g, candidates, settings, file)), held,
            new PlacementRanking(settings, file));
        if (restarts.FindFit() is { } fit)
        {
            return RestartDecision.Nothing($"{goal.Name} fits already: {fit}");
        }

        var (outcome, place, sequence) = restarts.Find(request.MaximumRestarts);
        return outcome.IsImpossible ? throw RestartRefusals.Impossible(goal, candidates)
            : sequence is null ? throw RestartRefusals.NotFound(search.Goal, candidates, request, outcome.IsExact)
            : RestartDecision.Of(
                goal, candidates, place!, sequence, outcome.IsExact, DescribeLayout(gpus, sequence));
    }

    private static RestartDecision DecideTimeSliced(Search search, List<ManagedGpu> gpus)
    {
        var (request, goal, candidates, held) = search;
        var targets = goal.Targets.Select(t => t.Gpu).ToList();
        var type = goal.Targets[0].Type!.Id;
        if (targets.FirstOrDefault(g => TimeSlicedRestarts.Fits(g, type)) is { } free)
        {
            return RestartDecision.Nothing($"{goal.Name} fits already: on {free.Text}");
        }

        var alike = gpus.Where(g => !g.MigIsOn && g.Types.ContainsKey(type)).ToList();
        if (!TimeSlicedRestarts.MayFit(alike, type))
        {
            throw RestartRefusals.Impossible(goal, candidates);
        }

        return TimeSlicedRestarts.Find(
            gpus, held, candidates.Vms, type, targets.Select(g => g.Address).ToHashSet(), request.MaximumRestarts)
            is var (gpu, sequence)
            ? RestartDecision.Of(
                goal, candidates, new PlacedGoal(gpus.First(g => g.Address == gpu), null), sequence, isFewest: true, [])
            : throw RestartRefusals.NotFound(goal, candidates, request, isExact: true);
    }

    /// <summary>The GPU without instances that the hook made and that the next sweep or start destroys.</summary>
    private static ManagedGpu WithoutIdle(
        ManagedGpu gpu, RestartCandidates candidates, HookSettings settings, ClaimFile file) =>
        settings.Reclaim == ReclaimPolicy.Never ? gpu : gpu with
        {
            Instances =
            [
                .. gpu.Instances.Where(i => !candidates.IsHookManaged(gpu, i) || gpu.IsUsed(i)
                    || file.Claims.Any(c => c.State != ClaimState.Live
                        && gpu.Types.GetValueOrDefault(c.Type)?.Profile == i.Profile)),
            ],
        };

    /// <summary>VMs that an earlier run stopped and that nobody has started since.</summary>
    private List<VmSubject> FindLeft()
    {
        var here = host.Proxmox.GetVms();
        return [.. host.Restarts.Load().Vms.Where(v => here.Contains(v) && !host.Proxmox.IsRunning(v))
            .Select(v => VmFinder.Read(host, v))];
    }

    /// <summary>What the next boot makes of instances that a saved layout names where they are now.</summary>
    private List<string> DescribeLayout(List<ManagedGpu> gpus, RestartSequence sequence)
    {
        if (host.Layout.Load() is not { } layout)
        {
            return [];
        }

        var named = sequence.Steps.OfType<Core.Steps.ReleaseInstanceStep>().Where(s => layout.Gpus.Any(
            l => GpuMatch.Matches(l.Gpu, gpus.First(g => g.Address == s.Gpu))
                && l.Instances?.Any(i => i.Profile == s.Profile && i.Placement == s.Instance.Placement.ToString())
                    == true));
        return
        [
            .. named.Select(s =>
                $"the saved layout names {s.Profile} at {s.Instance.Placement} of GPU {s.Gpu}, which the next boot "
                    + $"creates again: save it with Export-VgpuLayout -Save"),
        ];
    }

    private static void RequireSame(ChangePlan plan, ChangePlan? confirmed)
    {
        if (confirmed is { Steps.Count: > 0 } && !confirmed.Steps.SequenceEqual(plan.Steps, StringComparer.Ordinal))
        {
            throw new ResourceBusyException(
                ErrorIds.PlanChanged,
                $"{confirmed.Target} has changed since the plan was computed: other VMs or places would be used now",
                "see the new plan with -WhatIf, and run the command again", confirmed.Target);
        }
    }

    private sealed record Search(
        OptimizePlacementRequest Request, PlacementGoal Goal, RestartCandidates Candidates,
        IReadOnlySet<PciAddress> Held);
}

/// <summary>Asks that VMs be restarted so that something fits.</summary>
public sealed record OptimizePlacementRequest : ChangeRequest
{
    /// <summary>Profile that shall fit, by name or number; null where a type is named.</summary>
    public string? Profile { get; init; }

    /// <summary>vGPU type that shall fit; null where a profile is named.</summary>
    public string? Type { get; init; }

    /// <summary>GPUs on which it shall fit; none for any.</summary>
    public IReadOnlyList<string> Gpus { get; set; } = [];

    /// <summary>VMs that are not restarted, by number or name.</summary>
    public IReadOnlyList<string> ExcludedVms { get; set; } = [];

    /// <summary>The most VMs that are restarted.</summary>
    public int MaximumRestarts { get; set; } = 3;

    /// <summary>How long a guest has to shut down, in seconds.</summary>
    public int TimeoutSeconds { get; set; } = 180;
}
