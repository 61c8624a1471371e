using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.Licensing;

/// <summary>A licensed product as <c>nvidia-smi -q</c> names it.</summary>
/// <param name="Name">Its name, such as <c>NVIDIA Virtual Compute Server</c>; null where it is not told.</param>
/// <param name="State">How its licence stands.</param>
/// <param name="Status">The words of it.</param>
/// <param name="Expiry">When the licence ends; null where it does not or is not told.</param>
/// <param name="IsPermanent">Whether it never ends.</param>
public sealed record SmiProduct(
    string? Name, VgpuLicenseState State, string Status, DateTimeOffset? Expiry, bool IsPermanent);
