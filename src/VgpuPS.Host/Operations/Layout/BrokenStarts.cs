using VgpuPS.Core.Capacity;
using VgpuPS.Core.Layout;
using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Layout;

/// <summary>
/// Finds VMs that do not run and whose next start a change of GPUs makes fail, by what they request and by what the
/// hook may do about it at a start.
/// </summary>
internal sealed class BrokenStarts(HostPorts host)
{
    private readonly Lazy<HookSettings> _settings = new(() => host.Settings.Load());
    private readonly Lazy<HostLayout?> _layout = new(() => host.Layout.Load());

    /// <summary>Finds them, ascending VM: whose start fails, and why.</summary>
    /// <param name="parts">Each GPU with its plan.</param>
    public IReadOnlyList<string> Find(IReadOnlyList<(ManagedGpu Gpu, GpuChangePlan Plan)> parts)
    {
        var changed = parts.Select(p => ChangedGpu.Of(p.Gpu, p.Plan.Steps)).Where(c => c.Before != c.After)
            .ToDictionary(c => c.Gpu.Address);
        if (changed.Count == 0)
        {
            return [];
        }

        var shared = new SharedInputs(host);
        var vms = host.Proxmox.GetVms().Order().Select(v => (Vm: v, Read: TryRead(v, shared)))
            .Where(v => v.Read is { Config.IsTemplate: false }).Select(v => (v.Vm, Read: v.Read!)).ToList();
        var all = vms.SelectMany(v => v.Read.Requests).ToList();
        foreach (var gpu in changed.Values)
        {
            gpu.Sizes = all.Where(r => r.Candidates.Any(c => c.Gpu == gpu.Gpu.Address))
                .Select(r => gpu.Gpu.FindType(r.Type)).Where(t => t is { IsMigBacked: false })
                .Select(t => t!.FramebufferMiB).Distinct().Count();
        }

        return [.. vms.Where(v => !host.Proxmox.IsRunning(v.Vm)).SelectMany(v => Find(v.Read, changed))];
    }

    private IEnumerable<string> Find(VmRequests vm, Dictionary<PciAddress, ChangedGpu> changed)
    {
        var hasHook = vm.Requests.Count > 0 && vm.Config.HookScript is { } volume
            && new SnippetStorages(host).HoldsHook(volume);
        foreach (var request in vm.Requests)
        {
            var before = request.Candidates.Select(c => Refuse(request, c, hasHook, changed, isAfter: false));
            var after = request.Candidates.Select(c => Refuse(request, c, hasHook, changed, isAfter: true)).ToList();
            if (before.Contains(null) && after.Count > 0 && !after.Contains(null))
            {
                var label = vm.Config.Name is { } name ? $"VM {request.Vm} ({name})" : $"VM {request.Vm}";
                yield return $"the next start of {label} fails: {request.Name} is {after[0]}";
            }
        }
    }

    /// <summary>Why a function will not do; null where it will, or where that is not known.</summary>
    private string? Refuse(
        VmVgpuRequest request, CandidateFunction candidate, bool hasHook, Dictionary<PciAddress, ChangedGpu> changed,
        bool isAfter)
    {
        if (!changed.TryGetValue(candidate.Gpu, out var change) || change.Gpu.FindType(request.Type) is not { } type)
        {
            return null;
        }

        var (gpu, modes) = (change.Gpu, isAfter ? change.After : change.Before);
        return type.IsMigBacked != modes.Mig && !(type.IsMigBacked && hasHook && MayEnableMig(gpu))
            ? $"{type.ShortName}, which is {(type.IsMigBacked ? "MIG-backed" : "time-sliced")}, and MIG mode of GPU "
                + $"{gpu.Index} is {(modes.Mig ? "on" : "off")} then"
            : !modes.Functions && candidate.Address != gpu.Address
                && !(hasHook && _settings.Value.Sriov == SriovPolicy.Ensure)
            ? $"on function {candidate.Address}, which is not there then, and no hook may enable it"
            : !modes.Mixed && !type.IsMigBacked && change.Sizes > 1
            ? $"{type.ShortName}, which then cannot be beside vGPUs of other sizes on GPU {gpu.Index}"
            : null;
    }

    private bool MayEnableMig(GpuState gpu) => _settings.Value.MigMode == MigModePolicy.WhenIdle
        || _layout.Value?.Gpus.Any(l => l.Mig == true && GpuMatch.Matches(l.Gpu, gpu)) == true;

    /// <summary>A VM that cannot be read does not start anyway.</summary>
    private VmRequests? TryRead(VmId vm, SharedInputs shared)
    {
        try
        {
            return VmRequestReader.ReadNext(host, _settings.Value, vm, shared);
        }
        catch (Exception e) when (e is VgpuException and not AccessDeniedException)
        {
            return null;
        }
    }
}

/// <summary>A GPU whose modes change.</summary>
/// <param name="Gpu">The GPU as it is.</param>
/// <param name="Before">Its modes now.</param>
/// <param name="After">Its modes after the plan.</param>
internal sealed record ChangedGpu(ManagedGpu Gpu, GpuModes Before, GpuModes After)
{
    /// <summary>How many sizes of time-sliced vGPUs VMs request on it.</summary>
    public int Sizes { get; set; }

    public static ChangedGpu Of(ManagedGpu gpu, IReadOnlyList<PlanStep> steps)
    {
        var before = new GpuModes(gpu.MigIsOn, gpu.Gpu.TotalFunctions == 0 || gpu.Gpu.EnabledFunctions > 0,
            gpu.MixedSizes);
        return new ChangedGpu(gpu, before, steps.Aggregate(before, (modes, step) => step switch
        {
            EnableMigModeStep => modes with { Mig = true },
            DisableMigModeStep => modes with { Mig = false },
            EnableFunctionsStep => modes with { Functions = true },
            DisableFunctionsStep => modes with { Functions = false, Mixed = false },
            SetMixedSizesStep mixed => modes with { Mixed = mixed.Enabled },
            _ => modes,
        }));
    }
}

/// <summary>What of a GPU decides which vGPUs can be on it.</summary>
/// <param name="Mig">Whether MIG mode is on.</param>
/// <param name="Functions">Whether it has its functions, where it needs any.</param>
/// <param name="Mixed">Whether vGPUs of several sizes may share it.</param>
internal readonly record struct GpuModes(bool Mig, bool Functions, bool Mixed);
