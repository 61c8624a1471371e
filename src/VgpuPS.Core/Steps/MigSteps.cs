namespace VgpuPS.Core.Steps;

/// <summary>Enables MIG mode; before functions are enabled, the only order that works on every GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <remarks>Source: facts/host-behaviour.md 3.</remarks>
public sealed record EnableMigModeStep(PciAddress Gpu) : GpuStep(Gpu)
{
    /// <summary>Whether the GPU may be reset where the change requires it.</summary>
    public bool MayReset { get; init; }

    /// <inheritdoc/>
    protected override string What => MayReset
        ? "enable MIG mode, with a GPU reset if required"
        : "enable MIG mode";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}

/// <summary>Disables MIG mode; with functions or GPU instances the driver refuses.</summary>
/// <param name="Gpu">The GPU.</param>
/// <remarks>Source: facts/host-behaviour.md 3: <c>In use by another client</c>.</remarks>
public sealed record DisableMigModeStep(PciAddress Gpu) : GpuStep(Gpu)
{
    /// <summary>Whether the GPU may be reset where the change requires it.</summary>
    public bool MayReset { get; init; }

    /// <inheritdoc/>
    protected override string What => MayReset
        ? "disable MIG mode, with a GPU reset if required"
        : "disable MIG mode";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}

/// <summary>Creates a GPU instance at an explicit placement, with its compute instance where the policy says
/// so.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Profile">Its profile.</param>
/// <param name="Placement">Where it goes, in memory slices.</param>
/// <param name="WithComputeInstance">Whether a compute instance that fills it is created too.</param>
/// <param name="Reason">Why there: the planner's sentence.</param>
public sealed record CreateInstanceStep(
    PciAddress Gpu, GpuInstanceProfile Profile, Placement Placement, bool WithComputeInstance, string Reason)
    : GpuStep(Gpu)
{
    /// <summary>Names of compute instance profiles to create in it, beside or instead of one that fills it.</summary>
    public IReadOnlyList<string> ComputeInstances { get; init; } = [];

    /// <summary>
    /// Whether it is made for a VM's start, and so goes once no VM needs it; false: a user or the layout requested it.
    /// </summary>
    public bool IsForGuestCreation { get; init; } = true;

    /// <inheritdoc/>
    protected override string What => $"create GPU instance {Profile.Name}{Compute} at {Placement}";

    /// <inheritdoc/>
    protected override string Note => $" ({Reason})";

    private string Compute => WithComputeInstance ? " with its compute instance"
        : ComputeInstances.Count > 0 ? $" with compute instances {string.Join(", ", ComputeInstances)}"
        : "";
}

/// <summary>Destroys a GPU instance that nothing uses, its compute instances first.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Instance">The GPU instance.</param>
/// <param name="Profile">Name of its profile.</param>
public sealed record DestroyInstanceStep(PciAddress Gpu, GpuInstance Instance, string Profile) : GpuStep(Gpu)
{
    /// <inheritdoc/>
    protected override string What => Instance.ComputeInstances.Count == 0
        ? $"destroy GPU instance {Instance.Id} ({Profile} at {Instance.Placement})"
        : $"destroy GPU instance {Instance.Id} ({Profile} at {Instance.Placement}) with its compute instances";
}

/// <summary>Creates a compute instance in a GPU instance that no running VM uses.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Instance">The GPU instance.</param>
public sealed record CreateComputeInstanceStep(PciAddress Gpu, GpuInstance Instance) : GpuStep(Gpu)
{
    /// <summary>Name of its profile; null for the one that fills the GPU instance.</summary>
    public string? Profile { get; init; }

    /// <summary>
    /// Whether it is made for a VM's start, and so goes once no VM needs it; false: a user or the layout requested it.
    /// </summary>
    public bool IsForGuestCreation { get; init; } = true;

    /// <inheritdoc/>
    protected override string What => Profile is null
        ? $"create the compute instance of GPU instance {Instance.Id}"
        : $"create compute instance {Profile} in GPU instance {Instance.Id}";
}

/// <summary>Destroys a compute instance that nothing uses.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Instance">The GPU instance that it is in.</param>
/// <param name="Compute">The compute instance.</param>
/// <param name="Profile">Name of its profile.</param>
public sealed record DestroyComputeInstanceStep(
    PciAddress Gpu, GpuInstance Instance, ComputeInstance Compute, string Profile) : GpuStep(Gpu)
{
    /// <inheritdoc/>
    protected override string What =>
        $"destroy compute instance {Compute.Id} ({Profile}) of GPU instance {Instance.Id}";
}
