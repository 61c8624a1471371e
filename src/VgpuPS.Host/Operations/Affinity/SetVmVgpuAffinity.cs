using VgpuPS.Core.Cpu;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Affinity;

/// <summary>Pins VMs to whole cores next to their GPUs, planned together, and keeps their memory near.</summary>
/// <remarks>Source: facts/numa.md; design.md, section 9.</remarks>
internal sealed class SetVmVgpuAffinity(HostPorts host)
{
    private readonly VmGpus _gpus = new(host);
    private readonly OtherNodes _nodes = new(host);

    /// <summary>Plans it, and executes it unless only the plan is requested.</summary>
    /// <exception cref="VgpuException">It cannot be done; names the reason and what to do.</exception>
    public async Task<ChangeResult> RunAsync(
        SetVmVgpuAffinityRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        if (request.IsPlanOnly)
        {
            var planned = Decide(request);
            foreach (var pin in planned.Where(p => p.Change is not null && p.OtherNodes.Count > 0))
            {
                host.Warn($"{pin.Vm.Label} can start on {string.Join(", ", pin.OtherNodes)} as well, and its CPU list "
                    + "goes with it: the same numbers may be CPUs far from the GPU there; look after it has moved: "
                    + $"Get-VmVgpuAffinity {pin.Vm.Id}");
            }

            return new ChangeResult(PlanOf(planned), []);
        }

        // Proxmox knows nothing of who has which CPUs: two commands at once must not choose the same ones.
        var wait = TimeSpan.FromSeconds(host.Settings.Load().LockTimeoutSeconds);
        var held = await host.AssignmentLock.AcquireAsync(request.Source, wait, cancellationToken)
            .ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            var pins = Decide(request);
            foreach (var pin in pins.Where(p => p.Change is not null))
            {
                await WriteAsync(pin, request.Source, progress, cancellationToken).ConfigureAwait(false);
            }

            return new ChangeResult(PlanOf(pins), [.. pins.Select(p => new ChangedObject { VmId = p.Vm.Id.Value })]);
        }
    }

    private async Task WriteAsync(
        Pin pin, string source, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        // Kept first: a run that is killed in between leaves a record whose lines do not stand.
        host.Affinity.Save(host.Affinity.Load().With(pin.Vm.Id, pin.Record));
        try
        {
            await pin.Change!.RunAsync(host, source, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is VgpuException or OperationCanceledException
            && pin.Record!.ChangedIn(VmFinder.Read(host, pin.Vm.Id).Config).Count > 0)
        {
            // The lines of an earlier pin still stand, and what was there before them must not be forgotten.
            host.Affinity.Save(host.Affinity.Load().With(pin.Vm.Id, pin.Kept));
            throw;
        }
    }

    private static ChangePlan PlanOf(List<Pin> pins) => new(
        pins is [var only] ? only.Vm.Label : VmNotes.Join(pins.Select(p => p.Vm.Id)),
        [.. pins.SelectMany(p => p.Change?.Texts ?? [])], []);

    private List<Pin> Decide(SetVmVgpuAffinityRequest request)
    {
        var settings = host.Settings.Load();
        var topology = host.Cpus.Read();
        var vms = request.Vms.Select(v => VmFinder.Find(host, v)).DistinctBy(v => v.Id).ToList();
        if (request.HostCpu is not null && vms.Count > 1)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters,
                $"{VmNotes.Join(vms.Select(v => v.Id))} would all be pinned to CPUs {request.HostCpu}",
                "name one VM with -HostCpu, or leave the parameter out to give each CPUs of its own",
                vms[1].Id.ToString());
        }

        var kept = host.Affinity.Load().Vms;
        var pins = vms.Select(
            vm => Read(vm, settings, request, topology, kept.GetValueOrDefault(vm.Id.ToString()))).ToList();
        var taken = new CpuHolders(host).Read([.. vms.Select(v => v.Id)]);
        var choices = request.HostCpu is { } text
            ? [.. pins.Select(p => ByHand(p, text, topology, taken, request.Policy))]
            : AffinityPlanner.Plan(
                topology, [.. pins.Select(p => new AffinityRequest(p.Vm.Id, p.Numa.VirtualCpus, p.Node))],
                CpuSet.UnionOf(taken.Select(t => t.Cpus)), request.Policy);
        return [.. pins.Zip(choices, (p, c) => Finish(p, c.Cpus, request, topology, taken))];
    }

    private Pin Read(
        VmSubject vm, HookSettings settings, SetVmVgpuAffinityRequest request, CpuTopology topology,
        AffinityRecord? kept)
    {
        vm.RequireNoTemplate();
        vm.RequireUnlocked();
        var entries = AffinityReader.EntriesOf(vm, settings);
        if (entries.Count == 0)
        {
            throw new ObjectNotFoundException(
                ErrorIds.VgpuNotFound, $"{vm.Label} has no vGPU, so no GPU that its CPUs could be near",
                $"give it one (Add-VmVgpu {vm.Id}), or pin it by hand: qm set {vm.Id} --affinity 0-5",
                vm.Id.ToString());
        }

        var numa = VmNuma.Read(vm.Config);
        if (request.Memory != MemoryPolicy.None)
        {
            MemoryBinding.Require(vm, numa, kept);
        }

        var gpus = _gpus.Of(entries);
        var nodes = gpus.Select(g => g.NumaNode).Distinct().ToList();

        // GPUs on several nodes: the first one's counts, and the verdict of Get-VmVgpuAffinity says so.
        var node = nodes.Count > 0 && nodes[0] is { } first && topology.NodeAt(first) is not null ? first : (int?)null;
        return new Pin(vm, numa, node, gpus, _nodes.Of(vm, entries)) { Kept = kept };
    }

    private static AffinityChoice ByHand(
        Pin pin, string text, CpuTopology topology, IReadOnlyList<CpuHolder> taken, AffinityPolicy policy)
    {
        var id = pin.Vm.Id.ToString();
        var cpus = CpuSet.TryParse(text) is { Count: > 0 } read ? read : throw new InvalidRequestException(
            ErrorIds.InvalidCpuList, $"'{text}' is not a list of CPUs", "write one as Proxmox does: 0-5,48-53", id);
        var missing = cpus.Except(topology.Online);
        if (missing.Count > 0)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidCpuList, $"CPUs {missing} are not online; the host has {topology.Online}",
                "take online ones: lscpu -e", id);
        }

        var allowed = AffinityPlanner.NodesOf(topology, pin.Node, policy);
        var outside = topology.NodesOf(cpus).Except(allowed).ToList();
        if (outside.Count > 0)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidCpuList,
                $"CPUs {cpus} are of NUMA node {string.Join(", ", topology.NodesOf(cpus))}, and GPU "
                    + $"{pin.GpuNames} of {pin.Vm.Label} is on node {pin.Node}",
                $"take CPUs of node {string.Join(", ", allowed)} "
                    + $"({CpuSet.UnionOf(allowed.Select(n => topology.NodeAt(n)!.Cpus))}), or allow others: "
                    + "-Policy Preferred",
                    id);
        }

        return taken.FirstOrDefault(t => t.Cpus.Intersect(cpus).Count > 0) is { } other
            ? throw new ResourceBusyException(
                ErrorIds.CpusTaken, $"{other.Name} is pinned to {other.Cpus}, which {cpus} overlaps",
                $"take others, or {other.ToMove}", id)
            : new AffinityChoice(pin.Vm.Id, cpus);
    }

    private static Pin Finish(
        Pin pin, CpuSet cpus, SetVmVgpuAffinityRequest request, CpuTopology topology, IReadOnlyList<CpuHolder> taken)
    {
        if (cpus.Count == 0)
        {
            throw NoCores(pin, request, topology, taken);
        }

        var wanted = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["affinity"] = cpus.ToString() };
        if (request.Memory != MemoryPolicy.None)
        {
            var nodes = MemoryNodes(pin, cpus, topology);
            MemoryBinding.RequireNodes(
                pin.Vm, pin.Numa, [.. nodes.Select(topology.NodeAt).OfType<NumaNode>()], request.Memory);
            wanted["numa"] = "1";
            wanted["numa0"] = pin.Numa.Line(nodes, request.Memory);
        }

        var standing = pin.Kept is { } kept && kept.ChangedIn(pin.Vm.Config).Count == 0 ? kept : null;

        // Memory that we bound before and are not asked for any more is as it was.
        var keys = standing is null ? wanted.Keys : standing.Written.Keys.Union(wanted.Keys);
        var before = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            var old = standing?.Written.ContainsKey(key) == true
                ? standing.Before.GetValueOrDefault(key) : pin.Vm.Config.NextValue(key);
            if (old is not null)
            {
                before[key] = old;
            }
        }

        var values = wanted.Where(w => pin.Vm.Config.NextValue(w.Key) != w.Value)
            .Concat(keys.Except(wanted.Keys).Where(k => before.ContainsKey(k)
                && pin.Vm.Config.NextValue(k) != before[k]).Select(k => KeyValuePair.Create(k, before[k])))
            .ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal);
        List<string> deletions = [.. keys.Except(wanted.Keys).Where(k => !before.ContainsKey(k))];
        if (values.Count + deletions.Count == 0)
        {
            return pin;
        }

        var texts = Describe(pin, cpus, values, deletions, topology);
        return pin with
        {
            Change = new VmChange(pin.Vm, values, deletions, HookPlan.Nothing, texts),
            Record = new AffinityRecord(wanted, before.Where(b => wanted.ContainsKey(b.Key)).ToDictionary()),
        };
    }

    /// <summary>The GPU's node where it has memory, since the GPU writes there; else those of the CPUs.</summary>
    private static IReadOnlyList<int> MemoryNodes(Pin pin, CpuSet cpus, CpuTopology topology) =>
        pin.Node is { } node && topology.NodeAt(node) is { MemoryMiB: > 0 } ? [node] : topology.NodesOf(cpus);

    private static List<string> Describe(
        Pin pin, CpuSet cpus, Dictionary<string, string> values, List<string> deletions, CpuTopology topology)
    {
        var nodes = topology.NodesOf(cpus);
        var cores = topology.Cores.Count(c => c.Threads.Intersect(cpus).Count > 0);
        var place = pin.Node is null ? "firmware does not say which node its GPU is near"
            : nodes is [var one] && one == pin.Node ? $"next to GPU {pin.GpuNames}"
            : $"GPU {pin.GpuNames} is on node {pin.Node}";
        List<string> texts =
        [
            .. values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v =>
                $"set {v.Key} of {pin.Vm.Label} to {v.Value}"
                    + (v.Key == "affinity"
                        ? $" ({cores} cores of node {string.Join(", ", nodes)}, {place})" : "")
                    + $", before: {pin.Vm.Config.NextValue(v.Key) ?? "not set"}"),
            .. deletions.Order(StringComparer.Ordinal)
                .Select(k => $"delete {k} of {pin.Vm.Label}, before: {pin.Vm.Config.NextValue(k)}"),
        ];
        if (cpus.Count < pin.Numa.VirtualCpus)
        {
            texts.Add($"let {pin.Numa.VirtualCpus} CPUs of {pin.Vm.Label} share {cpus.Count}: no more cores are left");
        }

        if (pin.Vm.IsRunning)
        {
            texts.Add(VmNotes.ColdStart(pin.Vm, "affinity"));
        }

        return texts;
    }

    private static ResourceBusyException NoCores(
        Pin pin, SetVmVgpuAffinityRequest request, CpuTopology topology, IReadOnlyList<CpuHolder> taken)
    {
        var nodes = AffinityPlanner.NodesOf(topology, pin.Node, request.Policy);
        var cpus = CpuSet.UnionOf(nodes.Select(n => topology.NodeAt(n)!.Cpus));
        var held = taken.Where(t => t.Cpus.Intersect(cpus).Count > 0)
            .Select(t => $"{t.Name} has {t.Cpus.Intersect(cpus)}").ToList();
        var isolated = topology.Isolated.Intersect(cpus);
        var reasons = held.Concat(isolated.Count > 0 ? [$"{isolated} are isolated"] : Array.Empty<string>()).ToList();
        return new ResourceBusyException(
            ErrorIds.CpusTaken,
            $"no whole core of node {string.Join(", ", nodes)} ({cpus}) is left for {pin.Vm.Label}: "
                + (reasons.Count == 0
                    ? $"{request.Vms.Count} VMs are more than its cores" : string.Join("; ", reasons)),
            request.Policy == AffinityPolicy.Preferred
                ? "pin fewer VMs, or take a pin off: Remove-VmVgpuAffinity"
                : $"allow nodes that are farther from the GPU: Set-VmVgpuAffinity {pin.Vm.Id} -Policy Preferred",
            pin.Vm.Id.ToString());
    }

    private sealed record Pin(
        VmSubject Vm, VmNuma Numa, int? Node, IReadOnlyList<PhysicalFunction> Gpus, IReadOnlyList<string> OtherNodes)
    {
        /// <summary>What was kept of it by an earlier pin; null for none.</summary>
        public AffinityRecord? Kept { get; init; }

        public VmChange? Change { get; init; }

        public AffinityRecord? Record { get; init; }

        public string GpuNames => string.Join(", ", Gpus.Select(g => g.Address));
    }
}

/// <summary>Asks that VMs be pinned next to their GPUs.</summary>
public sealed record SetVmVgpuAffinityRequest : ChangeRequest
{
    /// <summary>VMs, by number or name.</summary>
    public required IReadOnlyList<string> Vms { get; init; }

    /// <summary>How far from the GPU's node.</summary>
    public AffinityPolicy Policy { get; init; }

    /// <summary>How memory is kept near.</summary>
    public MemoryPolicy Memory { get; init; }

    /// <summary>CPUs by hand; null to choose them.</summary>
    public string? HostCpu { get; init; }
}
