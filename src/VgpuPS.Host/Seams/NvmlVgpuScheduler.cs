namespace VgpuPS.Host.Seams;

/// <summary>Scheduler of a GPU's time-sliced vGPUs.</summary>
/// <param name="Policy">1 best effort, 2 equal share, 3 fixed share.</param>
/// <param name="ArrMode">Adaptive round robin: 0 default, 1 off, 2 on.</param>
/// <param name="TimesliceNs">Time slice in nanoseconds, where adaptive round robin is off.</param>
/// <param name="AverageFactor">Averaging factor, where it is on.</param>
/// <param name="FrequencyHz">Frequency in Hz, for setting, where it is on.</param>
/// <remarks>Source: nvml.h, nvmlVgpuSchedulerGetState_t, nvmlVgpuSchedulerSetState_t.</remarks>
public readonly record struct NvmlVgpuScheduler(
    uint Policy, uint ArrMode, uint TimesliceNs, uint AverageFactor, uint FrequencyHz);
