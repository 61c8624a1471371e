using VgpuPS.Core.Gpu;

namespace VgpuPS.Core.Claims;

/// <summary>A VM's claim to one vGPU, from before hardware is touched until the VM has stopped.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Entry">N of its <c>hostpciN</c>.</param>
/// <param name="Type">The vGPU type.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Candidates">Functions it may use, in the order in which Proxmox tries them.</param>
/// <param name="Function">The function whose device the hook made or adopted; null where Proxmox chooses.</param>
/// <param name="Mdev">The mediated device; null with vendor VFIO.</param>
/// <param name="Reserved">Whether the hook added the function to Proxmox's reservations.</param>
/// <param name="HeldUntil">Monotonic milliseconds since boot until which a held claim counts; 0 otherwise.</param>
public sealed record VgpuClaim(
    VmId Vm, int Entry, VgpuTypeId Type, ClaimState State, IReadOnlyList<PciAddress> Candidates,
    PciAddress? Function = null, MdevUuid? Mdev = null, bool Reserved = false, long HeldUntil = 0);
