using VgpuPS.Core.Claims;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Migration;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.Affinity;

namespace VgpuPS.Host.Operations.Migration;

/// <summary>Reads a VM that is to be migrated, on its own node; changes nothing.</summary>
internal sealed class ReadMigrationSource(HostPorts host)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="VgpuException">There is no such VM here, or the target can be none.</exception>
    public async Task<MigrationSource> RunAsync(ReadMigrationSourceRequest request, CancellationToken cancellationToken)
    {
        var vm = VmFinder.Find(host, request.Vm);
        var nodes = host.Install.Nodes;
        RequireTarget(vm, nodes, request.Target);
        var settings = host.Settings.Load();
        var source = ReadConfig(vm, settings) with { Nodes = nodes };
        var (answer, problem) = await host.MigrationQuestion.AskAsync(
            vm.Id, host.Proxmox.Node, request.Target, cancellationToken).ConfigureAwait(false);
        source = source with { Answer = answer, AnswerProblem = problem };
        try
        {
            using var driver = host.Driver.Open();
            return ReadDriver(source, vm, driver, settings);
        }
        catch (HostNotReadyException)
        {
            return source;
        }
    }

    private void RequireTarget(VmSubject vm, IReadOnlyList<ClusterNode> nodes, string target)
    {
        var own = host.Proxmox.Node;
        if (string.Equals(target, own, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidRequestException(
                ErrorIds.TargetIsSource, $"{vm.Label} is on node {own} already",
                $"name another node: {string.Join(", ", nodes.Select(n => n.Name).Where(n => n != own))}", target);
        }

        if (nodes.FirstOrDefault(n => n.Name == target) is not { } node)
        {
            throw new ObjectNotFoundException(
                ErrorIds.NodeNotFound,
                $"node {own} is in no cluster with a node {target}; it knows "
                    + string.Join(", ", nodes.Select(n => n.Name)),
                "see the cluster's nodes: pvecm nodes", target);
        }

        if (!host.Install.IsQuorate)
        {
            throw new HostNotReadyException(
                ErrorIds.NoQuorum, $"the cluster of node {own} has no quorum, without which nothing is migrated",
                "see which nodes are missing: pvecm status", own);
        }

        if (!node.IsOnline)
        {
            throw new HostNotReadyException(
                ErrorIds.NodeOffline, $"node {target} is down: the cluster does not see it",
                "see the cluster: pvecm status; and start the node", target);
        }
    }

    private MigrationSource ReadConfig(VmSubject vm, HookSettings settings)
    {
        vm.RequireNoTemplate();
        var config = vm.IsRunning ? vm.Config : vm.Config.AtNextStart;
        var numa = VmNuma.Read(config);
        var mappings = host.Proxmox.ReadMappings();
        var ha = host.Proxmox.ReadHighAvailability();
        return new MigrationSource
        {
            VmId = vm.Id.Value,
            VmName = vm.Config.Name,
            Node = host.Proxmox.Node,
            IsRunning = vm.IsRunning,
            Lock = vm.Config.Lock,
            QemuServerVersion = host.Proxmox.QemuServerVersion,
            Entries =
            [
                .. config.HostPci.Select(e => new MigrationEntry(
                    e.Key, e.Mapping,
                    VgpuEntries.TryGetType(e, vm.Id, settings, out var type) ? type?.Value : null,
                    e.Mapping is { } id && mappings.Find(id) is { } mapping
                        ? [.. mapping.Entries.Select(m => m.Node).Distinct()] : [],
                    e.Mapping is { } name && mappings.Find(name)?.IsLiveMigrationCapable == true,
                    settings.ParametersOf(vm.Id, e.Key))),
            ],
            Hook = config.HookScript,
            MemoryMiB = numa.MemoryMiB,
            VirtualCpus = numa.VirtualCpus,
            Affinity = numa.Affinity,
            Numa = numa.HasNuma ? numa.Nodes : new Dictionary<string, string>(),
            IsManagedByHa = ha.Vms.Contains(vm.Id),
            HaRules = [.. ha.RulesOf(vm.Id).Select(r => new MigrationHaRule(r.Name, r.Nodes, r.IsStrict, r.IsGroup))],
            Replicas = [.. host.Proxmox.ReadReplication().Where(j => j.Guest == vm.Id).Select(j => j.Target)],
        };
    }

    private MigrationSource ReadDriver(
        MigrationSource source, VmSubject vm, IGpuDriverSession driver, HookSettings settings)
    {
        var entries = AffinityReader.EntriesOf(vm, settings);
        var own = new VmGpus(host).Of(entries).Select(g => g.Address).ToHashSet();
        var reader = new GpuReader(host, driver, ClaimFile.Empty);
        var running = new List<(PciAddress Gpu, PlacedVgpu Vgpu)>();
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var gpu in reader.Present.Where(g => own.Contains(g.Address)))
        {
            var state = reader.Read(gpu);
            running.AddRange(state.Vgpus.Where(v => v.IsRunning && v.Vm == vm.Id).Select(v => (gpu.Address, v)));
            foreach (var type in source.Entries.Select(e => e.TypeId).OfType<uint>())
            {
                if (state.FindType(new VgpuTypeId(type)) is { } known)
                {
                    names[type.ToString(CultureInfo.InvariantCulture)] = known.ShortName;
                }
            }
        }

        var at = running.Count > 0 ? running.Select(r => r.Gpu).Distinct() : own;
        return source with
        {
            DriverVersion = driver.DriverVersion,
            TypeNames = names,
            Ecc = [.. at.Order().Select(driver.GetEccMode).OfType<bool>()],
            Running =
            [
                .. running.Select(r => new MigrationVgpu(
                    r.Vgpu.Function.ToString(),
                    driver.FindGuestState(r.Gpu, r.Vgpu.Active!)?.License?.Status,
                    driver.GetVgpuMetadata(r.Vgpu.Active!) is { } raw ? Convert.ToBase64String(raw) : null)),
            ],
        };
    }
}

/// <summary>Asks for a VM that is to be migrated, on its own node.</summary>
public sealed record ReadMigrationSourceRequest
{
    /// <summary>The VM, by number or name.</summary>
    public required string Vm { get; init; }

    /// <summary>The node that it is to go to.</summary>
    public required string Target { get; init; }
}
