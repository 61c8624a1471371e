using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Host.Sysfs;

/// <summary>Where the kernel keeps what the adapters read and write.</summary>
/// <remarks>Source: facts/host-behaviour.md 1, facts/linux-and-build.md B.4.</remarks>
internal static class SysfsPaths
{
    public const string Devices = "/sys/bus/pci/devices";
    public const string MediatedDevices = "/sys/bus/mdev/devices";
    public const string Iommu = "/sys/class/iommu";

    public static string Device(PciAddress address) => $"{Devices}/{address}";

    public static string Of(PciAddress address, string attribute) => $"{Devices}/{address}/{attribute}";

    public static string Type(PciAddress address, VgpuTypeId type) =>
        $"{Devices}/{address}/mdev_supported_types/{type.MdevName}";

    public static string CurrentType(PciAddress address) => Of(address, "nvidia/current_vgpu_type");

    public static string CreatableTypes(PciAddress address) => Of(address, "nvidia/creatable_vgpu_types");

    public static string MediatedDevice(MdevUuid uuid) => $"{MediatedDevices}/{uuid}";
}
