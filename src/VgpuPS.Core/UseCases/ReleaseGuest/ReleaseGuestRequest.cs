using VgpuPS.Core.Guests;

namespace VgpuPS.Core.UseCases.ReleaseGuest;

/// <summary>A VM has stopped.</summary>
/// <param name="Vm">The VM.</param>
public sealed record ReleaseGuestRequest(VmId Vm);
