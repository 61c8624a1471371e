using VgpuPS.Core.Capacity;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private async Task RemoveOrphanAsync(RemoveOrphanStep step, CancellationToken cancellationToken)
    {
        if (step.Uuid is { } uuid)
        {
            await _host.Devices.RemoveMediatedDeviceAsync(
                uuid, _executor.TimeLeft, cancellationToken).ConfigureAwait(false);
            _executor.Log("removeMediatedDevice", $"{step.Function} {uuid}", "left over", "");
            return;
        }

        if (await FunctionRelease.RunAsync(_host, step.Function, new VmId(_executor.Vm!.Value), null, cancellationToken)
            .ConfigureAwait(false) is { } type)
        {
            _executor.Log("clearVgpuType", step.Function.ToString(), $"{type} left over", "0");
        }
    }

    private async Task AttachDeviceAsync(AttachDeviceStep step, CancellationToken cancellationToken)
    {
        var function = FindFunction(step.Function);
        switch (function.Backend)
        {
            case VgpuBackend.Mdev:
                AttachMediatedDevice(step, function);
                break;
            case VgpuBackend.VendorVfio:
                var taken = await AttachTypeAsync(step, cancellationToken).ConfigureAwait(false);
                _executor.Correct((step with { Function = taken }).Text);
                break;
            default:
                throw AssignmentPlanner.NoTypes(function.Address, "");
        }
    }

    private void AttachMediatedDevice(AttachDeviceStep step, VirtualFunction function)
    {
        var uuid = step.Request.Uuid;
        if (step.IsThere)
        {
            return;
        }

        CheckCreatable(function, step.Type, $" of {step.Request.Name}");
        _executor.OnUndo(async ct =>
        {
            await _host.Devices.RemoveMediatedDeviceAsync(uuid, TimeSpan.FromSeconds(10), ct).ConfigureAwait(false);
            _executor.Log("removeMediatedDevice", $"{function.Address} {uuid}", step.Type.Id.MdevName, "");
        });
        _host.Devices.CreateMediatedDevice(function, step.Type.Id, uuid);
        CheckMediatedDevice(function.Address, step.Type.Id, uuid);
        _executor.Log("createMediatedDevice", $"{function.Address} {uuid}", "", step.Type.Id.MdevName);
    }

    /// <summary>
    /// Reserves the first function that no other VM has by now, names it in the claim, and sets the type: Proxmox's
    /// lock is released before the driver is asked anything.
    /// </summary>
    /// <exception cref="FunctionRefusedException">The driver refused it, or all are held; nothing of it is
    /// left.</exception>
    private async Task<PciAddress> AttachTypeAsync(AttachDeviceStep step, CancellationToken cancellationToken)
    {
        var vm = step.Request.Vm;
        var others = _book.File.Claims.Where(c => c.Vm == vm && c.Entry != step.Request.Entry).Select(c => c.Function)
            .ToHashSet();
        var functions = step.Alternatives.Where(f => f == step.Function || !others.Contains(f)).ToList();
        var own = _host.Proxmox.GetReservations().Where(r => r.Vm == vm && r.IsHeld).Select(r => r.Function)
            .ToHashSet();
        var reserved = default(PciAddress?);
        _executor.OnUndo(async ct =>
        {
            // Of a write that was not read back it is unknown which.
            foreach (var taken in functions.Where(f => !own.Contains(f) && (reserved is null || f == reserved)))
            {
                await _host.Proxmox.UnreserveAsync(taken, vm, ct).ConfigureAwait(false);
            }
        });
        reserved = await _host.Proxmox.ReserveFirstAsync(functions, vm, FunctionRelease.HoldTime, cancellationToken)
            .ConfigureAwait(false);
        if (reserved is not { } address)
        {
            throw new FunctionRefusedException(null, new ResourceBusyException(
                ErrorIds.FunctionHeld,
                $"function {step.Function} of {step.Request.Name} was just reserved for another VM",
                $"see which VM has it (cat /run/qemu-server/pci-id-reservations), then: qm start {vm}",
                step.Function.ToString()));
        }

        NameInClaim(step, address);
        if (!step.IsReservedOnly)
        {
            await SetTypeAsync(step, FindFunction(address), cancellationToken).ConfigureAwait(false);
        }

        return address;
    }

    private void NameInClaim(AttachDeviceStep step, PciAddress function)
    {
        var claims = _book.File.Claims.Where(c => c.Vm == step.Request.Vm).ToList();
        if (claims.Exists(c => c.Entry == step.Request.Entry && c.Function != function))
        {
            _book.Put(step.Request.Vm, claims.Select(
                c => c.Entry == step.Request.Entry ? c with { Function = function } : c));
        }
    }

    private async Task SetTypeAsync(
        AttachDeviceStep step, VirtualFunction function, CancellationToken cancellationToken)
    {
        var address = function.Address;
        var (before, type) = (function.CurrentType, step.Type.Id);
        if (before == type)
        {
            return;
        }

        var parameters = before is null ? "" : _host.Devices.ReadParameters(address, null) ?? "";
        _executor.OnUndo(ct => RollBackTypeAsync(step, address, before, parameters, ct));
        try
        {
            if (before is not null)
            {
                _host.Devices.SetType(address, null);
                function = FindFunction(address);
            }

            CheckCreatable(function, step.Type, $" of {step.Request.Name}");
            _host.Devices.SetType(address, type);
        }
        catch (VgpuException e) when (e is CapacityException or NativeCallException or ResourceBusyException)
        {
            // The next alternative is looked for from what is there then.
            await _executor.UndoNewestAsync(cancellationToken).ConfigureAwait(false);
            await _host.Proxmox.UnreserveAsync(address, step.Request.Vm, cancellationToken).ConfigureAwait(false);
            throw new FunctionRefusedException(address, e);
        }

        _executor.Log("setVgpuType", address.ToString(), before?.ToString() ?? "0", type.ToString());
    }

    /// <summary>
    /// Takes the type off again while the VM's line is on the function, and restores an orphaned one.
    /// </summary>
    private async Task RollBackTypeAsync(
        AttachDeviceStep step, PciAddress function, VgpuTypeId? before, string parameters,
        CancellationToken cancellationToken)
    {
        var vm = step.Request.Vm;
        if (await _host.Proxmox.ReserveFirstAsync([function], vm, FunctionRelease.HoldTime, cancellationToken)
            .ConfigureAwait(false) is null)
        {
            return;
        }

        var now = _host.Devices.FindFunction(function)?.CurrentType;
        if (now == step.Type.Id)
        {
            _host.Devices.SetType(function, null);
            now = null;
        }

        if (before is not null && now is null)
        {
            _host.Devices.SetType(function, before);
            RestoreParameters(function, null, parameters);
        }

        _executor.Log("setVgpuType", function.ToString(), step.Type.Id.ToString(), before?.ToString() ?? "0");
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
        "see what is on the GPU, and what the driver reported: vgpu-hook show; journalctl -k -g NVRM",
        function.ToString());

    private VirtualFunction FindFunction(PciAddress address) =>
        _host.Devices.FindFunction(address) ?? throw new ObjectNotFoundException(
            ErrorIds.DeviceNotFound, $"function {address} no longer exists",
            "see which functions exist: vgpu-hook show",
            address.ToString());
}

/// <summary>A function could not be had for a vGPU, and nothing of the attempt is left on it: another may do.</summary>
/// <param name="function">The function that the driver refused; null where other VMs hold all that were
/// requested.</param>
/// <param name="reason">Why; what the start is refused with when no other does.</param>
internal sealed class FunctionRefusedException(PciAddress? function, VgpuException reason)
    : Exception(reason.Message, reason)
{
    /// <summary>The function that the driver refused; null where other VMs hold all that were requested.</summary>
    public PciAddress? Function { get; } = function;

    /// <summary>Why.</summary>
    public VgpuException Reason { get; } = reason;
}
