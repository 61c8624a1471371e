namespace VgpuPS.Host.Operations.VmStart;

/// <summary>Checks mappings as Proxmox will: one entry of this node that does not match blocks the whole
/// mapping.</summary>
/// <remarks>Source: facts/proxmox.md (c), assert_valid.</remarks>
internal static class MappingCheck
{
    /// <exception cref="HostNotReadyException">An entry does not describe the hardware; carries Proxmox's
    /// words.</exception>
    public static void Verify(HostPorts host, VmRequests requests, SharedInputs? shared = null)
    {
        foreach (var mapping in requests.Mappings)
        {
            HostNotReadyException? refusal = null;
            if (shared?.Refusals.TryGetValue((mapping.Id, requests.Generation), out refusal) != true)
            {
                refusal = FindRefusal(host, mapping, requests.Generation);
                shared?.Refusals[(mapping.Id, requests.Generation)] = refusal;
            }

            if (refusal is not null)
            {
                throw new HostNotReadyException(
                    refusal.ErrorId, refusal.Message, refusal.RecommendedAction, refusal.Target);
            }
        }
    }

    private static HostNotReadyException? FindRefusal(HostPorts host, PciMapping mapping, PveGeneration generation)
    {
        var entries = mapping.ForNode(host.Proxmox.Node);
        var facts = entries.SelectMany(e => e.Paths)
            .Select(p => PciAddress.TryParse(p, out var address) ? host.Devices.FindFacts(address) : null)
            .OfType<PciDeviceFacts>().ToList();
        foreach (var entry in entries)
        {
            if (PciMappingCheck.FirstError(mapping, entry, facts, generation) is not { } error)
            {
                continue;
            }

            return new HostNotReadyException(
                ErrorIds.MappingNotFound,
                $"Proxmox will refuse mapping {mapping.Id}, because its entry {entry.Path} does not match the "
                    + $"hardware: {error}",
                $"compare it with the hardware (pvesh get /cluster/mapping/pci/{mapping.Id}; "
                    + $"pvesh get /nodes/{host.Proxmox.Node}/hardware/pci --pci-class-blacklist \"\"), "
                    + "and correct it in Datacenter, Resource Mappings",
                mapping.Id);
        }

        return null;
    }
}
