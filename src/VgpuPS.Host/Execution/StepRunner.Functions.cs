using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private async Task EnableFunctionsAsync(EnableFunctionsStep step, CancellationToken cancellationToken)
    {
        try
        {
            await SwitchFunctionsAsync(
                step.Gpu, () => _host.Sriov.EnableAsync(step.Gpu, _executor.TimeLeft, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (VgpuException e) when (e is not HostTimeoutException)
        {
            // The tool has ended, and may have done its part all the same; one that still runs is left alone.
            _executor.OnUndo(ct => RemoveFunctionsAsync(step, ct));
            throw;
        }

        _executor.Log("enableFunctions", step.Gpu.ToString(), "0", $"{step.Count}");
        _executor.OnUndo(ct => RemoveFunctionsAsync(step, ct));
    }

    private async Task RemoveFunctionsAsync(EnableFunctionsStep step, CancellationToken cancellationToken)
    {
        var gpu = _host.Devices.GetGpus().FirstOrDefault(g => g.Address == step.Gpu);
        if (gpu is { EnabledFunctions: 0 })
        {
            return;
        }

        if (gpu is not null && _host.Devices.GetFunctions(gpu).Any(f => f.IsOccupied))
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy, $"a function of GPU {step.Gpu} is in use meanwhile",
                "see its state: vgpu-hook show");
        }

        await SwitchFunctionsAsync(
            step.Gpu, () => _host.Sriov.DisableAsync(step.Gpu, TimeSpan.FromSeconds(30), cancellationToken))
            .ConfigureAwait(false);
        _executor.Log("disableFunctions", step.Gpu.ToString(), $"{step.Count}", "0");
    }

    private async Task DisableFunctionsAsync(DisableFunctionsStep step, CancellationToken cancellationToken)
    {
        try
        {
            await SwitchFunctionsAsync(
                step.Gpu, () => _host.Sriov.DisableAsync(step.Gpu, _executor.TimeLeft, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (VgpuException e) when (e is not HostTimeoutException)
        {
            _executor.OnUndo(ct => RestoreFunctionsAsync(step, ct));
            throw;
        }

        _executor.Log("disableFunctions", step.Gpu.ToString(), $"{step.Count}", "0");
        _executor.OnUndo(ct => RestoreFunctionsAsync(step, ct));
    }

    private async Task RestoreFunctionsAsync(DisableFunctionsStep step, CancellationToken cancellationToken)
    {
        if (_host.Devices.GetGpus().FirstOrDefault(g => g.Address == step.Gpu)?.EnabledFunctions >= step.Count)
        {
            return;
        }

        await SwitchFunctionsAsync(
            step.Gpu, () => _host.Sriov.EnableAsync(step.Gpu, _executor.UndoTime, cancellationToken))
            .ConfigureAwait(false);
        _executor.Log("enableFunctions", step.Gpu.ToString(), "0", $"{step.Count}");
    }

    /// <summary>
    /// A tool that is left to finish works on the GPU without us: nothing under it is rolled back, and no session of
    /// the
    /// driver is opened that would keep the GPU from it.
    /// </summary>
    private async Task SwitchFunctionsAsync(PciAddress gpu, Func<Task> switchAsync)
    {
        CloseDriver();
        try
        {
            await switchAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HostTimeoutException or OperationCanceledException)
        {
            _executor.Keep(gpu);
            throw;
        }
    }
}
