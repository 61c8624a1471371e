using VgpuPS.Core.Metrics;

namespace VgpuPS.Host.Nvml;

/// <summary>What an open session with the GPU driver measures; nothing of it is kept.</summary>
/// <remarks>
/// A number that is not to be had is a <see cref="Reading"/> that says why, so that one refusal costs no other number.
/// A GPU that is lost throws.
/// </remarks>
public interface IGpuObserver
{
    /// <summary>What the driver measures of a GPU.</summary>
    GpuReadings ReadGpu(PciAddress gpu);

    /// <summary>Loads of the vGPUs of a GPU by their handle, over the last ten seconds.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="why">Why a vGPU that is missing has none.</param>
    /// <remarks>Source: facts/metrics.md A3, A11, A13: not supported with MIG mode on; not found without
    /// samples.</remarks>
    IReadOnlyDictionary<uint, VgpuLoad> ReadVgpuLoads(PciAddress gpu, out MetricAbsence why);

    /// <summary>Encoding and capturing of a running vGPU.</summary>
    VgpuVideo ReadVideo(ActiveVgpu vgpu);

    /// <summary>GPU time that the scheduler has given to each runlist.</summary>
    SchedulerRun ReadSchedulerRun(PciAddress gpu);

    /// <summary>Takes a first sample of performance counters; what it says is read later.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="instance">One of its GPU instances; null for all of it.</param>
    /// <returns>The probe; it must be disposed of before the session.</returns>
    IGpmProbe BeginGpm(PciAddress gpu, GpuInstanceId? instance);
}

/// <summary>Performance counters between two samples.</summary>
/// <remarks>Source: facts/metrics.md A30: the samples must be more than 100 ms apart.</remarks>
public interface IGpmProbe : IDisposable
{
    /// <summary>Whether a first sample was taken; without one there is nothing to wait for.</summary>
    bool IsRunning { get; }

    /// <summary>Takes the second sample and says what was used in between.</summary>
    GpmReadings End();
}
