using VgpuPS.Core.Guests;

namespace VgpuPS.Core.UseCases.ReleaseGuest;

/// <summary>A VM has stopped.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="IsUndo">Whether its start was given up: then its room is not kept, whatever says that it comes back.</param>
public sealed record ReleaseGuestRequest(VmId Vm, bool IsUndo = false);
