namespace VgpuPS.Host.Operations.Inventory;

/// <summary>A vGPU that a VM's configuration requests.</summary>
/// <param name="Entry">Its key, <c>hostpciN</c>.</param>
/// <param name="Value">The line's value as it stands.</param>
/// <param name="Function">Address of its virtual function, sysfs form where it is one; null with a mapping.</param>
/// <param name="Mapping">Id of its cluster mapping; null with a function.</param>
/// <param name="GpuAddress">The GPU of its function; null with a mapping, or where no GPU has such a function.</param>
/// <param name="Type">Number of its type; null where the line's text is none.</param>
/// <param name="TypeName">Name of its type without the product prefix; null where no GPU of the host knows it.</param>
/// <param name="FramebufferMiB">Its frame buffer in MiB; null where no GPU of the host knows the type.</param>
/// <param name="Profile">Name of the GPU instance profile that it needs; null for a time-sliced or unknown type.</param>
/// <param name="IsPrimaryGpu">Whether it is the guest's primary display.</param>
/// <param name="IsPciExpress">Whether the guest sees a PCI Express device.</param>
/// <param name="State">
/// <c>current</c>; <c>pending</c> for what takes effect at the next cold start; <c>removing</c> for what is gone or
/// replaced by then.
/// </param>
public sealed record VmVgpuReport(
    string Entry, string Value, string? Function, string? Mapping, string? GpuAddress, uint? Type, string? TypeName,
    long? FramebufferMiB, string? Profile, bool IsPrimaryGpu, bool IsPciExpress, string State);
