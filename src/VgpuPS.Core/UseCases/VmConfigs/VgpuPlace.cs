using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.VmConfigs;

/// <summary>Where a vGPU goes.</summary>
/// <param name="Device">The line's first property: an address, or <c>mapping=ID</c>.</param>
/// <param name="Type">Its type.</param>
/// <param name="Where">The place for people.</param>
/// <param name="Notes">What somebody should know about it, in the imperative; none where there is nothing.</param>
internal sealed record VgpuPlace(string Device, VgpuType Type, string Where, IReadOnlyList<string> Notes)
{
    /// <summary>The function that the VM then has for itself; null where Proxmox chooses, or where several VMs share it.</summary>
    public PciAddress? Function { get; init; }
}
