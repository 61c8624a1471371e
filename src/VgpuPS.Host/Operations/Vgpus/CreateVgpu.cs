using VgpuPS.Core.Capacity;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Vgpus;

/// <summary>Creates a vGPU by hand: a mediated device, or a vendor VFIO type, whichever the function offers.</summary>
internal sealed class CreateVgpu(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">It cannot be done; nothing is left of what was begun.</exception>
    public Task<ChangeResult> RunAsync(
        CreateVgpuRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        ChangedObject? created = null;
        return new GpuChange(host, request, progress).RunAsync(
            reader => FindGpus(reader, request),
            (reader, gpu) =>
            {
                var (change, vgpu) = Plan(reader, gpu, request);
                created = vgpu;
                return change;
            },
            (_, _) => created is null ? [] : [created],
            cancellationToken);
    }

    private (HostChange Change, ChangedObject Made) Plan(GpuReader reader, ManagedGpu gpu, CreateVgpuRequest request)
    {
        var functions = FindFunctions(gpu, request);
        var type = FindType(gpu, request.Type);
        if (!gpu.FitsMode(type))
        {
            throw RefuseMode(gpu, type);
        }

        var hasCapacity = host.Foreseen.Count == 0 || GpuCapacity.From(gpu).HasCapacityFor(type);
        var creatable = functions.Where(f => hasCapacity && !f.IsOccupied && host.Devices.IsCreatable(f, type.Id))
            .ToList();
        if (creatable.Count == 0)
        {
            throw RefuseCapacity(gpu, type, functions);
        }

        var reserved = reader.Reservations.Where(r => r.IsHeld).ToList();
        var function = creatable.FirstOrDefault(f => f.IsShared || reserved.All(r => r.Function != f.Address))
            ?? throw RefuseReserved(gpu, reserved.Where(r => creatable.Any(f => f.Address == r.Function)).ToList());
        var uuid = function.Backend == VgpuBackend.Mdev ? ReadUuid(request, function) : (MdevUuid?)null;
        return (
            HostChange.Of(gpu, [new CreateVgpuStep(gpu.Address, function.Address, type, uuid)]),
            new ChangedObject
            {
                GpuAddress = gpu.Address.ToString(),
                FunctionAddress = function.Address.ToString(),
                MdevUuid = uuid?.Value,
            });
    }

    private static IReadOnlyList<PhysicalFunction> FindGpus(GpuReader reader, CreateVgpuRequest request) =>
        (request.Gpu is null) == (request.FunctionAddress is null)
            ? throw new InvalidRequestException(
                ErrorIds.MissingParameter, "a vGPU needs a function or a GPU: exactly one of them must be specified",
                "name a GPU, or a function: Get-SriovFunction -Free")
            : request.Gpu is { } name ? reader.Find(name) : [FindGpu(reader, request.FunctionAddress!)];

    private static List<VirtualFunction> FindFunctions(ManagedGpu gpu, CreateVgpuRequest request)
    {
        if (request.FunctionAddress is { } function)
        {
            return [FindFunction(gpu, function)];
        }

        var usable = gpu.Functions.Where(f => f.Backend != VgpuBackend.None).ToList();
        var why = GpuBoard.WhyWithoutFunctions(gpu.Gpu);
        return usable.Count > 0 ? usable : throw new HostNotReadyException(
            ErrorIds.SriovNotReady,
            $"no function of {gpu.Text} offers vGPU types{(why is { } w ? $": {w.Cause}" : "")}",
            why?.Fix ?? (gpu.Gpu is { TotalFunctions: > 0, EnabledFunctions: 0 } ? "enable its functions: "
                + $"Enable-Sriov -Gpu {gpu.Address}"
                : "see whether the vGPU manager runs: systemctl status nvidia-vgpud nvidia-vgpu-mgr"),
            gpu.Address.ToString());
    }

    /// <summary>The GPU of a function by address.</summary>
    /// <exception cref="ObjectNotFoundException">There is none, or it cannot have a vGPU.</exception>
    internal static PhysicalFunction FindGpu(GpuReader reader, string function) =>
        (PciAddress.TryParse(function, out var wanted) ? reader.FindByFunction(wanted) : null)
            ?? throw NoFunction(function);

    /// <summary>A function of a GPU by address.</summary>
    /// <exception cref="ObjectNotFoundException">There is none, or it cannot have a vGPU.</exception>
    internal static VirtualFunction FindFunction(ManagedGpu gpu, string function) =>
        gpu.Functions.FirstOrDefault(f => PciAddress.TryParse(function, out var wanted) && f.Address == wanted)
            ?? throw NoFunction(function);

    private static ObjectNotFoundException NoFunction(string function) => new(
        ErrorIds.DeviceNotFound, $"{function} is not a function that can carry a vGPU",
        "see the functions: Get-SriovFunction; enable them: Enable-Sriov", function);

    private static VgpuType FindType(ManagedGpu gpu, string text) =>
        gpu.Types.Values.FirstOrDefault(t => t.IsNamed(text)) ?? throw new ObjectNotFoundException(
            ErrorIds.VgpuTypeNotFound, $"{gpu.Text} has no vGPU type {text}",
            $"choose one that it has: Get-VgpuType -Gpu {gpu.Address}", text);

    private static HostNotReadyException RefuseMode(ManagedGpu gpu, VgpuType type) => new(
        ErrorIds.MigModeMismatch,
        $"{type.ShortName} is {(type.IsMigBacked ? "MIG-backed" : "time-sliced")}, and MIG mode of {gpu.Text} is "
            + $"{(gpu.MigIsOn ? "on" : "off")}",
        $"choose a type that can be created: Get-VgpuType -Gpu {gpu.Address} -Creatable; or: "
            + $"{(type.IsMigBacked ? "Enable" : "Disable")}-MigMode -Gpu {gpu.Address}",
        gpu.Address.ToString());

    private static CapacityException RefuseCapacity(
        ManagedGpu gpu, VgpuType type, IReadOnlyList<VirtualFunction> functions)
    {
        var where = functions.Count == 1 ? $"on function {functions[0].Address} of {gpu.Text}" : $"on {gpu.Text}";
        var there = gpu.Vgpus.Count == 0 ? "no vGPU is on it"
            : $"on it are {string.Join(
                ", ", gpu.Vgpus.GroupBy(v => v.TypeName).Select(g => $"{g.Count()} x {g.Key}"))}";
        var profile = type.Profile is { } id ? gpu.FindProfile(id)?.Name : null;
        return new CapacityException(
            ErrorIds.TypeNotCreatable, $"{type.ShortName} cannot be created {where} now: {there}",
            profile is not null && gpu.Instances.All(i => i.Profile != type.Profile)
                ? $"create a GPU instance for it: New-MigInstance -Gpu {gpu.Address} -Profile {profile}"
                : $"see what can be created: Get-VgpuType -Gpu {gpu.Address} -Creatable", gpu.Address.ToString());
    }

    private static ResourceBusyException RefuseReserved(ManagedGpu gpu, IReadOnlyList<FunctionReservation> held) => new(
        ErrorIds.FunctionHeld,
        $"the free functions of {gpu.Text} are reserved for VMs: "
            + $"{string.Join(", ", held.Select(h => $"{h.Function} for VM {h.Vm}"))}",
        $"choose another function: Get-SriovFunction -Gpu {gpu.Address} -Free", gpu.Address.ToString());

    private MdevUuid ReadUuid(CreateVgpuRequest request, VirtualFunction function)
    {
        if (!MdevUuid.TryParse(request.Uuid, out var uuid))
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidUuid,
                $"function {function.Address} offers mediated devices, which need a UUID, "
                    + $"and {(request.Uuid is { Length: > 0 } text ? $"'{text}' is not one" : "none is specified")}",
                "specify one: -Uuid (New-Guid)", function.Address.ToString());
        }

        return host.Devices.FindMediatedDevice(uuid) is not { } other ? uuid : throw new ResourceBusyException(
            ErrorIds.ResourceBusy, $"the mediated device {uuid} already exists, on function {other.Parent}",
            "specify another UUID: -Uuid (New-Guid)", uuid.Value);
    }
}

/// <summary>Requests a vGPU on a function, or on the first free function of a GPU.</summary>
public sealed record CreateVgpuRequest : ChangeRequest
{
    /// <summary>The GPU, by index, UUID, address or model; null where the function is named.</summary>
    public string? Gpu { get; init; }

    /// <summary>Address of the function; null where the GPU is named.</summary>
    public string? FunctionAddress { get; init; }

    /// <summary>The type by name (<c>A30-2-12C</c>) or number (<c>690</c>, <c>nvidia-690</c>).</summary>
    public required string Type { get; init; }

    /// <summary>UUID of the mediated device; needed where the functions offer mediated devices.</summary>
    public string? Uuid { get; init; }
}
