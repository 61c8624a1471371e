using VgpuPS.Core.Performance;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>What was asked to be measured, checked.</summary>
/// <param name="Workloads">Workloads, in the order of the request.</param>
/// <param name="Modes">Modes, idle first; empty for those that are possible.</param>
/// <param name="Tool">What measures.</param>
/// <param name="Seconds">Length of a measurement.</param>
/// <param name="Repeat">How often each is done.</param>
internal sealed record MeasurementChoice(
    IReadOnlyList<Workload> Workloads, IReadOnlyList<LoadMode> Modes, MeasurementTool Tool, int Seconds, int Repeat)
{
    /// <summary>Longest measurement, in seconds.</summary>
    public const int MaxSeconds = 600;

    /// <summary>Most repetitions.</summary>
    public const int MaxRepeat = 20;

    /// <summary>Whether programs are used that the guest has.</summary>
    public bool IsCuda => Tool == MeasurementTool.Cuda;

    /// <summary>Checks a request.</summary>
    /// <exception cref="InvalidRequestException">It cannot be right.</exception>
    public static MeasurementChoice Of(MeasurePerformanceRequest request)
    {
        if (request.Seconds is < 1 or > MaxSeconds)
        {
            throw new InvalidRequestException(
                ErrorIds.TimeOutOfRange, $"{request.Seconds} s is not a valid length of a measurement",
                $"use 1 to {MaxSeconds} s: -Seconds 10");
        }

        if (request.Repeat is < 1 or > MaxRepeat)
        {
            throw new InvalidRequestException(
                ErrorIds.CountOutOfRange, $"a measurement cannot be done {request.Repeat} times",
                $"use 1 to {MaxRepeat}: -Repeat 3");
        }

        if (request.GuestAddress is { } address && request.Vms.Count > 1)
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters,
                $"{request.Vms.Count} VMs are named, and one address for their guests: {address}",
                "omit -GuestAddress, so that each guest is reached by its VM's name (root's ~/.ssh/config on the host "
                    + "may say where that is): -Via Ssh", address);
        }

        IReadOnlyList<Workload> workloads = request.Workloads.Count == 0
            ? Workload.Study : [.. request.Workloads.Select(Find).Distinct()];
        if (request.Tool == MeasurementTool.Cuda
            && workloads.FirstOrDefault(w => CudaTool.For(w, request.Seconds).Count == 0) is { } missing)
        {
            throw new InvalidRequestException(
                ErrorIds.WorkloadNotFound, $"no program of a CUDA toolkit measures {missing.Name}",
                $"measure it with vgpu-bench: -Tool Builtin -Workload {missing.Name}", missing.Name);
        }

        return new MeasurementChoice(
            workloads, [.. request.Modes.Distinct().Order()], request.Tool, request.Seconds, request.Repeat);
    }

    private static Workload Find(string name) => Workload.Find(name.Trim()) ?? throw new InvalidRequestException(
        ErrorIds.WorkloadNotFound, $"there is no workload {name}",
        $"use one or more of {string.Join(", ", Workload.All.Select(w => w.Name))}", name);
}
