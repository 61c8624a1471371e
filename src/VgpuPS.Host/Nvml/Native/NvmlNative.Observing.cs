using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VgpuPS.Host.Nvml.Native;

// Source: nvml.h; facts/metrics.md A.4 and facts/nvml.md 4 (sizes and offsets).
/// <summary>Load of a GPU in percent.</summary>
internal struct nvmlUtilization_t
{
    internal uint gpu;
    internal uint memory;
}

/// <summary>Temperature of a sensor.</summary>
internal struct nvmlTemperature_v1_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x0100000C;

    internal uint version;
    internal uint sensorType;
    internal int temperature;
}

/// <summary>A value whose type stands beside it.</summary>
[StructLayout(LayoutKind.Explicit)]
internal struct nvmlValue_t
{
    [FieldOffset(0)] internal double dVal;
    [FieldOffset(0)] internal int siVal;
    [FieldOffset(0)] internal uint uiVal;
    [FieldOffset(0)] internal ulong ullVal;
    [FieldOffset(0)] internal long sllVal;
    [FieldOffset(0)] internal ushort usVal;
}

/// <summary>A field of a GPU.</summary>
internal struct nvmlFieldValue_t
{
    internal uint fieldId;
    internal uint scopeId;
    internal long timestamp;
    internal long latencyUsec;
    internal uint valueType;
    internal int nvmlReturn;
    internal nvmlValue_t value;
}

/// <summary>Load of a vGPU, first form.</summary>
internal struct nvmlVgpuInstanceUtilizationSample_t
{
    internal uint vgpuInstance;
    internal ulong timeStamp;
    internal nvmlValue_t smUtil;
    internal nvmlValue_t memUtil;
    internal nvmlValue_t encUtil;
    internal nvmlValue_t decUtil;
}

/// <summary>Load of a vGPU, second form.</summary>
internal struct nvmlVgpuInstanceUtilizationInfo_v1_t
{
    internal ulong timeStamp;
    internal uint vgpuInstance;
    internal nvmlValue_t smUtil;
    internal nvmlValue_t memUtil;
    internal nvmlValue_t encUtil;
    internal nvmlValue_t decUtil;
    internal nvmlValue_t jpgUtil;
    internal nvmlValue_t ofaUtil;
}

/// <summary>Loads of all vGPUs of a GPU.</summary>
internal unsafe struct nvmlVgpuInstancesUtilizationInfo_v1_t
{
    /// <summary>Size and version of the struct, as the driver checks them.</summary>
    internal const uint VersionWord = 0x01000020;

    internal uint version;
    internal uint sampleValType;
    internal uint vgpuInstanceCount;
    internal ulong lastSeenTimeStamp;
    internal nvmlVgpuInstanceUtilizationInfo_v1_t* vgpuUtilArray;
}

/// <summary>Sessions that capture frames.</summary>
/// <remarks>Source: nvml.h (assumed: facts/metrics.md A.4 has no table).</remarks>
internal struct nvmlFBCStats_t
{
    internal uint sessionsCount;
    internal uint averageFPS;
    internal uint averageLatency;
}

/// <summary>A line of the scheduler's log.</summary>
internal struct nvmlVgpuSchedulerLogEntry_t
{
    internal ulong timestamp;
    internal ulong timeRunTotal;
    internal ulong timeRun;
    internal uint swRunlistId;
    internal ulong targetTimeSlice;
    internal ulong cumulativePreemptionTime;
}

/// <summary>The lines that fit.</summary>
[InlineArray(200)]
internal struct SchedulerLogEntries
{
    private nvmlVgpuSchedulerLogEntry_t _first;
}

/// <summary>The scheduler's log.</summary>
internal struct nvmlVgpuSchedulerLog_t
{
    internal uint engineId;
    internal uint schedulerPolicy;
    internal uint arrMode;
    internal nvmlVgpuSchedulerParams_t schedulerParams;
    internal uint entriesCount;
    internal SchedulerLogEntries logEntries;
}

/// <summary>Whether a GPU has performance counters.</summary>
internal struct nvmlGpmSupport_t
{
    /// <summary>Version of the struct: without its size, unlike others.</summary>
    internal const uint VersionWord = 1;

    internal uint version;
    internal uint isSupportedDevice;
}

/// <summary>What a figure is called; pointers into the library.</summary>
internal struct nvmlGpmMetricInfo_t
{
    internal nint shortName;
    internal nint longName;
    internal nint unit;
}

/// <summary>A figure between two samples.</summary>
internal struct nvmlGpmMetric_t
{
    internal uint metricId;
    internal int nvmlReturn;
    internal double value;
    internal nvmlGpmMetricInfo_t metricInfo;
}

/// <summary>As many figures as the newest header has.</summary>
[InlineArray(333)]
internal struct GpmMetrics
{
    private nvmlGpmMetric_t _first;
}

/// <summary>
/// Figures between two samples. Headers differ in how many there can be and the version word does not say it, so the
/// longest form is given to every driver, with the number that is asked about.
/// </summary>
/// <remarks>Source: facts/metrics.md A31.</remarks>
internal struct nvmlGpmMetricsGet_t
{
    /// <summary>Version of the struct: without its size, unlike others.</summary>
    internal const uint VersionWord = 1;

    internal uint version;
    internal uint numMetrics;
    internal nint sample1;
    internal nint sample2;
    internal GpmMetrics metrics;
}
