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
                refusal = FindRefusal(host, mapping, requests.Generation, []);
                shared?.Refusals[(mapping.Id, requests.Generation)] = refusal;
            }

            if (refusal is not null)
            {
                throw new HostNotReadyException(
                    refusal.ErrorId, refusal.Message, refusal.RecommendedAction, refusal.Target);
            }
        }
    }

    /// <summary>
    /// What can be said before functions are enabled: of one that does not exist yet only that it is NVIDIA's, can
    /// carry a vGPU, and has a group and a subsystem, whatever these are.
    /// </summary>
    /// <exception cref="HostNotReadyException">An entry cannot describe what will be there.</exception>
    public static void Foresee(HostPorts host, VmRequests requests)
    {
        var off = host.Devices.GetGpus().Where(g => g is { TotalFunctions: > 0, EnabledFunctions: 0 }).ToList();
        foreach (var mapping in requests.Mappings)
        {
            if (FindRefusal(host, mapping, requests.Generation, off) is { } refusal)
            {
                throw refusal;
            }
        }
    }

    private static HostNotReadyException? FindRefusal(
        HostPorts host, PciMapping mapping, PveGeneration generation, IReadOnlyList<PhysicalFunction> off)
    {
        var entries = mapping.ForNode(host.Proxmox.Node);
        var facts = entries.SelectMany(e => e.Paths.Select(p => FindFacts(host, e, p, off))).OfType<PciDeviceFacts>()
            .ToList();
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
                MappingRepair.Advise(host, mapping), mapping.Id);
        }

        return null;
    }

    private static PciDeviceFacts? FindFacts(
        HostPorts host, PciMappingEntry entry, string path, IReadOnlyList<PhysicalFunction> off)
    {
        if (!PciAddress.TryParse(path, out var address))
        {
            return null;
        }

        if (host.Devices.FindFacts(address) is var facts
            && (facts is not null || off.All(g => g.IndexOf(address) is null)))
        {
            return facts;
        }

        var subsystem = (entry.SubsystemId ?? "any:any").ToLowerInvariant().Split(':');
        return new PciDeviceFacts(
            address, "10de", entry.Id.ToLowerInvariant().Split(':')[^1], subsystem[0], subsystem[^1],
            int.TryParse(entry.IommuGroup, NumberStyles.None, CultureInfo.InvariantCulture, out var group) ? group : 0,
            CanCarryVgpu: true);
    }
}
