using System.Globalization;
using VgpuPS.Core.Gpu;

namespace VgpuPS.KernelBed.Guest;

/// <content>What a person does by hand, before the hook or beside it.</content>
internal sealed partial class Bed
{
    /// <summary>MIG mode on, then functions: what a person does before the first VM.</summary>
    internal void Prepare(int gpu, bool functions = true)
    {
        using (var driver = Connect().Driver.Open())
        {
            driver.SetMigMode(VgpuPS.Core.Gpu.PciAddress.Parse(Gpus[gpu]), enabled: true);
        }

        if (functions)
        {
            EnableFunctions(gpu);
        }
    }

    /// <summary>Runs sriov-manage as a person does.</summary>
    internal void EnableFunctions(int gpu) => Require(Programs.Run(SriovManage, "-e", Gpus[gpu]), SriovManage);

    /// <summary>Functions and MIG mode off on every GPU.</summary>
    internal void TurnOff()
    {
        foreach (var gpu in Gpus)
        {
            Require(Programs.Run(SriovManage, "-d", gpu), SriovManage);
            using var driver = Connect().Driver.Open();
            driver.SetMigMode(VgpuPS.Core.Gpu.PciAddress.Parse(gpu), enabled: false);
        }
    }

    /// <summary>Makes a GPU instance, as a person does.</summary>
    internal void MakeInstance(int gpu, string profile, int start)
    {
        using var driver = Connect().Driver.Open();
        var address = VgpuPS.Core.Gpu.PciAddress.Parse(Gpus[gpu]);
        var found = driver.GetProfiles(address).First(p => p.Name == profile);
        driver.CreateInstance(address, found.Id, new Placement(start, found.MemorySlices));
    }

    /// <summary>Makes a vGPU that belongs to no VM, as a person does.</summary>
    internal void MakeVgpu(string function, int type, int number = 1)
    {
        var folder = $"/sys/bus/pci/devices/{function}";
        if (IsVendor)
        {
            Machine.Files.WriteAttribute($"{folder}/nvidia/current_vgpu_type", $"{type}");
        }
        else
        {
            Machine.Files.WriteAttribute(
                $"{folder}/mdev_supported_types/nvidia-{type}/create", PersonsUuid(number));
        }
    }

    /// <summary>Removes such a vGPU.</summary>
    internal void DropVgpu(string function)
    {
        if (IsVendor)
        {
            Machine.Files.WriteAttribute($"/sys/bus/pci/devices/{function}/nvidia/current_vgpu_type", "0");
        }
        else
        {
            Machine.Files.WriteAttribute($"/sys/bus/mdev/devices/{PersonsUuid(1)}/remove", "1");
        }
    }

    private static string PersonsUuid(int number) => $"bbbbbbbb-0000-0000-0000-{number:d12}";

    /// <summary>Writes a cluster mapping of functions.</summary>
    internal void MapFunctions(string name, params string[] functions)
    {
        var text = $"{name}\n\tmdev 1\n";
        foreach (var function in functions)
        {
            var facts = Connect().Devices.FindFacts(VgpuPS.Core.Gpu.PciAddress.Parse(function))!;
            text += string.Create(
                CultureInfo.InvariantCulture,
                $"\tmap id={facts.VendorId}:{facts.DeviceId},node=pve1,path={function},subsystem-id="
                    + $"{facts.SubsystemVendorId}:{facts.SubsystemDeviceId},iommugroup={facts.IommuGroup}\n");
        }

        File.WriteAllText("/etc/pve/mapping/pci.cfg", text);
    }
}
