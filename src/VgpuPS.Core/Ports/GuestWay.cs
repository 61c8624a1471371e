using VgpuPS.Core.Guests;

namespace VgpuPS.Core.Ports;

/// <summary>The way to a guest.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Label">The VM for people: <c>VM 101 (web)</c>.</param>
/// <param name="Via">How.</param>
/// <param name="Destination">SSH's destination, <c>[user@]host</c>; null with the agent.</param>
public sealed record GuestWay(VmId Vm, string Label, GuestVia Via, string? Destination = null);
