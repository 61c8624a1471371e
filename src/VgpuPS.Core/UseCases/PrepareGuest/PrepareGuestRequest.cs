using VgpuPS.Core.Guests;

namespace VgpuPS.Core.UseCases.PrepareGuest;

/// <summary>A VM is about to start.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="MigratedFrom">Node that an incoming live migration comes from; null or empty on a normal start.</param>
public sealed record PrepareGuestRequest(VmId Vm, string? MigratedFrom);
