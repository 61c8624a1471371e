using VgpuPS.Host.Proxmox;

namespace VgpuPS.Host.Operations.Mappings;

/// <summary>What changes of mappings have in common: refusals before anything is asked, the write, reading it
/// back.</summary>
internal sealed class ChangeMapping(HostPorts host)
{
    /// <summary>Refuses what no mapping can be changed with.</summary>
    /// <exception cref="VgpuException">No Proxmox host, no quorum, or a name that is none.</exception>
    public void Require(string name)
    {
        host.ConfigWriter.RequireProxmox();
        PciMappings.RequireName(name);
        if (PveGeneration.FromVersion(host.Proxmox.QemuServerVersion) is { KnowsMapping: false } old)
        {
            throw new HostNotReadyException(
                ErrorIds.MappingUnusable,
                $"qemu-server {old.QemuServer} of node {host.Proxmox.Node} knows no mappings",
                "update Proxmox VE: apt-get update; apt-get dist-upgrade", name);
        }

        if (!host.Proxmox.HasQuorum)
        {
            throw PveMappings.Quorum($"{host.Proxmox.Node} may not write to /etc/pve");
        }
    }

    /// <summary>A mapping that must be there.</summary>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    public async Task<PveMapping> FindAsync(string name, CancellationToken cancellationToken) =>
        await host.Mappings.FindAsync(name, cancellationToken).ConfigureAwait(false)
        ?? throw new ObjectNotFoundException(
            ErrorIds.MappingNotFound, $"no cluster mapping is named {name}",
            $"see what is mapped (Get-VgpuMapping), or make it: New-VgpuMapping {name} -Gpu 0", name);

    /// <summary>Reads a mapping after a write, and compares.</summary>
    /// <exception cref="HostCommandException">It is not what was written.</exception>
    public async Task ReadBackAsync(string name, IReadOnlyList<string>? map, CancellationToken cancellationToken)
    {
        var found = await host.Mappings.FindAsync(name, cancellationToken).ConfigureAwait(false);
        var isRight = map is null ? found is null
            : found is { IsMediated: true } && found.Map.Select(Normal).SequenceEqual(map.Select(Normal));
        if (!isRight)
        {
            throw new HostCommandException(
                ErrorIds.ReadBackMismatch,
                map is null ? $"pvesh reported success, and mapping {name} is still there"
                    : $"pvesh reported success, and mapping {name} has {found?.Map.Count ?? 0} entries instead of the "
                        + $"{map.Count} that were written",
                $"look at it: pvesh get /cluster/mapping/pci/{name}; systemctl status pve-cluster",
                "pvesh", 0, "", name);
        }
    }

    /// <summary>A step that writes.</summary>
    public static ChangeStep Step(
        IReadOnlyList<string> texts, string action, string name, Func<CancellationToken, Task> run) =>
        new(texts, run) { Event = new StepEvent(action, $"mapping {name}") };

    /// <summary>A notice for the plan of functions that are left out.</summary>
    public static IEnumerable<string> Notes(IEnumerable<(PciAddress Function, string Reason)> leftOut) =>
        leftOut.Select(f => $"leave out {f.Function}: {f.Reason}");

    // Proxmox keeps the order of an entry's properties; an older one may not.
    private static string Normal(string entry) =>
        PciMappings.ParseEntry(entry).Entry?.ToString() ?? entry;
}
