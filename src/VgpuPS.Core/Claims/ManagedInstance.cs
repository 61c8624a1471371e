using System.Text.Json.Serialization;
using VgpuPS.Core.Gpu;

namespace VgpuPS.Core.Claims;

/// <summary>A GPU instance, or a compute instance in a user-created GPU instance, that the hook made.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Profile">Profile of the GPU instance.</param>
/// <param name="Placement">Where it sits: the identity of one whose id is not known yet.</param>
/// <param name="Instance">Its id; null from before it is created until it has been read back.</param>
/// <param name="IsOurs">Whether the GPU instance itself is the hook's; false when only the compute instance is.</param>
/// <param name="ComputeInstance">Its compute instance that the hook made; null for none, or not read back yet.</param>
/// <remarks>
/// Kept apart from claims, since a VM may sit on another VM's instance. One that is being made is recorded before hardware
/// is touched: its placement was free then, so whatever a killed run left there is the hook's.
/// </remarks>
public sealed record ManagedInstance(
    PciAddress Gpu, ProfileId Profile, [property: JsonIgnore] Placement Placement,
    [property: JsonPropertyOrder(1)] GpuInstanceId? Instance, [property: JsonPropertyOrder(1)] bool IsOurs,
    [property: JsonPropertyOrder(1)] ComputeInstanceId? ComputeInstance)
{
    /// <summary>As the claims file holds it: the placement as two numbers.</summary>
    [JsonConstructor]
    public ManagedInstance(
        PciAddress gpu, ProfileId profile, int start, int size, bool isOurs, GpuInstanceId? instance = null,
        ComputeInstanceId? computeInstance = null)
        : this(gpu, profile, new Placement(start, size), instance, isOurs, computeInstance)
    {
    }

    /// <summary>First memory slice.</summary>
    public int Start => Placement.Start;

    /// <summary>Number of memory slices.</summary>
    public int Size => Placement.Size;
}
