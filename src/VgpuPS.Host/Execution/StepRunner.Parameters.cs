using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private Task SetParametersAsync(SetParametersStep step)
    {
        if (step.SetByProxmox is not null)
        {
            _host.Warn($"{step.Request.Name}: {step.Text}");
            return Task.CompletedTask;
        }

        var (function, uuid) = FindVgpu(step.Request);
        var (before, wanted) = (_host.Devices.ReadParameters(function, uuid) ?? "", step.Request.Parameters);
        if (VgpuParameters.AreSame(before, wanted))
        {
            return Task.CompletedTask;
        }

        _executor.OnUndo(_ =>
        {
            Write(wanted, before);
            return Task.CompletedTask;
        });
        Write(before, wanted);
        return Task.CompletedTask;

        void Write(string from, string to)
        {
            _host.Devices.WriteParameters(function, uuid, to);
            _executor.Log("setVgpuParameters", uuid is { } id ? $"{function} {id}" : function.ToString(), from, to);
        }
    }

    /// <summary>Where the vGPU of an entry is: the driver may have refused the function that was planned.</summary>
    private (PciAddress Function, MdevUuid? Uuid) FindVgpu(VmVgpuRequest request)
    {
        if (_host.Devices.FindMediatedDevice(request.Uuid) is { } device)
        {
            return (device.Parent, request.Uuid);
        }

        var claim = _book.File.Claims.FirstOrDefault(c => c.Vm == request.Vm && c.Entry == request.Entry);
        return (claim?.Function ?? request.Candidates[0].Address, null);
    }

    /// <summary>Parameters of a vGPU that is taken off and may have to be put back.</summary>
    private void RestoreParameters(PciAddress function, MdevUuid? uuid, string parameters)
    {
        if (parameters.Length > 0)
        {
            _host.Devices.WriteParameters(function, uuid, parameters);
        }
    }
}
