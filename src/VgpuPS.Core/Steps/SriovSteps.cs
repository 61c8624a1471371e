namespace VgpuPS.Core.Steps;

/// <summary>Enables all virtual functions of a GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Count">How many it can have.</param>
public sealed record EnableFunctionsStep(PciAddress Gpu, int Count) : GpuStep(Gpu)
{
    /// <inheritdoc/>
    protected override string What => $"enable {Count} virtual functions";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}

/// <summary>Disables all virtual functions of a GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Count">How many it has now.</param>
public sealed record DisableFunctionsStep(PciAddress Gpu, int Count) : GpuStep(Gpu)
{
    /// <inheritdoc/>
    protected override string What => $"disable {Count} virtual functions";

    /// <inheritdoc/>
    public override bool ChangesFunctions => true;
}
