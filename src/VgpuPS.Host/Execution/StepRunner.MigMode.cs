using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private async Task SwitchMigModeAsync(
        PlanStep step, bool enable, bool mayReset, CancellationToken cancellationToken)
    {
        var gpu = step.Gpu;
        var change = Driver.SetMigMode(gpu, enable);
        var mode = Driver.GetMigMode(gpu);
        if (mayReset && mode is not null && mode.Current != enable && mode.Pending == enable)
        {
            mode = await ResetAsync(gpu, enable, change, _executor.TimeLeft, cancellationToken).ConfigureAwait(false);
        }

        if (mode?.Current == enable && mode.Pending == enable)
        {
            _executor.Log(enable ? "enableMigMode" : "disableMigMode", gpu.ToString(), enable ? "off" : "on", enable
                ? "on" : "off");
            _executor.OnUndo(ct => RollBackMigModeAsync(gpu, !enable, mayReset, ct));
            return;
        }

        throw RefuseMigMode(gpu, enable, change);
    }

    /// <summary>Resets a GPU whose MIG mode is pending; where that fails, the pending mode is restored.</summary>
    private async Task<MigMode?> ResetAsync(
        PciAddress gpu, bool enable, MigModeChange change, TimeSpan deadline, CancellationToken cancellationToken)
    {
        CloseDriver();
        try
        {
            await _host.Reset.ResetAsync(gpu, deadline, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HostTimeoutException or OperationCanceledException)
        {
            _executor.Keep(gpu);
            throw;
        }
        catch (HostCommandException e)
        {
            RestorePendingMode(gpu, !enable);
            var holders = DescribeHolders(gpu);
            throw change == MigModeChange.InUse || holders.Length > 0
                ? new ResourceBusyException(
                    ErrorIds.ResourceBusy, $"{e.Message}{holders}", e.RecommendedAction, e.Target, e)
                : new HostCommandException(
                    e.ErrorId, e.Message, e.RecommendedAction, e.Command, e.ExitCode, e.Output, e.Target);
        }

        var mode = Driver.GetMigMode(gpu);
        _executor.Log("resetGpu", gpu.ToString(), $"MIG mode {(enable ? "on" : "off")} pending",
            $"MIG mode {(mode?.Current == true ? "on" : "off")}");
        return mode;
    }

    private VgpuException RefuseMigMode(PciAddress gpu, bool enable, MigModeChange change)
    {
        var (on, value) = enable ? ("on", 1) : ("off", 0);
        var isBack = RestorePendingMode(gpu, !enable);
        var pending = isBack ? "" : $"; its pending mode could not be restored and is still {on}";
        return change switch
        {
            MigModeChange.InUse => new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"MIG mode of GPU {gpu} cannot be switched {on}: the GPU is in use by another "
                    + $"client{DescribeHolders(gpu)}{pending}",
                "stop what uses it (fuser -v /dev/nvidia*; systemctl stop nvidia-persistenced nvidia-dcgm), then: "
                    + $"nvidia-smi -i {gpu} -mig {value}",
                gpu.ToString()),
            MigModeChange.ResetRequired => new HostNotReadyException(
                ErrorIds.ResetRequired,
                $"MIG mode of GPU {gpu} needs a GPU reset to be switched {on}{pending}",
                $"with no VM on it: nvidia-smi -i {gpu} -mig {value}; nvidia-smi --gpu-reset -i {gpu} (or reboot)",
                gpu.ToString()),
            MigModeChange.NotActivated => new HostNotReadyException(
                ErrorIds.ResetRequired,
                $"MIG mode of GPU {gpu} cannot be switched {on} while the host runs: the driver cannot reset this GPU "
                    + $"(nvmlDeviceSetMigMode, activation status Not Supported (3)){pending}",
                $"with no VM on it: nvidia-smi -i {gpu} -mig {value}; reboot", gpu.ToString()),
            _ => NotDone(
                $"MIG mode of GPU {gpu} is still {(enable ? "off" : "on")}{pending}", "nvmlDeviceSetMigMode",
                $"look at it: nvidia-smi -i {gpu} -q -d MIG; journalctl -k -g NVRM", gpu.ToString()),
        };
    }

    private string DescribeHolders(PciAddress gpu)
    {
        var holders = _host.Clients.Find(gpu, Driver.GetProcesses(gpu));
        return holders.Count == 0 ? "" : $": {string.Join(", ", holders.Select(h => h.Text))}";
    }

    private bool RestorePendingMode(PciAddress gpu, bool enabled)
    {
        if (Driver.GetMigMode(gpu) is { } mode && mode.Pending != enabled)
        {
            Driver.SetMigMode(gpu, enabled);
        }

        return Driver.GetMigMode(gpu) is { } now && now.Pending == enabled;
    }

    private async Task RollBackMigModeAsync(
        PciAddress gpu, bool enable, bool mayReset, CancellationToken cancellationToken)
    {
        var change = Driver.SetMigMode(gpu, enable);
        var mode = Driver.GetMigMode(gpu);
        if (mayReset && mode is not null && mode.Current != enable)
        {
            mode = await ResetAsync(gpu, enable, change, _executor.UndoTime, cancellationToken).ConfigureAwait(false);
        }

        if (mode is not null && mode.Current != enable)
        {
            throw new HostNotReadyException(
                ErrorIds.MigModeMismatch, $"MIG mode of GPU {gpu} stays {(enable ? "off" : "on")}",
                $"with no VM on it: nvidia-smi -i {gpu} -mig {(enable ? 1 : 0)}", gpu.ToString());
        }

        _executor.Log(
            enable ? "enableMigMode" : "disableMigMode", gpu.ToString(), enable ? "off" : "on", enable ? "on" : "off");
    }
}
