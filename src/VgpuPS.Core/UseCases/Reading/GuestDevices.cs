using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.Reading;

/// <summary>Mediated devices that are a VM's by their UUID.</summary>
internal static class GuestDevices
{
    /// <summary>Those with a UUID that Proxmox gives to this VM, whatever the claims say.</summary>
    public static IReadOnlyList<MediatedDevice> Find(HostPorts host, VmId vm) =>
        [.. host.Devices.GetMediatedDevices().Where(d => d.Uuid.Guest?.Vm == vm)];
}
