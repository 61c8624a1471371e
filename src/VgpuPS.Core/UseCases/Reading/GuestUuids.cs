using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;

namespace VgpuPS.Core.UseCases.Reading;

/// <summary>VMs by the UUID that their configuration gives QEMU (smbios1), where there is one.</summary>
internal static class GuestUuids
{
    /// <summary>Reads all VMs of the node; one that cannot be read stays unnamed.</summary>
    public static Dictionary<string, VmId> Find(IGuestHost guests)
    {
        var found = new Dictionary<string, VmId>(StringComparer.OrdinalIgnoreCase);
        foreach (var vm in guests.GetVms())
        {
            try
            {
                var config = VmConfigReader.Read(guests.ReadConfig(vm, null), PveGeneration.Pve9);
                if (config.SmbiosUuid is { } uuid)
                {
                    found[uuid] = vm;
                }
            }
            catch (VgpuException)
            {
                continue;
            }
        }

        return found;
    }
}
