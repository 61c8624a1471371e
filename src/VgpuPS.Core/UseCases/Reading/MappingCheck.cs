using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;

namespace VgpuPS.Core.UseCases.Reading;

/// <summary>Checks mappings as Proxmox will: one entry of this node that does not match blocks the whole mapping.</summary>
/// <remarks>Source: facts/proxmox.md (c), assert_valid.</remarks>
internal static class MappingCheck
{
    /// <exception cref="HostNotReadyException">An entry does not describe the hardware; carries Proxmox's words.</exception>
    public static void Verify(HostPorts host, GuestRequests guest)
    {
        foreach (var mapping in guest.Mappings)
        {
            var entries = mapping.ForNode(host.Guests.Node);
            var facts = entries.SelectMany(e => e.Paths)
                .Select(p => PciAddress.TryParse(p, out var address) ? host.Devices.FindFacts(address) : null)
                .OfType<PciDeviceFacts>().ToList();
            foreach (var entry in entries)
            {
                if (PciMappingCheck.FirstError(mapping, entry, facts, guest.Generation) is not { } error)
                {
                    continue;
                }

                throw new HostNotReadyException(
                    ErrorIds.MappingNotFound,
                    $"Proxmox will refuse mapping {mapping.Id}, because its entry {entry.Path} does not match the hardware: {error}",
                    $"Compare it with the hardware (pvesh get /cluster/mapping/pci/{mapping.Id}; pvesh get /nodes/{host.Guests.Node}/hardware/pci --pci-class-blacklist \"\"), and correct it in Datacenter, Resource Mappings",
                    mapping.Id);
            }
        }
    }
}
