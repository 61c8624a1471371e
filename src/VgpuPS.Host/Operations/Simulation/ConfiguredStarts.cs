using VgpuPS.Core.Capacity;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Simulation;

/// <summary>The VMs of this node that are configured for vGPUs and stopped, started one after the other beside those
/// that run: which of them have their vGPUs then, and which would be refused.</summary>
internal sealed class ConfiguredStarts
{
    private const int MostNamed = 8;

    private ConfiguredStarts(StartSimulation after, IReadOnlyList<ConfiguredVm> vms)
    {
        After = after;
        Vms = vms;
    }

    /// <summary>The host once all that can have started.</summary>
    public StartSimulation After { get; }

    /// <summary>The stopped VMs, ascending.</summary>
    public IReadOnlyList<ConfiguredVm> Vms { get; }

    /// <summary>
    /// Starts them by ascending number; where some do not fit then, the largest first, and what leaves fewer out
    /// counts.
    /// </summary>
    /// <param name="host">The node.</param>
    /// <param name="now">The host as it is.</param>
    public static ConfiguredStarts Of(HostPorts host, StartSimulation now)
    {
        var wanted = host.Proxmox.GetVms().Order().Select(vm => Read(host, now, vm)).OfType<ConfiguredVm>().ToList();
        var first = Start(now.Clone(), wanted);
        if (first.Vms.All(v => !v.IsExcess))
        {
            return first;
        }

        var second = Start(now.Clone(), wanted.OrderByDescending(v => v.Types.Sum(t => t.FramebufferMiB)));
        return second.Vms.Count(v => v.IsExcess) < first.Vms.Count(v => v.IsExcess) ? second : first;
    }

    /// <summary>
    /// Why a VM and others that are configured for its GPUs cannot all run at once; null where they can.
    /// </summary>
    /// <param name="vm">The VM.</param>
    public string? Describe(VmId vm)
    {
        var own = GpusOf(vm);
        if (own.Count == 0)
        {
            return null;
        }

        // Memory is one for all VMs of a host, whichever GPU they are on.
        if (Vms.Where(v => v.Refusal?.ErrorId == ErrorIds.InsufficientHostMemory).ToList() is { Count: > 0 } large)
        {
            return Describe("the host", After.Gpus, large, $" ({large[0].Refusal!.Message})");
        }

        var excess = Vms.Where(v => v.IsExcess && v.Gpus.Any(own.Contains)).ToList();
        var meant = excess.SelectMany(v => v.Gpus).Concat(own).ToHashSet();
        var gpus = After.Gpus.Where(g => meant.Contains(g.Address)).ToList();
        return excess.Count == 0 ? null : Describe(Join(gpus.Select(g => g.Text)), gpus, excess, "");
    }

    private string Describe(
        string what, IReadOnlyList<GpuState> gpus, IReadOnlyList<ConfiguredVm> excess, string reason)
    {
        var running = gpus.SelectMany(g => g.Active).Select(After.FindVm).OfType<VmId>().Distinct().Order().ToList();
        if (excess is [var only] && running.Count == 0)
        {
            return $"{what} cannot carry what {only.Text} is configured for, though no other VM has a part of it"
                + $"{reason}; take an entry out or choose smaller ones, or see what fits: Get-VgpuCapacity";
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what} cannot carry the {running.Count + excess.Count} VMs that are configured for vGPUs there at once: ")
            + $"{Join(excess.Select(v => v.Text))} would be refused"
            + (running.Count == 0 ? "" : $" while {Join(running.Select(v => $"VM {v}"))} "
                + $"{(running.Count == 1 ? "runs" : "run")}")
            + $"{reason}; run {(excess.Count == 1 ? "it" : "them")} at other times, choose smaller ones, or see what "
            + "fits: Get-VgpuCapacity";
    }

    /// <summary>GPUs that a VM has vGPUs on, or names.</summary>
    private HashSet<PciAddress> GpusOf(VmId vm) =>
    [
        .. Vms.Where(v => v.Id == vm).SelectMany(v => v.Gpus),
        .. After.Gpus.Where(g => g.Active.Any(a => After.FindVm(a) == vm)).Select(g => g.Address),
    ];

    private static string Join(IEnumerable<string> texts)
    {
        var all = texts.ToList();
        var named = all.Count > MostNamed
            ? [.. all.Take(MostNamed), string.Create(CultureInfo.InvariantCulture, $"{all.Count - MostNamed} more")]
            : all;
        return named.Count < 2 ? string.Concat(named)
            : $"{string.Join(", ", named.Take(named.Count - 1))} and {named[^1]}";
    }

    private static ConfiguredVm? Read(HostPorts host, StartSimulation now, VmId vm)
    {
        if (host.Proxmox.IsRunning(vm) || now.IsPending(vm))
        {
            return null;
        }

        try
        {
            var requests = now.ReadRequests(vm);
            return requests.Requests.Count == 0 || requests.Config.IsTemplate ? null : new ConfiguredVm(
                vm, requests, [.. requests.Requests.Select(r => TypeOf(now, r)).OfType<VgpuType>()]);
        }
        catch (VgpuException)
        {
            // Its start is refused whatever the GPUs carry, which Test-VmVgpu says.
            return null;
        }
    }

    private static VgpuType? TypeOf(StartSimulation now, VmVgpuRequest request) => request.Candidates
        .Select(c => now.Gpus.FirstOrDefault(g => g.Address == c.Gpu)?.FindType(request.Type))
        .FirstOrDefault(t => t is not null);

    private static ConfiguredStarts Start(StartSimulation host, IEnumerable<ConfiguredVm> vms)
    {
        var done = new List<ConfiguredVm>();
        foreach (var vm in vms)
        {
            try
            {
                var needs = StartSimulation.NeedsOf(vm.Requests.Config);
                done.Add(vm with { Plan = host.Start(vm.Id, vm.Requests, needs) });
            }
            catch (VgpuException e)
            {
                done.Add(vm with { Refusal = e });
            }
        }

        return new ConfiguredStarts(host, [.. done.OrderBy(v => v.Id)]);
    }
}

/// <summary>A stopped VM that is configured for vGPUs.</summary>
/// <param name="Id">The VM.</param>
/// <param name="Requests">What it requests.</param>
/// <param name="Types">Types of its vGPUs, as far as GPUs know them.</param>
internal sealed record ConfiguredVm(VmId Id, VmRequests Requests, IReadOnlyList<VgpuType> Types)
{
    /// <summary>What its start would do; null where it would be refused.</summary>
    public StartPlan? Plan { get; init; }

    /// <summary>Why it would be refused; null where it would not.</summary>
    public VgpuException? Refusal { get; init; }

    /// <summary>Whether it is others, running or started before it, that leave it nothing.</summary>
    public bool IsExcess => Refusal is CapacityException or ResourceBusyException;

    /// <summary>GPUs that it may have vGPUs on.</summary>
    public IReadOnlyList<PciAddress> Gpus { get; } =
        [.. Requests.Requests.SelectMany(r => r.Candidates).Select(c => c.Gpu).Distinct()];

    /// <summary>The VM for display, with its types: <c>VM 103 (render, A30-24C)</c>.</summary>
    public string Text => $"VM {Id} ({string.Join(", ", new[] { Requests.Config.Name }.OfType<string>()
        .Concat(Types.Select(t => t.ShortName)))})";
}
