namespace VgpuPS.Host.Operations.Defragmentation;

/// <summary>Says why nothing that may be restarted makes it fit.</summary>
internal static class RestartRefusals
{
    private const int ListLimit = 4;

    /// <summary>Counting alone says so.</summary>
    public static CapacityException Impossible(PlacementGoal goal, RestartCandidates candidates) => new(
        ErrorIds.PlacementImpossible,
        $"{goal.Name} cannot fit on {Gpus(goal)}, wherever VMs move: what is on {Them(goal)} takes too much, by "
            + $"counting alone ({Count(candidates)})",
        $"{Idle(goal, candidates)}stop a VM for good (Get-Vgpu shows whose they are), or ask for less: "
            + Smaller(goal),
        goal.Targets[0].Gpu.Address.ToString());

    /// <summary>No set of restarts does it.</summary>
    public static CapacityException NotFound(
        PlacementGoal goal, RestartCandidates candidates, OptimizePlacementRequest request, bool isExact)
    {
        var all = candidates.Vms.Count;
        var isLimited = request.MaximumRestarts < all;
        var message = all == 0 ? $"{goal.Name} does not fit on {Gpus(goal)}, and no VM on them may be restarted"
            : isLimited
            ? $"{goal.Name} does not fit on {Gpus(goal)} with at most {request.MaximumRestarts} "
                + (request.MaximumRestarts == 1 ? "restart" : "restarts")
                + (isExact ? "" : ", as far as was searched")
            : $"{goal.Name} does not fit on {Gpus(goal)}, whichever of the {all} VMs that may be restarted are";
        var stays = candidates.Refusals.Count == 0 ? ""
            : "; " + string.Join("; ", candidates.Refusals.Take(ListLimit))
                + (candidates.Refusals.Count > ListLimit ? "; …" : "");
        return new CapacityException(
            isLimited ? ErrorIds.TooManyRestarts : ErrorIds.PlacementImpossible, message + stays,
            (isLimited ? $"allow more: -MaximumRestarts {Math.Min(all, request.MaximumRestarts * 2 + 2)}; or " : "")
                + $"{Idle(goal, candidates)}stop a VM for good (Get-Vgpu shows whose they are), or ask for less: "
                + Smaller(goal),
            goal.Targets[0].Gpu.Address.ToString());
    }

    /// <summary>Instances that a user or a layout made and no VM uses stay until somebody destroys them.</summary>
    private static string Idle(PlacementGoal goal, RestartCandidates candidates)
    {
        var idle = goal.IsTimeSliced ? [] : goal.Targets.SelectMany(t => t.Gpu.Instances
            .Where(i => !t.Gpu.IsUsed(i) && !candidates.IsHookManaged(t.Gpu, i))
            .Select(i => $"{t.Gpu.NameOf(i.Profile)} at {i.Placement} of GPU {t.Gpu.Index}")).ToList();
        return idle.Count == 0 ? ""
            : $"destroy what no VM uses ({string.Join(", ", idle.Take(ListLimit))}"
                + $"{(idle.Count > ListLimit ? ", …" : "")}: Get-MigInstance | Remove-MigInstance), ";
    }

    private static string Gpus(PlacementGoal goal) => string.Join(" or ", goal.Targets.Select(t => t.Gpu.Text));

    private static string Them(PlacementGoal goal) => goal.Targets.Count == 1 ? "it" : "them";

    private static string Count(RestartCandidates candidates) =>
        $"{candidates.Vms.Count} {(candidates.Vms.Count == 1 ? "VM" : "VMs")} may be restarted, "
        + $"{candidates.Refusals.Count} may not";

    private static string Smaller(PlacementGoal goal) => goal.IsTimeSliced ? "Get-VgpuType" : "Get-MigProfile";
}
