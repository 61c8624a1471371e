using VgpuPS.Core.Gpu;
using VgpuPS.Tests.Seams;

namespace VgpuPS.Tests.Sysfs;

/// <summary>Kernel files of one A10-like GPU at 41:00.0 with functions from 41:00.4 on.</summary>
internal static class GpuTree
{
    public const string Devices = "/sys/bus/pci/devices";
    public static readonly PciAddress Gpu = PciAddress.Parse("0000:41:00.0");

    public static string Folder(PciAddress address) => $"/sys/devices/pci0000:40/0000:40:01.1/{address}";

    public static FileTree Create(int total = 12)
    {
        var tree = new FileTree();
        AddDevice(tree, Gpu, 0x030200);
        AddDevice(tree, PciAddress.Parse("0000:00:1f.0"), 0x060100, vendor: "0x8086");
        var folder = Folder(Gpu);
        tree[$"{folder}/sriov_totalvfs"] = $"{total}\n";
        tree[$"{folder}/sriov_numvfs"] = "0\n";
        tree[$"{folder}/sriov_offset"] = "4\n";
        tree[$"{folder}/sriov_stride"] = "1\n";
        tree[$"{folder}/numa_node"] = "-1\n";
        tree.Link($"{folder}/driver", "../../../../bus/pci/drivers/nvidia");
        tree.CreateDirectory("/sys/class/iommu/dmar0", 0);
        return tree;
    }

    public static void Enable(FileTree tree, int count, VgpuBackend backend)
    {
        tree[$"{Folder(Gpu)}/sriov_numvfs"] = $"{count}\n";
        for (var index = 0; index < count; index++)
        {
            var address = Gpu.Plus(4 + index);
            AddDevice(tree, address, 0x030200);
            tree.Link($"{Folder(Gpu)}/virtfn{index}", $"../{address}");
            tree.Link($"{Folder(address)}/physfn", $"../{Gpu}");
            tree.Link($"{Folder(address)}/driver", "../../../../bus/pci/drivers/nvidia");
            tree.Link($"{Folder(address)}/iommu_group", $"../../../../kernel/iommu_groups/{80 + index}");
            AddTypes(tree, Folder(address), backend);
        }
    }

    public static void AddTypes(FileTree tree, string folder, VgpuBackend backend)
    {
        if (backend == VgpuBackend.VendorVfio)
        {
            tree[$"{folder}/nvidia/current_vgpu_type"] = "0\n";
            tree[$"{folder}/nvidia/creatable_vgpu_types"] = "ID    : vGPU Name\n689   : NVIDIA A30-2-12C\n";
        }
        else if (backend == VgpuBackend.Mdev)
        {
            tree[$"{folder}/mdev_supported_types/nvidia-689/available_instances"] = "1\n";
            tree[$"{folder}/mdev_supported_types/nvidia-689/create"] = "";
            tree[$"{folder}/mdev_supported_types/nvidia-690/available_instances"] = "0\n";
            tree[$"{folder}/mdev_supported_types/nvidia-690/create"] = "";
        }
    }

    public static void AddMediatedDevice(FileTree tree, PciAddress parent, MdevUuid uuid)
    {
        var folder = $"{Folder(parent)}/{uuid}";
        tree[$"{folder}/remove"] = "";
        tree.Link($"{folder}/mdev_type", "../mdev_supported_types/nvidia-689");
        tree.Link($"/sys/bus/mdev/devices/{uuid}", $"../../../devices/pci0000:40/0000:40:01.1/{parent}/{uuid}");
    }

    private static void AddDevice(FileTree tree, PciAddress address, int deviceClass, string vendor = "0x10de")
    {
        var folder = Folder(address);
        tree[$"{folder}/vendor"] = vendor + "\n";
        tree[$"{folder}/device"] = "0x20b7\n";
        tree[$"{folder}/class"] = $"0x{deviceClass:x6}\n";
        tree.Link($"{Devices}/{address}", $"../../../devices/pci0000:40/0000:40:01.1/{address}");
    }
}
