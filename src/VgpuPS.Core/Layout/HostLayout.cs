using System.Text.Json.Serialization;
using VgpuPS.Core.Rows;

namespace VgpuPS.Core.Layout;

/// <summary>Contents of <c>/etc/vgpups/layout.json</c>: what should be on each GPU after boot.</summary>
/// <param name="Version">Version of the file's form; 1.</param>
/// <param name="Gpus">One entry a GPU, or a model.</param>
public sealed record HostLayout(int Version, IReadOnlyList<GpuLayout> Gpus)
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>One entry a GPU, or a model.</summary>
    public IReadOnlyList<GpuLayout> Gpus { get; init => field = RowList.Of(value); } = RowList.Of(Gpus);

    /// <summary>As a file holds it, in which a user may leave the version out.</summary>
    [JsonConstructor]
    public HostLayout(IReadOnlyList<GpuLayout> gpus, int version = CurrentVersion)
        : this(version, gpus)
    {
    }

    /// <summary>Its entries in words.</summary>
    public override string ToString() => string.Join("; ", Gpus);
}

/// <summary>What should be on one GPU; absent members are left as they are found.</summary>
public sealed record GpuLayout
{
    /// <summary>The GPU: an address in any form, a UUID (<c>GPU-…</c>), or a model name with wildcards.</summary>
    public required string Gpu { get; init; }

    /// <summary>Whether virtual functions are enabled.</summary>
    public bool? Sriov { get; init; }

    /// <summary>Whether MIG mode is on.</summary>
    public bool? Mig { get; init; }

    /// <summary>GPU instances; null: not managed, empty: none.</summary>
    public IReadOnlyList<InstanceLayout>? Instances { get; init => field = RowList.Of(value); }

    /// <summary>Whether time-sliced vGPUs of several sizes may share the GPU.</summary>
    public bool? MixedSizes { get; init; }

    /// <summary>Scheduler of time-sliced vGPUs.</summary>
    public SchedulerLayout? Scheduler { get; init; }

    /// <summary>In words: <c>0000:4b:00.0: virtual functions enabled, MIG on, instances 2g.12gb at 0:2</c>.</summary>
    public string Describe()
    {
        string?[] parts =
        [
            Sriov is { } sriov ? $"virtual functions {(sriov ? "enabled" : "disabled")}" : null,
            Mig is { } mig ? $"MIG {OnOrOff(mig)}" : null,
            Instances is null ? null
                : Instances.Count == 0
                    ? "no instances" : $"instances {string.Join(", ", Instances.Select(i => i.Describe()))}",
            MixedSizes is { } mixed ? $"mixed sizes {OnOrOff(mixed)}" : null,
            Scheduler?.Describe(),
        ];
        return $"{Gpu}: {string.Join(", ", parts.OfType<string>().DefaultIfEmpty("as it is"))}";
    }

    /// <summary>In words, as the view in <c>VgpuPS.Format.ps1xml</c> shows it.</summary>
    public override string ToString() => Describe();

    private static string OnOrOff(bool value) => value ? "on" : "off";
}

/// <summary>A GPU instance of a layout.</summary>
/// <param name="Profile">Profile name, such as <c>2g.12gb</c>.</param>
/// <param name="Placement">Start and size, such as <c>0:2</c>; null: the planner chooses.</param>
/// <param name="ComputeInstances">Compute instance profile names; null: one that fills it, empty: none.</param>
public sealed record InstanceLayout(
    string Profile, string? Placement = null, IReadOnlyList<string>? ComputeInstances = null)
{
    /// <summary>Compute instance profile names; null: one that fills it, empty: none.</summary>
    public IReadOnlyList<string>? ComputeInstances { get; init => field = RowList.Of(value); } =
        RowList.Of(ComputeInstances);

    /// <summary>In words: <c>2g.12gb at 0:2</c>, with compute instances that do not fill it in brackets.</summary>
    public string Describe() => (Placement is null ? Profile : $"{Profile} at {Placement}") + ComputeInstances switch
    {
        null => "",
        [] => " [none]",
        var parts => $" [{string.Join(", ", parts)}]",
    };

    /// <summary>In words.</summary>
    public override string ToString() => Describe();
}
