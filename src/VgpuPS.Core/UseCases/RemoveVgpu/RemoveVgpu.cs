using VgpuPS.Core.Errors;
using VgpuPS.Core.Mig.Plans;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.ShowHost;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.RemoveVgpu;

/// <summary>Removes a vGPU that no VM runs or is about to run: its mediated device, or its function's vendor VFIO type.</summary>
public sealed class RemoveVgpu(HostPorts host)
{
    /// <summary>Plans it, or carries it out.</summary>
    /// <exception cref="VgpuException">It cannot be done; what was removed is made again.</exception>
    public Task<ChangeResult> RunAsync(
        RemoveVgpuRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken) =>
        new ChangeCarrier(host, request, progress).RunAsync(reader => Plan(reader, request), _ => [], cancellationToken);

    private HostChange Plan(ManagedGpuReader reader, RemoveVgpuRequest request)
    {
        var (gpu, vgpu) = Find(reader, request);
        if (vgpu.IsRunning || (vgpu.VmId is { } busy && gpu.BusyVms.Contains(busy)))
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"{vgpu.TypeName} on function {vgpu.Function} is used by {(vgpu.VmId is { } vm ? $"VM {vm}" : "a VM that cannot be named")}",
                vgpu.VmId is { } known ? $"Stop it: qm shutdown {known}" : "Find it: qm list; nvidia-smi vgpu", vgpu.Function);
        }

        return HostChange.Of(gpu, [new RemoveVgpuStep(
            gpu.Address, PciAddress.Parse(vgpu.Function), vgpu.Type == 0 ? null : new VgpuTypeId(vgpu.Type),
            vgpu.Uuid is { } uuid ? new MdevUuid(uuid) : null, vgpu.TypeName)]);
    }

    private (ManagedGpu Gpu, VgpuReport Vgpu) Find(ManagedGpuReader reader, RemoveVgpuRequest request)
    {
        var function = request.FunctionAddress;
        string? wanted = null;
        if (request.MdevUuid is { } text)
        {
            if (!MdevUuid.TryParse(text, out var uuid))
            {
                throw new InvalidRequestException(
                    ErrorIds.InvalidRequest, $"'{text}' is no UUID of a mediated device", "See them: Get-Vgpu", text);
            }

            wanted = uuid.Value;
            function ??= host.Devices.FindMediatedDevice(uuid)?.Parent.ToString();
        }
        else if (function is null)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidRequest, "neither a function nor a mediated device is named", "Name one: Get-Vgpu");
        }

        var (gpu, found) = function is null ? throw Missing(text: request.MdevUuid!) : CreateVgpu.CreateVgpu.FindOwner(reader, function);
        var there = gpu.Report.Vgpus.Where(v => v.Function == found.Address.ToString() && (wanted is null || v.Uuid == wanted)).ToList();
        return there.Count switch
        {
            0 => throw Missing(wanted ?? function),
            1 => (gpu, there[0]),
            _ => throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"function {function} carries {there.Count} vGPUs",
                "Name one by its mediated device: Get-Vgpu", function),
        };
    }

    private static ObjectNotFoundException Missing(string text) => new(
        ErrorIds.VgpuNotFound, $"no vGPU is there: {text}", "See the vGPUs: Get-Vgpu", text);
}
