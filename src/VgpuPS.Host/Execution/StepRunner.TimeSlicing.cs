using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    private Task SetMixedSizesAsync(SetMixedSizesStep step)
    {
        _executor.OnUndo(_ =>
        {
            if (Driver.GetMixedSizeMode(step.Gpu) == step.Enabled)
            {
                Driver.SetMixedSizeMode(step.Gpu, !step.Enabled);
                LogMixedSizes(step.Gpu, !step.Enabled);
            }

            return Task.CompletedTask;
        });
        Driver.SetMixedSizeMode(step.Gpu, step.Enabled);
        if (Driver.GetMixedSizeMode(step.Gpu) != step.Enabled)
        {
            throw NotDone(
                $"mixed sizes of vGPUs on GPU {step.Gpu} are still {(step.Enabled ? "off" : "on")}",
                "nvmlDeviceSetVgpuHeterogeneousMode", $"look at it: nvidia-smi -i {step.Gpu} -q", step.Gpu.ToString());
        }

        LogMixedSizes(step.Gpu, step.Enabled);
        return Task.CompletedTask;
    }

    private Task SetSchedulerAsync(SetSchedulerStep step)
    {
        var before = Driver.GetScheduler(step.Gpu);
        _executor.OnUndo(_ =>
        {
            if (before is { Policy: { } policy } && Driver.GetScheduler(step.Gpu) != before)
            {
                Driver.SetScheduler(
                    step.Gpu, policy, before.IsAdaptive == false ? before.TimesliceNanoseconds : null);
                _executor.Log("setVgpuScheduler", step.Gpu.ToString(), step.Scheduler.Describe(), Describe(before));
            }

            return Task.CompletedTask;
        });
        Driver.SetScheduler(
            step.Gpu, step.Scheduler.Policy, step.Scheduler.TimesliceMilliseconds * NanosecondsPerMillisecond);
        if (Driver.GetScheduler(step.Gpu)?.Is(step.Scheduler) != true)
        {
            throw NotDone(
                $"the vGPU scheduler of GPU {step.Gpu} is not {step.Scheduler.Describe()}",
                "nvmlDeviceSetVgpuSchedulerState",
                $"look at it: nvidia-smi vgpu -i {step.Gpu} -ss; journalctl -k -g NVRM", step.Gpu.ToString());
        }

        _executor.Log("setVgpuScheduler", step.Gpu.ToString(), Describe(before), step.Scheduler.Describe());
        return Task.CompletedTask;
    }

    private Task PersistSchedulerAsync(PersistSchedulerStep step)
    {
        _executor.OnUndo(_ =>
        {
            _host.ModuleOptions.Write(step.Path, step.Before);
            _executor.Log("persistVgpuScheduler", step.Path, OneLine(step.After), OneLine(step.Before));
            return Task.CompletedTask;
        });
        _host.ModuleOptions.Write(step.Path, step.After);
        _executor.Log("persistVgpuScheduler", step.Path, OneLine(step.Before), OneLine(step.After));
        return Task.CompletedTask;
    }

    private void LogMixedSizes(PciAddress gpu, bool enabled) => _executor.Log(
        enabled ? "enableMixedSizes" : "disableMixedSizes", gpu.ToString(), enabled ? "off" : "on", enabled
            ? "on" : "off");

    /// <summary>What a file of options says; comments are left out.</summary>
    private static string OneLine(string? text) => string.Join(
        "; ", (text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(l => l[0] != '#'));

    private static string Describe(VgpuScheduler? scheduler) =>
        scheduler?.Policy is { } policy ? new SchedulerLayout(policy).Describe() : "";
}
