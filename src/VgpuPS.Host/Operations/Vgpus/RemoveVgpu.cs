namespace VgpuPS.Host.Operations.Vgpus;

/// <summary>Removes a vGPU that no VM runs or is about to run: its mediated device, or its function's vendor VFIO
/// type.</summary>
internal sealed class RemoveVgpu(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">It cannot be done; what was removed is made again.</exception>
    public Task<ChangeResult> RunAsync(
        RemoveVgpuRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var function = "";
        PlacedVgpu? found = null;
        return new GpuChange(host, request, progress).RunAsync(
            reader => [VgpuPS.Host.Operations.Vgpus.CreateVgpu.FindGpu(reader, function = FindFunction(request))],
            (reader, gpu) => Plan(reader, gpu, found = FindVgpu(gpu, function, request)),
            (_, gpu) => found is null ? [] : [new ChangedObject
            {
                GpuAddress = gpu.Address.ToString(),
                FunctionAddress = found.Function.ToString(),
                MdevUuid = found.Uuid?.Value,
            }],
            cancellationToken);
    }

    private static HostChange Plan(GpuReader reader, ManagedGpu gpu, PlacedVgpu vgpu)
    {
        if (reader.IsBusy(gpu, vgpu))
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"{vgpu.TypeName} on function {vgpu.Function} is used by "
                    + $"{(vgpu.Vm is { } vm ? $"VM {vm}" : "an unknown VM")}",
                vgpu.Vm is { } known ? $"stop it: qm shutdown {known}" : "find it: qm list; nvidia-smi vgpu",
                vgpu.Function.ToString());
        }

        return HostChange.Of(gpu, [vgpu.ToRemoval(gpu.Address)]);
    }

    /// <summary>The function that is named, or that the mediated device hangs on.</summary>
    private string FindFunction(RemoveVgpuRequest request) => (ReadUuid(request), request.FunctionAddress) switch
    {
        (_, { } function) => function,
        ({ } uuid, null) =>
            host.Devices.FindMediatedDevice(uuid)?.Parent.ToString() ?? throw Missing(request.MdevUuid!),
        _ => throw new InvalidRequestException(
            ErrorIds.MissingParameter, "neither a function nor a mediated device is named", "name one: Get-Vgpu"),
    };

    private static MdevUuid? ReadUuid(RemoveVgpuRequest request) =>
        request.MdevUuid is not { } text ? null
        : MdevUuid.TryParse(text, out var uuid) ? uuid
        : throw new InvalidRequestException(
            ErrorIds.InvalidUuid, $"'{text}' is not a UUID of a mediated device", "see them: Get-Vgpu", text);

    private static PlacedVgpu FindVgpu(ManagedGpu gpu, string function, RemoveVgpuRequest request)
    {
        var wanted = ReadUuid(request);
        var address = VgpuPS.Host.Operations.Vgpus.CreateVgpu.FindFunction(gpu, function).Address;
        return gpu.Vgpus.Where(v => v.Function == address && (wanted is null || v.Uuid == wanted)).ToList() switch
        {
            [] => throw Missing(wanted?.Value ?? function),
            [var only] => only,
            var several => throw new InvalidRequestException(
                ErrorIds.AmbiguousVgpu, $"function {function} has {several.Count} vGPUs",
                "name one by its mediated device: Get-Vgpu", function),
        };
    }

    private static ObjectNotFoundException Missing(string text) => new(
        ErrorIds.VgpuNotFound, $"there is no vGPU: {text}", "see the vGPUs: Get-Vgpu", text);
}

/// <summary>Requests a vGPU to be removed, named by its function or by its mediated device.</summary>
public sealed record RemoveVgpuRequest : ChangeRequest
{
    /// <summary>Address of the function; null where the mediated device is named.</summary>
    public string? FunctionAddress { get; init; }

    /// <summary>UUID of the mediated device; null where the function has one vGPU.</summary>
    public string? MdevUuid { get; init; }
}
