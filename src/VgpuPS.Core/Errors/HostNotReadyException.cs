namespace VgpuPS.Core.Errors;

/// <summary>Driver, MIG mode, SR-IOV or IOMMU is missing or off.</summary>
/// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
/// <param name="message">The fact, with names and numbers.</param>
/// <param name="recommendedAction">What to do, with a command.</param>
/// <param name="target">The object concerned, or null.</param>
/// <param name="inner">The failure below, or null.</param>
public sealed class HostNotReadyException(
    string errorId, string message, string recommendedAction, string? target = null, Exception? inner = null)
    : VgpuException(errorId, message, recommendedAction, target, inner);
