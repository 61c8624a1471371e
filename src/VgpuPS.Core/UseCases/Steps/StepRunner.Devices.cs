using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;
using VgpuPS.Core.Vgpu.Assignment;

namespace VgpuPS.Core.UseCases.Steps;

internal sealed partial class StepRunner
{
    /// <summary>How long the hook's reservation holds unless Proxmox renews it, which it does within seconds.</summary>
    private static readonly TimeSpan s_reservation = TimeSpan.FromSeconds(120);

    private async Task RemoveLeftoverAsync(RemoveLeftoverStep step, CancellationToken cancellationToken)
    {
        if (step.Uuid is { } uuid)
        {
            await _host.Devices.RemoveMediatedDeviceAsync(uuid, TimeLeft, cancellationToken).ConfigureAwait(false);
            Log("removeMediatedDevice", $"{step.Function} {uuid}", "left over", "");
            return;
        }

        _host.Devices.SetType(step.Function, null);
        Log("clearVgpuType", step.Function.ToString(), "left over", "0");
        if (_vm is { } vm)
        {
            await _host.Guests.UnreserveAsync(step.Function, new VmId(vm), cancellationToken).ConfigureAwait(false);
        }
    }

    private Task AttachDeviceAsync(AttachDeviceStep step, CancellationToken cancellationToken)
    {
        var function = FindFunction(step.Function);
        return function.Backend switch
        {
            VgpuBackend.Mdev => AttachMediatedDevice(step, function),
            VgpuBackend.VendorVfio => AttachTypeAsync(step, function, cancellationToken),
            _ => throw new HostNotReadyException(
                ErrorIds.SriovNotReady,
                $"function {function.Address} offers no vGPU types: it has neither mdev_supported_types nor a directory nvidia",
                "See whether the vGPU manager runs: systemctl status nvidia-vgpud nvidia-vgpu-mgr",
                function.Address.ToString()),
        };
    }

    private Task AttachMediatedDevice(AttachDeviceStep step, VirtualFunction function)
    {
        var uuid = step.Request.Uuid;
        if (step.IsThere)
        {
            return Task.CompletedTask;
        }

        CheckCreatable(function, step.Type, $" of {step.Request.Name}");
        Done(step, async ct =>
        {
            await _host.Devices.RemoveMediatedDeviceAsync(uuid, TimeSpan.FromSeconds(10), ct).ConfigureAwait(false);
            Log("removeMediatedDevice", $"{function.Address} {uuid}", step.Type.Id.MdevName, "");
        });
        _host.Devices.CreateMediatedDevice(function, step.Type.Id, uuid);
        CheckMediatedDevice(function.Address, step.Type.Id, uuid);
        Log("createMediatedDevice", $"{function.Address} {uuid}", "", step.Type.Id.MdevName);
        return Task.CompletedTask;
    }

    private async Task AttachTypeAsync(
        AttachDeviceStep step, VirtualFunction function, CancellationToken cancellationToken)
    {
        var address = function.Address;
        var vm = step.Request.Vm;
        if (!_host.Guests.GetReservations().Any(r => r.Function == address && r.Vm == vm && r.IsHeld))
        {
            Done(step, ct => _host.Guests.UnreserveAsync(address, vm, ct));
        }

        await _host.Guests.ReserveAsync(address, vm, s_reservation, cancellationToken).ConfigureAwait(false);
        if (function.CurrentType == step.Type.Id)
        {
            return;
        }

        var before = function.CurrentType;
        Done(step, _ =>
        {
            _host.Devices.SetType(address, null);
            if (before is not null)
            {
                _host.Devices.SetType(address, before);
            }

            Log("setVgpuType", address.ToString(), step.Type.Id.ToString(), before?.ToString() ?? "0");
            return Task.CompletedTask;
        });
        if (before is not null)
        {
            _host.Devices.SetType(address, null);
            function = FindFunction(address);
        }

        CheckCreatable(function, step.Type, $" of {step.Request.Name}");
        _host.Devices.SetType(address, step.Type.Id);
        Log("setVgpuType", address.ToString(), before?.ToString() ?? "0", step.Type.Id.ToString());
    }

    /// <summary>Proxmox asks the kernel or NVML, by its version, so both must agree that the type can be created.</summary>
    private Task CheckCreatableAsync(LeaveToProxmoxStep step)
    {
        CheckCreatable(FindFunction(step.Function), step.Type, $" of {step.Request.Name}");
        var creatable = Driver.GetCreatableTypes(step.Gpu);
        if (!creatable.Contains(step.Type.Id))
        {
            throw NotCreatable(step.Function, step.Type, $" of {step.Request.Name}", "NVML does not list it for the GPU");
        }

        return Task.CompletedTask;
    }

    private void CheckCreatable(VirtualFunction function, VgpuType type, string owner)
    {
        if (!_host.Devices.IsCreatable(function, type.Id))
        {
            throw NotCreatable(function.Address, type, owner, "the driver does not offer it there now");
        }
    }

    private static CapacityException NotCreatable(
        PciAddress function, VgpuType type, string owner, string why) => new(
        ErrorIds.TypeNotCreatable,
        $"{type.ShortName} (type {type.Id}){owner} cannot be created on function {function}: {why}",
        "See what is on the GPU, and what the driver said: vgpu-hook show; journalctl -k -g NVRM",
        function.ToString());

    private VirtualFunction FindFunction(PciAddress address) =>
        _host.Devices.FindFunction(address) ?? throw new ObjectNotFoundException(
            ErrorIds.DeviceNotFound, $"function {address} has vanished", "See which functions exist: vgpu-hook show",
            address.ToString());
}
