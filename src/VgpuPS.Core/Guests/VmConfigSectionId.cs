namespace VgpuPS.Core.Guests;

/// <summary>Which section of a VM's configuration.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Name of a snapshot, special or unknown section; empty for the other two kinds.</param>
public readonly record struct VmConfigSectionId(VmConfigSectionKind Kind, string Name);
