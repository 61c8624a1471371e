using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;

namespace VgpuPS.Host.Operations.VmStart;

/// <content>VMs that start: their lines are renewed, and Proxmox is followed to the functions that it took.</content>
internal sealed partial class ClaimSweeper
{
    /// <summary>
    /// Renews what the hook reserved for VMs that are starting: Proxmox gives a function whose line is over, with its
    /// type on it, to another VM without a check.
    /// </summary>
    /// <remarks>Source: facts/proxmox-reservations.md, row S4 and point 6.</remarks>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var lines = book.File.Claims
            .Where(c => c is { State: ClaimState.Pending, Reserved: true, Function: not null })
            .Where(c => host.Proxmox.IsLocked(c.Vm) && !host.Proxmox.IsRunning(c.Vm))
            .Select(c => (c.Function!.Value, c.Vm)).ToList();
        if (lines.Count == 0)
        {
            return;
        }

        try
        {
            var lost = await host.Proxmox.RenewAsync(
                lines, FunctionRelease.HoldTime, cancellationToken).ConfigureAwait(false);
            foreach (var other in lost)
            {
                host.Warn($"function {other.Function}, which was reserved for a starting VM, "
                    + $"now belongs to VM {other.Vm}");
            }
        }
        catch (VgpuException e)
        {
            host.Warn($"reservations of starting VMs are not renewed: {e.Message}");
        }
    }

    /// <summary>
    /// Follows Proxmox to the functions that it took for a VM that starts or runs: its claims name them, and what the
    /// hook had prepared elsewhere is released.
    /// </summary>
    /// <returns>The functions released.</returns>
    public async Task<IReadOnlyList<PciAddress>> FollowAsync(VmId vm, CancellationToken cancellationToken)
    {
        var claims = book.File.Claims.Where(c => c.Vm == vm).ToList();
        if (!claims.Exists(c => c is { Reserved: true, Function: not null, Candidates.Count: > 1 }))
        {
            return [];
        }

        var lines = host.Proxmox.GetReservations().Where(r => r.Vm == vm).ToList();
        if (lines.Select(l => (PciAddress?)l.Function).ToHashSet().SetEquals(claims.Select(c => c.Function)))
        {
            return [];
        }

        var taken = TakenFunctions.Follow(claims, lines, f => host.Devices.FindFunction(f)?.CurrentType);
        if (!taken.Claims.SequenceEqual(claims))
        {
            book.Move(vm, taken.Claims);
        }

        var released = new List<PciAddress>();
        foreach (var (function, type) in taken.Surplus)
        {
            if (await TryAsync(
                $"VM {vm}", () => ReleaseTypeAsync(vm, function, type, cancellationToken)).ConfigureAwait(false))
            {
                released.Add(function);
            }
        }

        return released;
    }
}
