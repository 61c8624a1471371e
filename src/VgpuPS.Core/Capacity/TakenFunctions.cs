using VgpuPS.Core.Claims;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Capacity;

/// <summary>Which functions Proxmox has taken for a VM that the hook prepared, and which it left behind.</summary>
/// <param name="Claims">The VM's claims, each with the function that it has.</param>
/// <param name="Surplus">Functions that are still reserved for the VM, with the type that it left there.</param>
/// <remarks>
/// Source: facts/proxmox-reservations.md S2, S3: Proxmox walks the alternatives in file order, takes one of the VM's
/// own with the right type without a check, and an earlier one that became usable meanwhile before it; the prepared one
/// keeps its type and line.
/// </remarks>
public sealed record TakenFunctions(
    IReadOnlyList<VgpuClaim> Claims, IReadOnlyList<(PciAddress Function, VgpuTypeId Type)> Surplus)
{
    /// <summary>Follows Proxmox.</summary>
    /// <param name="claims">Claims of one VM.</param>
    /// <param name="lines">Reservations of the VM.</param>
    /// <param name="typeOf">The type that is set on a function now.</param>
    public static TakenFunctions Follow(
        IReadOnlyList<VgpuClaim> claims, IReadOnlyList<FunctionReservation> lines, Func<PciAddress, VgpuTypeId?> typeOf)
    {
        // Once QEMU runs its functions are by its process; before that, what Proxmox took looks like what the hook
        // prepared.
        var isRunning = lines.Any(l => l.IsByProcess && l.IsHeld);
        var remaining = lines.Where(l => !isRunning || l.IsByProcess).Select(l => l.Function).ToHashSet();
        foreach (var raw in claims.Where(c => c is { Reserved: true, Candidates.Count: 1 }))
        {
            remaining.Remove(raw.Candidates[0]);
        }

        var taken = new Dictionary<int, PciAddress>();
        foreach (var claim in claims.Where(IsChosen).OrderBy(c => $"hostpci{c.Entry}", StringComparer.Ordinal))
        {
            var found = claim.Candidates.Where(c => remaining.Contains(c) && typeOf(c) == claim.Type).Take(1).ToList();
            if (found is [var function])
            {
                remaining.Remove(function);
                taken[claim.Entry] = function;
            }
        }

        var kept = taken.Values.Concat(claims.Where(c => !taken.ContainsKey(c.Entry)).Select(c => c.Function)
            .OfType<PciAddress>()).ToHashSet();
        var surplus =
            from line in lines
            where (!isRunning || !line.IsByProcess) && !kept.Contains(line.Function)
            let mine = claims.Where(c => IsChosen(c) && c.Candidates.Contains(line.Function)).ToList()
            where mine.Count > 0 && (isRunning || mine.Exists(c => c.Function == line.Function))
            select (line.Function, (mine.Find(c => c.Type == typeOf(line.Function)) ?? mine[0]).Type);
        return new TakenFunctions(
            [.. claims.Select(c => taken.TryGetValue(c.Entry, out var now) ? c with { Function = now } : c)],
            [.. surplus]);
    }

    /// <summary>Whether Proxmox had a choice: several functions of a mapping, and one that the hook prepared.</summary>
    private static bool IsChosen(VgpuClaim claim) =>
        claim is { Reserved: true, Function: not null, Candidates.Count: > 1 };
}
