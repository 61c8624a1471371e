using VgpuPS.Core.Cpu;
using VgpuPS.Core.Migration;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Operations.Affinity;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Migration;

/// <summary>Reads what a node has for a VM of another one, by the cluster's files and its own driver; changes
/// nothing.</summary>
internal sealed class ReadMigrationTarget(HostPorts host)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="ObjectNotFoundException">The node does not see the VM: it is of another cluster.</exception>
    public MigrationTarget Run(ReadMigrationTargetRequest request)
    {
        var vm = new VmId(request.VmId);
        var config = ReadConfig(vm, request);
        var settings = host.Settings.Load();
        var entries = config.HostPci.Where(e => VgpuEntries.TryGetType(e, vm, settings, out _)).ToList();
        var gpus = new VmGpus(host).Of(entries);
        var topology = host.Cpus.Read();
        var near = gpus.Select(g => g.NumaNode).OfType<int>().Distinct()
            .Select(n => topology.NodeAt(n)?.Cpus ?? CpuSet.Empty);
        var target = new MigrationTarget
        {
            Node = host.Proxmox.Node,
            QemuServerVersion = host.Proxmox.QemuServerVersion,
            Gpus = [.. gpus.Select(g => g.Address.ToString())],
            FreeMemoryMiB = host.Cpus.ReadAvailableMiB() ?? topology.Nodes.Sum(n => n.FreeMiB),
            OnlineCpus = topology.Online.ToString(),
            NumaNodes = [.. topology.Nodes.Select(n => n.Number)],
            NearCpus = CpuSet.UnionOf(near).ToString(),
            HookProblem = config.HookScript is { } volume ? FindHookProblem(volume) : null,
        };
        try
        {
            using var driver = host.Driver.Open();
            target = ReadDriver(target, driver, gpus, vm, entries, settings, request.Metadata);
        }
        catch (HostNotReadyException e)
        {
            return target with { DriverProblem = e.Message };
        }

        return Plan(target, vm, request);
    }

    private VmConfig ReadConfig(VmId vm, ReadMigrationTargetRequest request)
    {
        try
        {
            var raw = host.Proxmox.ReadConfig(vm, request.Source);
            var config = VmConfigReader.Read(
                raw, PveGeneration.FromVersion(host.Proxmox.QemuServerVersion) ?? PveGeneration.FromUse(raw));
            return request.IsRunning ? config : config.AtNextStart;
        }
        catch (ObjectNotFoundException)
        {
            throw new ObjectNotFoundException(
                ErrorIds.NodeNotFound,
                $"node {host.Proxmox.Node} does not see VM {vm} of node {request.Source}: they are in no common "
                    + "cluster",
                "name a node of the VM's own cluster: pvecm nodes", host.Proxmox.Node);
        }
    }

    /// <remarks>Source: facts/proxmox.md (a): the file must be there and executable on each node by itself.</remarks>
    private string? FindHookProblem(string volume) => new SnippetStorages(host).Resolve(volume) is not { } path
        ? "its storage is not there"
        : host.HookFiles.Find(path) is not { } file ? $"{path} does not exist"
        : file.IsExecutable ? null : $"{path} is not executable";

    private static MigrationTarget ReadDriver(
        MigrationTarget target, IGpuDriverSession driver, IReadOnlyList<PhysicalFunction> gpus, VmId vm,
        IReadOnlyList<HostPciEntry> entries, HookSettings settings, IReadOnlyList<string> vgpus)
    {
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var metadata = new List<byte[]>();
        var ecc = new List<bool>();
        foreach (var gpu in gpus.Select(g => g.Address))
        {
            foreach (var entry in entries)
            {
                if (VgpuEntries.TryGetType(entry, vm, settings, out var id) && id is { } known
                    && driver.FindType(gpu, known) is { } type)
                {
                    names[known.Value.ToString(CultureInfo.InvariantCulture)] = type.ShortName;
                }
            }

            ecc.AddRange(driver.GetEccMode(gpu) is { } mode ? [mode] : []);
            metadata.AddRange(driver.GetGpuMetadata(gpu) is { } raw ? [raw] : []);
        }

        return target with
        {
            DriverVersion = driver.DriverVersion,
            TypeNames = names,
            Ecc = ecc,
            Metadata = [.. metadata.Select(Convert.ToBase64String)],
            Compatibilities =
            [
                .. from vgpu in vgpus.Select(Decode).OfType<byte[]>()
                   from gpu in metadata
                   let answer = driver.Compare(vgpu, gpu)
                   where answer is not null
                   select answer,
            ],
        };
    }

    private static byte[]? Decode(string text)
    {
        var raw = new byte[text.Length];
        return text.Length <= 2 * VgpuMetadata.MaxSize && Convert.TryFromBase64String(text, raw, out var length)
            ? raw[..length] : null;
    }

    /// <summary>What the hook would do, by its own plan.</summary>
    private MigrationTarget Plan(MigrationTarget target, VmId vm, ReadMigrationTargetRequest request)
    {
        try
        {
            var plan = new PlanVmStart(host).Run(new PlanVmStartRequest(vm)
            {
                From = request.Source,
                IsRunningThere = request.IsRunning,
            });
            return target with { Steps = plan.Steps };
        }
        catch (VgpuException e)
        {
            return target with { Refusal = e.Message, RefusalAction = e.RecommendedAction };
        }
    }
}

/// <summary>Asks what a node has for a VM of another one.</summary>
public sealed record ReadMigrationTargetRequest
{
    /// <summary>The VM.</summary>
    public required int VmId { get; init; }

    /// <summary>The node that it is on.</summary>
    public required string Source { get; init; }

    /// <summary>Whether it runs there.</summary>
    public bool IsRunning { get; init; }

    /// <summary>NVML's metadata of its running vGPUs as base64.</summary>
    public IReadOnlyList<string> Metadata { get; set; } = [];
}
