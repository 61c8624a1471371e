using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.Vgpu;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.UseCases.Reading;

/// <summary>Reads one GPU's state: what PCI shows and what the driver says.</summary>
internal static class GpuReader
{
    /// <summary>Reads the GPU, and of its types those on its functions and those asked for.</summary>
    public static GpuState Read(
        HostPorts host, IGpuDriverSession driver, PhysicalFunction gpu, IEnumerable<VgpuTypeId> wanted)
    {
        var identity = driver.GetIdentity(gpu.Address);
        var mig = driver.GetMigMode(gpu.Address);
        var functions = host.Devices.GetFunctions(gpu);
        var active = driver.GetActiveVgpus(gpu.Address);
        var types = functions.Select(f => f.CurrentType)
            .Concat(functions.SelectMany(f => f.Devices).Select(d => d.Type))
            .Concat(active.Select(a => (VgpuTypeId?)a.Type))
            .OfType<VgpuTypeId>().Concat(wanted).Distinct()
            .Select(t => driver.FindType(gpu.Address, t)).OfType<VgpuType>()
            .ToDictionary(t => t.Id);
        return new GpuState(
            gpu, identity.Uuid, identity.Model, mig,
            mig is { Current: true } ? false : driver.GetMixedSizeMode(gpu.Address) ?? false,
            mig is null ? [] : driver.GetProfiles(gpu.Address),
            mig is { Current: true } ? driver.GetInstances(gpu.Address) : [],
            functions, active, types)
        {
            Creatable = mig is { Current: true } ? driver.GetCreatableTypes(gpu.Address) : null,
        };
    }
}
