using VgpuPS.Core.Claims;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Host.Operations.Mappings;

/// <summary>Functions of this node that belong in a mapping, as the hardware is.</summary>
internal sealed class MappingFunctions(HostPorts host)
{
    private readonly Lazy<FunctionUsers> _users = new(() => FunctionUsers.Read(host));
    private readonly Lazy<PciMappings> _mappings = new(host.Proxmox.ReadMappings);

    /// <summary>GPUs that are named, or that have a type.</summary>
    /// <exception cref="VgpuException">There is none of that name or type, or none has functions.</exception>
    public IReadOnlyList<PhysicalFunction> Find(IReadOnlyList<string> names, string? type)
    {
        using var driver = host.Driver.Open();
        var reader = new GpuReader(host, driver, ClaimFile.Empty);
        var gpus = (names.Count > 0 ? names.SelectMany(reader.Find) : reader.Gpus).DistinctBy(g => g.Address).ToList();
        if (VgpuRequest.Text(type) is { } text)
        {
            var states = gpus.Select(g => reader.Read(g, null)).ToList();
            gpus = [.. VgpuTypeChoice.Find(new VgpuRequest(text, null, null), states)
                .Select(c => c.Gpu.Gpu).DistinctBy(g => g.Address)];
        }

        return gpus.Count > 0 ? gpus : throw new ObjectNotFoundException(
            ErrorIds.DeviceNotFound, $"no GPU of node {host.Proxmox.Node} is {string.Join(", ", names)}",
            "name one by index, UUID, address or model, as Get-Gpu shows them");
    }

    /// <summary>Functions of GPUs that can carry a vGPU, apart from those that a VM names by itself and those that
    /// another mapping has for its own.</summary>
    /// <param name="gpus">The GPUs.</param>
    /// <param name="mapping">Name of the mapping.</param>
    /// <param name="leftOut">Takes what is left out, with the reason.</param>
    public IReadOnlyList<PciDeviceFacts> Read(
        IReadOnlyList<PhysicalFunction> gpus, string mapping, Action<PciAddress, string>? leftOut = null)
    {
        var found = new List<PciDeviceFacts>();
        foreach (var gpu in gpus)
        {
            var own = Paths(_mappings.Value.Find(mapping), gpu);
            var others = _mappings.Value.ById.Values.Where(m => m.Id != mapping && own.Count > 0)
                .Select(m => (m.Id, Paths: Paths(m, gpu))).Where(m => !m.Paths.Overlaps(own)).ToList();
            foreach (var function in host.Devices.GetFunctions(gpu)
                .Where(f => f.Driver == "nvidia" && f.Backend != VgpuBackend.None))
            {
                if (host.Devices.FindFacts(function.Address) is not { CanCarryVgpu: true } facts)
                {
                    continue;
                }

                var user = own.Contains(function.Address) || function.IsShared ? null
                    : _users.Value.All.Where(u => u.Function == function.Address).Select(u => u.User).FirstOrDefault();
                var other = own.Contains(function.Address) ? null
                    : others.Where(m => m.Paths.Contains(function.Address)).Select(m => m.Id).FirstOrDefault();
                if (user is null && other is null)
                {
                    found.Add(facts);
                }
                else
                {
                    leftOut?.Invoke(function.Address, user is not null
                        ? $"hostpci{user.Entry} of {user.Label} names it" : $"mapping {other} has it");
                }
            }
        }

        return found;
    }

    /// <summary>Refuses GPUs without a function for a mapping.</summary>
    /// <exception cref="HostNotReadyException">Functions are disabled, or offer no types.</exception>
    public void RequireFunctions(IReadOnlyList<PhysicalFunction> gpus)
    {
        foreach (var gpu in gpus)
        {
            var functions = host.Devices.GetFunctions(gpu);
            if (functions.Count == 0)
            {
                throw new HostNotReadyException(
                    ErrorIds.SriovNotReady, gpu.TotalFunctions == 0
                        ? $"GPU {gpu.Address} of node {host.Proxmox.Node} offers no vGPU types"
                        : $"GPU {gpu.Address} of node {host.Proxmox.Node} has no virtual function enabled, and a "
                            + "mapping is of functions that exist",
                    gpu.TotalFunctions == 0 ? "see what its driver is: Test-VgpuHost"
                        : $"enable them: Enable-Sriov {gpu.Address}", gpu.Address.ToString());
            }

            if (functions.All(f => f.Backend == VgpuBackend.None || f.Driver != "nvidia"))
            {
                throw new HostNotReadyException(
                    ErrorIds.SriovNotReady,
                    $"no function of GPU {gpu.Address} of node {host.Proxmox.Node} is nvidia's and offers vGPU types",
                    FunctionTypes.Action(gpu.Address), gpu.Address.ToString());
            }
        }
    }

    /// <summary>Whether a VM of this node runs with a function, or is about to start with it.</summary>
    public bool IsHeld(PciAddress function) =>
        host.Proxmox.GetReservations().Any(r => r.Function == function && r.IsHeld)
        || host.Claims.Load().Claims.Any(c => c.Function == function && host.Proxmox.IsRunning(c.Vm));

    private HashSet<PciAddress> Paths(PciMapping? mapping, PhysicalFunction gpu) =>
    [
        .. (mapping?.ForNode(host.Proxmox.Node) ?? []).SelectMany(e => e.Paths)
            .Select(p => PciAddress.TryParse(p, out var address) ? address : (PciAddress?)null).OfType<PciAddress>()
            .Where(a => MappingReader.IsOf(gpu, a)),
    ];
}
