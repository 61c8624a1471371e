using VgpuPS.Core.Errors;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.Ports;

/// <summary>The host's PCI devices as the kernel shows them.</summary>
public interface IPciDevices
{
    /// <summary>Whether the kernel has an active IOMMU.</summary>
    /// <remarks>Source: facts/proxmox.md (d): Proxmox demands <c>/sys/class/iommu</c> not to be empty.</remarks>
    bool IommuIsActive { get; }

    /// <summary>Addresses of all PCI devices, ascending.</summary>
    IReadOnlyList<PciAddress> GetAddresses();

    /// <summary>Vendor, class, driver and parent of one device; null when it does not exist.</summary>
    PciDevice? Find(PciAddress address);

    /// <summary>What Proxmox compares a mapping's entry with; null when the device does not exist.</summary>
    PciDeviceFacts? FindFacts(PciAddress address);

    /// <summary>NVIDIA's display devices that are no virtual functions, ascending.</summary>
    IReadOnlyList<PhysicalFunction> GetGpus();

    /// <summary>The functions of a GPU that can carry vGPUs, ascending index; the GPU itself before SR-IOV.</summary>
    IReadOnlyList<VirtualFunction> GetFunctions(PhysicalFunction gpu);

    /// <summary>One function as it is now; null when it does not exist.</summary>
    VirtualFunction? FindFunction(PciAddress address);

    /// <summary>Whether the type can be created on the function now, by what the kernel shows.</summary>
    bool IsCreatable(VirtualFunction function, VgpuTypeId type);

    /// <summary>All mediated devices of the host, by UUID.</summary>
    IReadOnlyList<MediatedDevice> GetMediatedDevices();

    /// <summary>A mediated device by UUID, wherever it is; null when none is to be seen.</summary>
    MediatedDevice? FindMediatedDevice(MdevUuid uuid);

    /// <summary>Creates a mediated device.</summary>
    /// <exception cref="NativeCallException">The kernel or the driver refused.</exception>
    /// <exception cref="CapacityException">The type has no instance left on that function.</exception>
    void CreateMediatedDevice(VirtualFunction function, VgpuTypeId type, MdevUuid uuid);

    /// <summary>Removes a mediated device and looks whether it is gone; one that is already gone is fine.</summary>
    /// <exception cref="NativeCallException">The kernel refused, or reported success and did nothing.</exception>
    /// <exception cref="HostTimeoutException">Somebody still holds it when the time is up.</exception>
    Task RemoveMediatedDeviceAsync(MdevUuid uuid, TimeSpan deadline, CancellationToken cancellationToken);

    /// <summary>Vendor VFIO: sets the type of a function, or 0 for null, and reads it back.</summary>
    /// <exception cref="NativeCallException">The driver refused, or reported success and did nothing.</exception>
    void SetType(PciAddress function, VgpuTypeId? type);
}
