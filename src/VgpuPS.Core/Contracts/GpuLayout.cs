namespace VgpuPS.Core.Contracts;

/// <summary>What should be on one GPU; absent members are left as they are found.</summary>
public sealed record GpuLayout
{
    /// <summary>The GPU: an address in any form, a UUID (<c>GPU-…</c>), or a model name with wildcards.</summary>
    public required string Gpu { get; init; }

    /// <summary>Whether virtual functions are on.</summary>
    public bool? Sriov { get; init; }

    /// <summary>Whether MIG mode is on.</summary>
    public bool? Mig { get; init; }

    /// <summary>GPU instances; null: not managed, empty: none.</summary>
    public IReadOnlyList<InstanceLayout>? Instances { get; init; }

    /// <summary>Whether time-sliced vGPUs of several sizes may share the GPU.</summary>
    public bool? MixedSizes { get; init; }

    /// <summary>Scheduler of time-sliced vGPUs.</summary>
    public SchedulerLayout? Scheduler { get; init; }

    /// <summary>In words: <c>0000:4b:00.0: functions on, MIG on, instances 2g.12gb at 0:2, 1g.6gb</c>.</summary>
    public string Describe()
    {
        string?[] parts =
        [
            Sriov is { } sriov ? $"functions {OnOrOff(sriov)}" : null,
            Mig is { } mig ? $"MIG {OnOrOff(mig)}" : null,
            Instances is null ? null
                : Instances.Count == 0 ? "no instances" : $"instances {string.Join(", ", Instances.Select(i => i.Describe()))}",
            MixedSizes is { } mixed ? $"mixed sizes {OnOrOff(mixed)}" : null,
            Scheduler?.Describe(),
        ];
        return $"{Gpu}: {string.Join(", ", parts.OfType<string>().DefaultIfEmpty("as it is"))}";
    }

    private static string OnOrOff(bool value) => value ? "on" : "off";
}
