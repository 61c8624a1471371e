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

    /// <summary>UUID of the GPU; null for what is of no GPU, and where the driver was not asked.</summary>
    [JsonIgnore]
    public string? GpuUuid { get; internal set; }

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

    /// <summary>All labels as Prometheus has them, such as <c>vm=101</c>.</summary>
    public required IReadOnlyList<string> Labels { get; init => field = RowList.Of(value); }

    /// <summary>The labels beside those that are properties: <c>reason=power_cap</c>; empty for none.</summary>
    [JsonIgnore]
    public string Detail => string.Join(
        ", ", Labels.Where(l => l.Split('=')[0] is not ("gpu" or "uuid" or "gi" or "function" or "vm")
            && !(IsOfVgpu && l.StartsWith("type=", StringComparison.Ordinal))));

    private bool IsOfVgpu => FunctionAddress is not null;

    /// <summary>Gives rows the GPUs' UUIDs, which not all of them carry.</summary>
    internal static void NameGpus(IReadOnlyList<VgpuMetricInfo> rows)
    {
        var uuids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in rows.Where(r => !r.IsOfVgpu))
        {
            if (row.GpuAddress is { } gpu && row.Label("uuid") is { } uuid)
            {
                uuids[gpu] = uuid;
            }
        }

        foreach (var row in rows)
        {
            row.GpuUuid = row.GpuAddress is { } gpu ? uuids.GetValueOrDefault(gpu) : null;
        }
    }

    /// <summary>A sample as a row.</summary>
    public static VgpuMetricInfo Of(MetricSample sample) => new()
    {
        Metric = sample.Family.Name,
        Value = sample.Value,
        Labels = [.. sample.Pairs.Select(p => $"{p.Key}={p.Value}")],
    };

    /// <summary>What this value of <see cref="HostMetrics.Supported"/> says is not to be had.</summary>
    public VgpuMetricInfo ToAbsent() => new()
    {
        VgpuHost = VgpuHost,
        Metric = Label("metric") ?? "",
        Value = null,
        Absence = Label("reason"),
        Time = Time,
        GpuUuid = GpuUuid,
        Labels = [.. Labels.Where(l => l.StartsWith("gpu=", StringComparison.Ordinal))],
    };

    /// <summary>What was measured, and of what.</summary>
    public override string ToString() => $"{Metric} {Subject}";

    /// <summary>The value of a label; null where there is none of that name.</summary>
    public string? Label(string name) => Labels.FirstOrDefault(
        l => l.Length > name.Length && l[name.Length] == '=' && l.StartsWith(name, StringComparison.Ordinal))
        ?[(name.Length + 1)..];
}

/// <summary>Measurements of a host.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Time">When they were made, UTC.</param>
/// <param name="Samples">The values, in the order of <see cref="MetricTable.All"/>.</param>
public sealed record MetricReport(string Node, DateTime Time, IReadOnlyList<VgpuMetricInfo> Samples) : IHostRows
{
    /// <summary>Whether a change held the host lock, so that the driver was not asked.</summary>
    [JsonIgnore]
    public bool IsSkipped => Samples.Any(s => s.Metric == HostMetrics.Skipped.Name && s.Value > 0);

    /// <inheritdoc/>
    public void Stamp(string host)
    {
        VgpuMetricInfo.NameGpus(Samples);
        foreach (var sample in Samples)
        {
            (sample.VgpuHost, sample.Time) = (host, Time);
        }
    }
}
