namespace VgpuPS.Core.Contracts;

/// <summary>A GPU instance of a layout.</summary>
/// <param name="Profile">Profile name, such as <c>2g.12gb</c>.</param>
/// <param name="Placement">Start and size, such as <c>0:2</c>; null: the planner chooses.</param>
/// <param name="ComputeInstances">Compute instance profile names; null: one that fills it, empty: none.</param>
public sealed record InstanceLayout(
    string Profile, string? Placement = null, IReadOnlyList<string>? ComputeInstances = null)
{
    /// <summary>In words: <c>2g.12gb at 0:2</c>, with compute instances that do not fill it in brackets.</summary>
    public string Describe() => (Placement is null ? Profile : $"{Profile} at {Placement}") + ComputeInstances switch
    {
        null => "",
        [] => " [none]",
        var parts => $" [{string.Join(", ", parts)}]",
    };
}
