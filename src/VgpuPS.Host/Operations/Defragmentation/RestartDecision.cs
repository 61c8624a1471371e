using VgpuPS.Core.Capacity;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Defragmentation;

/// <summary>What is done, in steps that are said and carried out in this order.</summary>
/// <param name="Plan">The plan for display.</param>
/// <param name="Steps">Its steps, each with its sentence.</param>
internal sealed record RestartDecision(ChangePlan Plan, IReadOnlyList<(RestartStep Step, string Text)> Steps)
{
    /// <summary>VMs that start again, in order, with their rows.</summary>
    public IReadOnlyList<ChangedObject> Objects { get; init; } = [];

    /// <summary>VMs for display.</summary>
    public Func<VmId, string> Label { get; init; } = vm => $"VM {vm}";

    /// <summary>Nothing is to be done.</summary>
    public static RestartDecision Nothing(string why) => new(new ChangePlan(why, [], []) { AlreadySo = why }, []);

    /// <summary>VMs that an earlier run left stopped are started before anything is planned anew.</summary>
    public static RestartDecision ToStart(IReadOnlyList<VmSubject> left, OptimizePlacementRequest request)
    {
        var steps = left.Select(v => (
            (RestartStep)new StartVmStep(v.Id, []), $"start {v.Label}, which an earlier run stopped and left so"))
            .ToList();
        return new RestartDecision(
            new ChangePlan(VmNotes.Join(left.Select(v => v.Id)), [.. steps.Select(s => s.Item2)], [])
            {
                Afterwards = [$"nothing is moved yet; then plan again: {Command(request)}"],
            },
            steps)
        {
            Label = vm => left.First(v => v.Id == vm).Label,
        };
    }

    /// <summary>The restarts of a sequence.</summary>
    public static RestartDecision Of(
        PlacementGoal goal, RestartCandidates candidates, PlacedGoal place, RestartSequence sequence, bool isFewest,
        IReadOnlyList<string> notes)
    {
        var count = sequence.Vms.Count;
        var steps = sequence.Steps.Select(s => (s, Describe(s, sequence, candidates))).ToList();
        var gain = $"{goal.Name} fits {place.Text}, after {count} {(count == 1 ? "restart" : "restarts")}"
            + (isFewest ? ", the fewest that do" : "; fewer may do, as the search was bounded");
        return new RestartDecision(
            new ChangePlan(place.Gpu.Text, [.. steps.Select(s => s.Item2)], [])
            {
                Afterwards = [gain, .. notes],
            },
            steps)
        {
            Label = candidates.Label,
            Objects =
            [
                .. sequence.Vms.SelectMany((v, i) => Rows(v.Before, v.After, i, sequence, candidates, goal, place)),
            ],
        };
    }

    /// <summary>The command that asks for the same again.</summary>
    public static string Command(OptimizePlacementRequest request) => "Optimize-VgpuPlacement "
        + (request.Profile is { } profile ? $"-Profile {profile}" : $"-Type {request.Type}")
        + (request.Gpus.Count > 0 ? $" -Gpu {string.Join(",", request.Gpus)}" : "")
        + (request.ExcludedVms.Count > 0 ? $" -ExcludeVm {string.Join(",", request.ExcludedVms)}" : "");

    private static string Describe(RestartStep step, RestartSequence sequence, RestartCandidates candidates)
    {
        var order = sequence.Steps.OfType<StopVmStep>().ToList();
        return step switch
        {
            StopVmStep s => $"shut down {candidates.Label(s.Vm)}"
                + (order.Count == 1 ? "" : $", VM {order.IndexOf(s) + 1} of {order.Count}"),
            ReleaseInstanceStep s => new DestroyInstanceStep(s.Gpu, s.Instance, s.Profile).Text,
            ReserveInstanceStep s => $"create GPU instance {s.Profile.Name} at {s.Window}, GPU {s.Gpu}, reserved for "
                + VmNotes.Join(s.Vms),
            StartVmStep s => $"start {candidates.Label(s.Vm)}, which gets "
                + string.Join(" and ", s.Expected.Select(Describe)),
            _ => throw new InvalidOperationException($"no sentence for {step.GetType().Name}"),
        };
    }

    private static string Describe(ExpectedVgpu vgpu) =>
        $"{vgpu.Type.ShortName} on GPU {vgpu.Gpu}" + (vgpu.Window is { } window ? $" at {window}" : "");

    private static IEnumerable<ChangedObject> Rows(
        RestartableVm before, StartVmStep after, int order, RestartSequence sequence, RestartCandidates candidates,
        PlacementGoal goal, PlacedGoal place)
    {
        foreach (var (old, now) in before.Vgpus.OrderBy(v => v.Type.Id).Zip(after.Expected.OrderBy(e => e.Type.Id)))
        {
            var released = sequence.Steps.OfType<ReleaseInstanceStep>()
                .FirstOrDefault(s => s.Gpu == old.Gpu && s.Instance.Id == old.Active.GpuInstance);
            yield return new ChangedObject
            {
                VmId = before.Vm.Value,
                GpuAddress = now.Gpu.ToString(),
                Move = new VgpuMoveInfo
                {
                    VmId = before.Vm.Value,
                    VmName = candidates.NameOf(before.Vm),
                    VgpuType = old.Type.ShortName,
                    FromGpuAddress = old.Gpu.ToString(),
                    FromPlacement = released?.Instance.Placement.ToString(),
                    GpuAddress = now.Gpu.ToString(),
                    Placement = now.Window?.ToString(),
                    Number = order + 1,
                    Restarts = sequence.Vms.Count,
                    Gain = goal.Name,
                    GainGpuAddress = place.Gpu.Address.ToString(),
                    GainPlacement = place.Window?.ToString(),
                },
            };
        }
    }
}
