using VgpuPS.Core.Guests;

namespace VgpuPS.Core.UseCases.ConfirmGuest;

/// <summary>A VM has started.</summary>
/// <param name="Vm">The VM.</param>
public sealed record ConfirmGuestRequest(VmId Vm);
