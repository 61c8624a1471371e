using VgpuPS.Core.Contracts;

namespace VgpuPS.Core.Inventory;

/// <summary>A change that was made on a host.</summary>
public sealed record VgpuEventInfo : HostObject
{
    /// <summary>When.</summary>
    public required DateTime Time { get; init; }

    /// <summary>Who: <c>hook</c>, <c>boot</c>, <c>sweep</c>, or the command's name.</summary>
    public required string Source { get; init; }

    /// <summary>The VM for which it was done; null for none.</summary>
    public required int? VmId { get; init; }

    /// <summary>What was done: <c>createGpuInstance</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The object: <c>0000:4b:00.0 GI 3</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Its state before; empty for nothing.</summary>
    public required string Before { get; init; }

    /// <summary>Its state after; empty for nothing.</summary>
    public required string After { get; init; }

    /// <summary>A line of the log.</summary>
    /// <param name="entry">The line.</param>
    /// <param name="session">Name of the session that it came from.</param>
    public static VgpuEventInfo Of(EventLineDocument entry, string session) => new()
    {
        VgpuHost = session,
        Time = EventTime.Parse(entry.Time) ?? default,
        Source = entry.Source,
        VmId = entry.Vm,
        Action = entry.Action,
        Target = entry.Target,
        Before = entry.Before,
        After = entry.After,
    };

    /// <summary>What was done to what.</summary>
    public override string ToString() => $"{Action} {Target}";
}
