using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Chooses type, GPU and function of a vGPU, or checks those that a user chose.</summary>
/// <param name="host">The host.</param>
/// <param name="settings">Our configuration, which says whether functions are enabled by the hook.</param>
/// <param name="driver">The driver's session.</param>
/// <param name="vm">The VM.</param>
/// <param name="entry">The entry that is changed; null for a new one.</param>
internal sealed partial class VgpuPlacer(
    HostPorts host, HookSettings settings, IGpuDriverSession driver, VmSubject vm, int? entry)
{
    private readonly IReadOnlyList<GpuState> _gpus = ReadGpus(
        host, new GpuReader(host, driver, ClaimFile.Empty));
    private readonly FunctionUsers _users = FunctionUsers.Read(host);
    private readonly Lazy<PciMappings> _mappings = new(host.Proxmox.ReadMappings);

    /// <summary>Finds the place.</summary>
    /// <param name="request">The type: exactly one of type, profile and memory.</param>
    /// <param name="function">A function's address; null to choose.</param>
    /// <param name="mapping">Id of a cluster mapping, whose function Proxmox chooses at the start; null for
    /// none.</param>
    /// <exception cref="VgpuException">There is none; names the reason and what to do.</exception>
    public VgpuPlace Find(VgpuRequest request, string? function, string? mapping)
    {
        if (function is not null && mapping is not null)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, $"function {function} and mapping {mapping} are both specified; "
                    + "an entry has one of them",
                "specify -Function or -Mapping");
        }

        if (_gpus.Count == 0)
        {
            throw new HostNotReadyException(
                ErrorIds.DriverNotReady, "no GPU of this host is bound to the nvidia driver",
                "see what is there, and who has it: lspci -nnk -d 10de:");
        }

        var place = function is not null ? AtFunction(request, function)
            : mapping is not null ? AtMapping(request, mapping)
            : Anywhere(request);
        CheckBeside(place.Type);
        return place;
    }

    /// <summary>
    /// GPUs that answer. Whose vGPUs are on them does not matter: VMs that do not run count as well.
    /// </summary>
    private static List<GpuState> ReadGpus(HostPorts host, GpuReader reader)
    {
        var gpus = new List<GpuState>();
        var failures = new List<(PciAddress Gpu, VgpuException Failure)>();
        foreach (var gpu in reader.Gpus)
        {
            try
            {
                gpus.Add(reader.Read(gpu, null));
            }
            catch (VgpuException e)
            {
                failures.Add((gpu.Address, e));
            }
        }

        if (gpus.Count == 0 && failures.Count > 0)
        {
            throw failures[0].Failure;
        }

        failures.ForEach(f => host.Warn($"GPU {f.Gpu} is not considered: {f.Failure.Message}"));
        return gpus;
    }

    private VgpuPlace AtFunction(VgpuRequest request, string text)
    {
        if (!PciAddress.TryParse(text.ToLowerInvariant(), out var address))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidAddress, $"'{text}' is not an address of a PCI function",
                $"write it like this: {_gpus[0].Address}; Get-SriovFunction -Free lists those that are free", text);
        }

        var gpu = CheckFunction(address);
        var type = VgpuTypeChoice.Find(request, [gpu])[0].Type;
        if (!IsShared(gpu, address))
        {
            CheckUsers(address);
        }

        return At(address, gpu, type);
    }

    private VgpuPlace At(PciAddress address, GpuState gpu, VgpuType type) => new(
        address.ToString(), type, gpu.Text, [.. Notes(gpu, type)])
    {
        Function = IsShared(gpu, address) ? null : address,
    };

    private GpuState CheckFunction(PciAddress address)
    {
        const string Choose = "choose a function: Get-SriovFunction -Free";
        if (_gpus.FirstOrDefault(o => o.Address == address || o.Gpu.IndexOf(address) is not null
            || o.Functions.Any(f => f.Address == address)) is not { } gpu)
        {
            throw host.Devices.Find(address) switch
            {
                null => new ObjectNotFoundException(
                    ErrorIds.DeviceNotFound,
                    $"function {address} does not exist and belongs to no GPU that the nvidia driver has", Choose,
                    address.ToString()),
                { IsNvidia: true, IsDisplay: true } device => WrongDriver(device),
                var device => (VgpuException)new InvalidRequestException(
                    ErrorIds.NotAVgpuFunction,
                    $"{address} is not a function of an NVIDIA GPU (vendor {device.Vendor:x4}, "
                        + $"device {device.Device:x4})", Choose,
                    address.ToString()),
            };
        }

        if (gpu.Functions.FirstOrDefault(f => f.Address == address) is { } function)
        {
            if (function.LacksTypes)
            {
                throw NoTypes(gpu);
            }

            return function.Driver == "nvidia" || function.IsShared ? gpu
                : throw WrongDriver(host.Devices.Find(address) ?? throw new ObjectNotFoundException(
                    ErrorIds.DeviceNotFound, $"function {address} no longer exists", Choose, address.ToString()));
        }

        return address == gpu.Address
            ? throw new InvalidRequestException(
                ErrorIds.NotAVgpuFunction,
                $"{address} is {gpu.Text} itself; its vGPUs are on its {gpu.Gpu.TotalFunctions} virtual functions",
                Choose, address.ToString())
            : Predicted(gpu).Contains(address) ? gpu : throw FunctionsAreOff([gpu]);
    }

    private static HostNotReadyException WrongDriver(PciDevice device) => new(
        ErrorIds.WrongDriver,
        $"{device.Address} is bound to {device.Driver ?? "no driver"} instead of nvidia, so it cannot carry a vGPU",
        "bind it again: disable and enable its GPU's virtual functions (Disable-Sriov; Enable-Sriov), "
            + $"and see which driver has it: lspci -nnk -s {device.Address}",
        device.Address.ToString());

    private void CheckUsers(PciAddress address)
    {
        if (_users.Of(address, vm.Id, entry).FirstOrDefault() is { } user)
        {
            throw user.Vm == vm.Id
                ? new InvalidRequestException(
                    ErrorIds.FunctionAlreadyUsed,
                    $"hostpci{user.Entry} of {vm.Label} already names function {address}; "
                        + "it can carry one vGPU only",
                    "use another function: Get-SriovFunction -Free", address.ToString())
                : new ResourceBusyException(
                    ErrorIds.FunctionHeld, $"function {address} is hostpci{user.Entry} of {user.Label}",
                    "use another function (Get-SriovFunction -Free), or remove that one: "
                        + $"Remove-VmVgpu -VmId {user.Vm} -Entry hostpci{user.Entry}",
                    address.ToString());
        }
    }

    private VgpuPlace AtMapping(VgpuRequest request, string id)
    {
        PciMappings.RequireName(id);
        var found = _mappings.Value.Find(id);
        var entries = found?.ForNode(host.Proxmox.Node) ?? [];
        if (entries.Count == 0)
        {
            throw new ObjectNotFoundException(
                ErrorIds.MappingNotFound,
                found is null
                    ? $"no cluster mapping is named {id}" : $"mapping {id} has no entry for node {host.Proxmox.Node}",
                found is null ? $"see what is mapped (Get-VgpuMapping), or make it: New-VgpuMapping {id} -Gpu 0"
                    : $"give it functions of this node: Sync-VgpuMapping {id} -Gpu 0", id);
        }

        if (!found!.IsMediated)
        {
            throw new InvalidRequestException(
                ErrorIds.MappingUnusable, $"mapping {id} is not marked for mediated devices, "
                    + "so Proxmox passes its functions through as a whole",
                $"mark it: pvesh set /cluster/mapping/pci/{id} --mdev 1", id);
        }

        var mapped = entries.SelectMany(e => e.Paths)
            .Select(p => PciAddress.TryParse(p, out var address) ? address : (PciAddress?)null).OfType<PciAddress>()
            .ToList();
        var gpus = _gpus.Where(o => mapped.Exists(
            m => m == o.Address || o.Gpu.IndexOf(m) is not null)).ToList();
        if (gpus.Count == 0)
        {
            throw new InvalidRequestException(
                ErrorIds.MappingUnusable, $"mapping {id} names no function of a GPU that the nvidia driver has",
                $"compare it with the hardware: pvesh get /cluster/mapping/pci/{id}", id);
        }

        var (gpu, type) = VgpuTypeChoice.Find(request, gpus).OrderBy(c => c.Gpu.FitsMode(c.Type) ? 0 : 1).First();
        return new VgpuPlace($"mapping={id}", type, $"a function of mapping {id}", [.. Notes(gpu, type)]);
    }

    private IEnumerable<string> Notes(GpuState gpu, VgpuType type)
    {
        if (type.IsMigBacked && !gpu.MigIsOn)
        {
            yield return settings.MigMode == MigModePolicy.WhenIdle
                ? $"expect the hook to enable MIG mode of GPU {gpu.Index} when the VM starts, if the GPU is idle then"
                : $"enable MIG mode of GPU {gpu.Index} before the VM starts (Enable-MigMode {gpu.Index}): "
                    + $"{type.ShortName} needs it";
        }
    }
}

/// <summary>Where a vGPU goes.</summary>
/// <param name="Device">The line's first property: an address, or <c>mapping=ID</c>.</param>
/// <param name="Type">Its type.</param>
/// <param name="Where">The place for display.</param>
/// <param name="Notes">What the user should know about it, in the imperative; none where there is nothing.</param>
internal sealed record VgpuPlace(string Device, VgpuType Type, string Where, IReadOnlyList<string> Notes)
{
    /// <summary>The function that the VM then has for itself; null where Proxmox chooses, or where several VMs share
    /// it.</summary>
    public PciAddress? Function { get; init; }
}
