namespace VgpuPS.Core.Metrics;

/// <summary>What was asked of a device: a number, or why there is none. None is never 0.</summary>
/// <param name="Value">The number; null where there is none.</param>
/// <param name="Absence">Why there is none; <see cref="MetricAbsence.None"/> where there is one.</param>
/// <remarks>Source: facts/metrics.md A28 and A38.</remarks>
public readonly record struct Reading(double? Value, MetricAbsence Absence)
{
    /// <summary>A number.</summary>
    public static Reading Of(double value) => new(value, MetricAbsence.None);

    /// <summary>No number.</summary>
    public static Reading Missing(MetricAbsence why) => new(null, why);

    /// <summary>The same in another unit.</summary>
    /// <param name="factor">What one of the present unit is in the other.</param>
    public Reading Times(double factor) => this with { Value = Value * factor };
}

/// <summary>Why a number is not to be had.</summary>
public enum MetricAbsence
{
    /// <summary>It is there.</summary>
    None,

    /// <summary>This device, in its present mode, does not have it.</summary>
    NotSupported,

    /// <summary>Nothing was measured in the time asked about.</summary>
    NoSample,

    /// <summary>It is not available now: the guest's driver is not up.</summary>
    NotAvailable,

    /// <summary>The installed driver is older than it.</summary>
    DriverTooOld,

    /// <summary>The GPU does not answer.</summary>
    GpuLost,

    /// <summary>The driver refused for another reason.</summary>
    Failed,
}

/// <summary>Names of reasons as labels have them.</summary>
public static class MetricAbsences
{
    /// <summary>The name: <c>not_supported</c>.</summary>
    public static string Name(this MetricAbsence absence) => absence switch
    {
        MetricAbsence.NotSupported => "not_supported",
        MetricAbsence.NoSample => "no_sample",
        MetricAbsence.NotAvailable => "not_available",
        MetricAbsence.DriverTooOld => "driver_too_old",
        MetricAbsence.GpuLost => "gpu_lost",
        MetricAbsence.Failed => "failed",
        _ => "",
    };
}
