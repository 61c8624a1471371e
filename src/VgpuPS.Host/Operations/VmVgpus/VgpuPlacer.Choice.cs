using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmVgpus;

internal sealed partial class VgpuPlacer
{
    /// <summary>
    /// Chooses GPU and function. First comes a GPU whose MIG mode goes with the type; then one that has capacity beside
    /// all
    /// that VMs are configured for, running or not; then one whose time-sliced vGPUs are of that size; then the one
    /// where the driver would create it now or the planner would place it; then the one with the least load.
    /// </summary>
    private VgpuPlace Anywhere(VgpuRequest request)
    {
        var types = VgpuTypeChoice.Find(request, _gpus);
        var free = types.Select(t => (t.Gpu, t.Type, Functions: FindFree(t.Gpu))).Where(t => t.Functions.Count > 0)
            .ToList();
        if (free.Count == 0)
        {
            throw NothingFree([.. types.Select(t => t.Gpu)]);
        }

        var ranks = RankByPlanner(free.Select(f => (f.Gpu, f.Type)).ToList());
        var (gpu, type, functions) = free
            .OrderBy(f => f.Gpu.FitsMode(f.Type) ? 0 : 1)
            .ThenBy(f => Load(f.Gpu) + Share(f.Gpu, f.Type) <= 1 ? 0 : 1)
            .ThenBy(f => SizesAgree(f.Gpu, f.Type) ? 0 : 1)
            .ThenBy(f => ranks[f.Gpu.Address])
            .ThenBy(f => Load(f.Gpu)).ThenBy(f => f.Gpu.Address).First();
        return At(functions[0], gpu, type);
    }

    /// <summary>Free functions of a GPU, those outside mappings first, then the last of a mapping: Proxmox gives a VM
    /// the first one of its mapping that is free.</summary>
    /// <remarks>Source: facts/proxmox.md (c): in the order of the mapping's entries.</remarks>
    private List<PciAddress> FindFree(GpuState gpu)
    {
        var held = host.Proxmox.GetReservations().Where(r => r.IsHeld && r.Vm != vm.Id).Select(r => r.Function)
            .ToHashSet();
        var existing = gpu.Functions.Where(
                f => f.IsShared || (f.Driver == "nvidia" && !f.IsOccupied && !f.LacksTypes))
            .Select(f => f.Address);
        var mapped = _mappings.Value.ById.Values
            .SelectMany(m => m.ForNode(host.Proxmox.Node).SelectMany(e => e.Paths).Index())
            .GroupBy(p => p.Item, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Min(p => p.Index), StringComparer.Ordinal);
        return
        [
            .. (gpu.Functions.Count > 0 ? existing : Predicted(gpu))
                .Where(a => IsShared(gpu, a) || (!held.Contains(a) && !_users.Of(a, vm.Id, entry).Any()))
                .OrderByDescending(a => mapped.GetValueOrDefault(a.ToString(), int.MaxValue)).ThenBy(a => a),
        ];
    }

    /// <summary>Functions that the GPU will have once the hook has switched them on; none where it must not, or
    /// cannot.</summary>
    private IReadOnlyList<PciAddress> Predicted(GpuState state)
    {
        var gpu = state.Gpu;
        return settings.Sriov != SriovPolicy.Ensure || gpu.EnabledFunctions > 0 || gpu.FirstOffset == 0
            || gpu.Stride == 0
            ? []
            : [.. Enumerable.Range(0, gpu.TotalFunctions)
                .Select(i => gpu.Address.Plus(gpu.FirstOffset + (i * gpu.Stride)))];
    }

    private static bool IsShared(GpuState gpu, PciAddress address) =>
        gpu.Functions.Any(f => f.Address == address && f.IsShared);

    private VgpuException NothingFree(IReadOnlyList<GpuState> gpus) =>
        gpus.All(g => g.Functions.Count == 0 && Predicted(g).Count == 0)
            ? FunctionsAreOff(gpus)
            : gpus.FirstOrDefault(g => g.Functions.Any(f => f.LacksTypes)) is { } lacking ? NoTypes(lacking)
            : new CapacityException(
                ErrorIds.NoFreeFunction,
                $"no function of {string.Join(" and ", gpus.Select(g => g.Text))} is free: VMs, running or not, "
                    + "use them all",
                "see who has them (Get-SriovFunction), and remove one that is not needed: Remove-VmVgpu",
                gpus[0].Address.ToString());

    private static HostNotReadyException NoTypes(GpuState gpu) => new(
        ErrorIds.SriovNotReady,
        $"{gpu.Text} has "
            + FunctionTypes.Describe(gpu.Functions.Where(f => f.LacksTypes).Select(f => f.Address.ToString()))
            + $"; {FunctionTypes.Cause}",
        FunctionTypes.Action(gpu.Address), gpu.Address.ToString());

    private static HostNotReadyException FunctionsAreOff(IReadOnlyList<GpuState> gpus) => new(
        ErrorIds.SriovNotReady,
        $"virtual functions of {string.Join(" and ", gpus.Select(g => g.Text))} are disabled, "
            + "and the configuration prevents the hook from enabling them, or their addresses are not known yet",
        $"enable them: Enable-Sriov {gpus[0].Index}", gpus[0].Address.ToString());

    /// <summary>Part of a GPU that VM configurations ask for, this entry left out: 1 is all of it.</summary>
    private double Load(GpuState gpu) => _users.All
        .Where(u => u.User.Vm != vm.Id || u.User.Entry != entry)
        .Where(u => u.Function == gpu.Address || gpu.Gpu.IndexOf(u.Function) is not null)
        .Sum(u => gpu.FindType(u.User.Type) is { } type ? Share(gpu, type) : 0);

    /// <summary>Part of the GPU that a vGPU takes: one of as many as fit on an empty one.</summary>
    private static double Share(GpuState gpu, VgpuType type)
    {
        if (type.Profile is { } id && gpu.FindProfile(id) is { MemorySlices: > 0 } profile)
        {
            var all = gpu.Profiles.SelectMany(p => p.Placements).Max(p => p.Start + p.Size);
            return (double)profile.MemorySlices / all / type.CapacityPerGpuInstance;
        }

        return type.MaxPerGpu > 0 ? 1.0 / type.MaxPerGpu : 0;
    }

    /// <summary>Whether the GPU's configured time-sliced vGPUs have this size, or it mixes sizes.</summary>
    private bool SizesAgree(GpuState gpu, VgpuType type) => type.IsMigBacked || gpu.MixedSizes
        || _users.All.Where(u => gpu.Gpu.IndexOf(u.Function) is not null || u.Function == gpu.Address)
            .Select(u => gpu.FindType(u.User.Type))
            .All(t => t is null || t.IsMigBacked || t.FramebufferMiB == type.FramebufferMiB);

    /// <summary>0 where the driver would create the type now, else the GPU's place in the planner's order.</summary>
    private Dictionary<PciAddress, int> RankByPlanner(IReadOnlyList<(GpuState Gpu, VgpuType Type)> choices)
    {
        var ranks = choices.ToDictionary(
            c => c.Gpu.Address, c => c.Gpu.Creatable!.Contains(c.Type.Id) ? 0 : int.MaxValue);
        var ranking = new PlacementRanking(settings, host.Claims.Load());
        var states = choices.Where(c => c.Gpu.MigIsOn).Select(c => c.Gpu).ToList();
        var profiles = choices.Where(c => c.Type.IsMigBacked)
            .Select(c => c.Gpu.FindProfile(c.Type.Profile!.Value)?.Name).OfType<string>().Distinct();
        var place = 1;
        foreach (var choice in profiles.SelectMany(p => ranking.Rank(p, [.. states.Where(s => Has(s, p))])))
        {
            ranks[choice.Gpu] = Math.Min(ranks[choice.Gpu], place++);
        }

        return ranks;
    }

    private static bool Has(GpuState state, string profile) => state.Profiles.Any(p => p.Name == profile);
}
