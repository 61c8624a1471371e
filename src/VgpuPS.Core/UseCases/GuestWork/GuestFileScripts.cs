using VgpuPS.Core.Guests;

namespace VgpuPS.Core.UseCases.GuestWork;

/// <summary>The scripts that both systems have.</summary>
internal sealed record GuestFileScripts(
    GuestScript Write, GuestScript Same, GuestScript Tokens, GuestScript Move, GuestScript Remove, GuestScript Lock,
    GuestScript Part, GuestScript Join);
