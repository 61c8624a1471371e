using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.Claims;

/// <summary>Which function Proxmox chose for each claim of a VM that has started.</summary>
/// <remarks>
/// Source: facts/proxmox.md (d), (e): Proxmox resets the types of the functions in its reservations only. Where that file is
/// lost, the claim alone still knows the function.
/// </remarks>
internal static class LandedClaims
{
    /// <summary>The VM's claims, with the function of each that Proxmox placed on a reserved one.</summary>
    public static IReadOnlyList<VgpuClaim> Find(HostPorts host, ClaimFile file, VmId vm)
    {
        var claims = file.Claims.Where(c => c.Vm == vm).ToList();
        if (claims.TrueForAll(c => c.Function is not null))
        {
            return claims;
        }

        var types = host.Guests.GetReservations().Where(r => r.Vm == vm).Select(r => r.Function).Distinct()
            .ToDictionary(f => f, f => host.Devices.FindFunction(f)?.CurrentType);
        var taken = claims.Select(c => c.Function).OfType<PciAddress>().ToHashSet();
        var landed = new List<VgpuClaim>();
        foreach (var claim in claims)
        {
            var functions = claim.Candidates.Where(c => types.GetValueOrDefault(c) == claim.Type && !taken.Contains(c));
            var function = claim.Function ?? functions.Select(f => (PciAddress?)f).FirstOrDefault();
            landed.Add(claim with { Function = function });
            if (function is { } known)
            {
                taken.Add(known);
            }
        }

        return landed;
    }
}
