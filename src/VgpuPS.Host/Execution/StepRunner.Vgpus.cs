using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private Task CreateVgpuAsync(CreateVgpuStep step)
    {
        var function = FindFunction(step.Function);
        CheckCreatable(function, step.Type, "");
        _executor.OnUndo(ct => RemoveVgpuAsync(step.Function, step.Uuid, ct));
        MakeVgpu(function, step.Type.Id, step.Uuid);
        return Task.CompletedTask;
    }

    private async Task RemoveVgpuAsync(RemoveVgpuStep step, CancellationToken cancellationToken)
    {
        var parameters = _host.Devices.ReadParameters(step.Function, step.Uuid) ?? "";
        _executor.OnUndo(_ =>
        {
            if (step.Type is { } type && _host.Devices.FindFunction(step.Function) is { } function
                && (step.Uuid is { } uuid
                    ? function.Devices.All(d => d.Uuid != uuid)
                    : function.CurrentType is null))
            {
                MakeVgpu(function, type, step.Uuid);
                RestoreParameters(step.Function, step.Uuid, parameters);
            }

            return Task.CompletedTask;
        });
        await RemoveVgpuAsync(step.Function, step.Uuid, cancellationToken).ConfigureAwait(false);
    }

    private void MakeVgpu(VirtualFunction function, VgpuTypeId type, MdevUuid? uuid)
    {
        if (uuid is not { } id)
        {
            _host.Devices.SetType(function.Address, type);
            _executor.Log("setVgpuType", function.Address.ToString(), "0", type.ToString());
            return;
        }

        _host.Devices.CreateMediatedDevice(function, type, id);
        CheckMediatedDevice(function.Address, type, id);
        _executor.Log("createMediatedDevice", $"{function.Address} {id}", "", type.MdevName);
    }

    private async Task RemoveVgpuAsync(PciAddress function, MdevUuid? uuid, CancellationToken cancellationToken)
    {
        if (uuid is { } id)
        {
            var before = _host.Devices.FindMediatedDevice(id)?.Type;
            await _host.Devices.RemoveMediatedDeviceAsync(id, TimeSpan.FromSeconds(10), cancellationToken)
                .ConfigureAwait(false);
            _executor.Log("removeMediatedDevice", $"{function} {id}", before?.MdevName ?? "", "");
        }
        else if (_host.Devices.FindFunction(function) is { CurrentType: { } type })
        {
            _host.Devices.SetType(function, null);
            _executor.Log("clearVgpuType", function.ToString(), type.ToString(), "0");
        }
    }

    private void CheckMediatedDevice(PciAddress function, VgpuTypeId type, MdevUuid uuid)
    {
        var device = _host.Devices.FindMediatedDevice(uuid);
        if (device is null || device.Parent != function || device.Type != type)
        {
            throw NotDone(
                $"mediated device {uuid} of type {type.MdevName} is not on function {function}", "write",
                "see why: journalctl -k -g NVRM; ls -l /sys/bus/mdev/devices", function.ToString());
        }
    }
}
