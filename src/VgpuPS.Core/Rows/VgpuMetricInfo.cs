using System.Text.Json.Serialization;
using VgpuPS.Core.Metrics;

namespace VgpuPS.Core.Rows;

/// <summary>A value that was measured on a host.</summary>
public sealed record VgpuMetricInfo : HostObject
{
    /// <summary>The metric's name, as Prometheus has it: <c>vgpups_gpu_power_watts</c>.</summary>
    [JsonPropertyName("name")]
    public required string Metric { get; init; }

    /// <summary>The value, in <see cref="Unit"/>; null where it is not to be had, as <see cref="Absence"/>
    /// says.</summary>
    public required double? Value { get; init; }

    /// <summary>The metric's unit; null for a count, a state or information.</summary>
    [JsonIgnore]
    public string? Unit => MetricTable.Find(Metric)?.Unit;

    /// <summary>Why there is no value, such as <c>not_supported</c>; null where there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Absence { get; init; }

    /// <summary>When it was measured; UTC, until a face shows it.</summary>
    [JsonIgnore]
    public DateTime Time { get; set; }

    /// <summary>What it was measured of: a VM, a GPU instance, a GPU or the host.</summary>
    [JsonIgnore]
    public string Subject => VmId is { } vm ? string.Create(CultureInfo.InvariantCulture, $"VM {vm}")
        : Label("function") ?? (GpuInstanceId is { } instance
            ? string.Create(CultureInfo.InvariantCulture, $"{GpuAddress} GI {instance}")
            : GpuAddress ?? "host");

    /// <summary>Address of the GPU; null for what is of no GPU.</summary>
    [JsonIgnore]
    public string? GpuAddress => Label("gpu");

    /// <summary>UUID of the GPU; null for what is of no GPU, or of a vGPU.</summary>
    [JsonIgnore]
    public string? GpuUuid => IsOfVgpu ? null : Label("uuid");

    /// <summary>Id of the GPU instance; null for none.</summary>
    [JsonIgnore]
    public uint? GpuInstanceId =>
        uint.TryParse(Label("gi"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>The function that the vGPU is on; null for what is of no vGPU.</summary>
    [JsonIgnore]
    public string? FunctionAddress => Label("function");

    /// <summary>The VM; null for what is of no VM.</summary>
    [JsonIgnore]
    public int? VmId =>
        int.TryParse(Label("vm"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Type of the vGPU; null for what is of no vGPU.</summary>
    [JsonIgnore]
    public string? VgpuType => IsOfVgpu ? Label("type") : null;

    /// <summary>All labels by name, as Prometheus has them.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The labels beside those that are properties: <c>reason=power_cap</c>; empty for none.</summary>
    [JsonIgnore]
    public string Detail => string.Join(
        ", ", Labels.Where(l => l.Key is not ("gpu" or "uuid" or "gi" or "function" or "vm")
            && !(l.Key == "type" && IsOfVgpu)).Select(l => $"{l.Key}={l.Value}"));

    private bool IsOfVgpu => FunctionAddress is not null;

    /// <summary>A sample as a row.</summary>
    public static VgpuMetricInfo Of(MetricSample sample) => new()
    {
        Metric = sample.Family.Name,
        Value = sample.Value,
        Labels = new SortedDictionary<string, string>(
            sample.Pairs.ToDictionary(p => p.Key, p => p.Value), StringComparer.Ordinal),
    };

    /// <summary>What was measured, and of what.</summary>
    public override string ToString() => $"{Metric} {Subject}";

    private string? Label(string name) => Labels.GetValueOrDefault(name);
}
