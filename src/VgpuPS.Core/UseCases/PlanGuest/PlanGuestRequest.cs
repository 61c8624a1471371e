using VgpuPS.Core.Guests;

namespace VgpuPS.Core.UseCases.PlanGuest;

/// <summary>Asks what a start of a VM would do now.</summary>
/// <param name="Vm">The VM.</param>
public sealed record PlanGuestRequest(VmId Vm);
