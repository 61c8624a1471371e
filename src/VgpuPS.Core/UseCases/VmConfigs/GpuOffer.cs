using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Reading;
using VgpuPS.Core.Vgpu;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.UseCases.VmConfigs;

/// <summary>A GPU and the vGPU types that it knows.</summary>
/// <param name="Index">Position among the host's GPUs that the driver has, from 0, ascending address.</param>
/// <param name="State">What is on it.</param>
/// <param name="Types">Its types, ascending number.</param>
/// <param name="Creatable">Those that the driver would create now.</param>
internal sealed record GpuOffer(
    int Index, GpuState State, IReadOnlyList<VgpuType> Types, IReadOnlySet<VgpuTypeId> Creatable)
{
    /// <summary>The GPU for people.</summary>
    public string Label => $"GPU {Index} ({State.Model}, {State.Address})";

    /// <summary>Its address.</summary>
    public PciAddress Address => State.Address;

    /// <summary>Whether a type goes with its present MIG mode.</summary>
    public bool FitsMode(VgpuType type) => type.IsMigBacked == State.MigIsOn;

    /// <summary>Reads all GPUs that the driver has.</summary>
    public static IReadOnlyList<GpuOffer> Read(HostPorts host, IGpuDriverSession driver) =>
    [
        .. host.Devices.GetGpus().Where(g => g.Driver == "nvidia").Select((gpu, index) =>
        {
            var types = driver.GetTypes(gpu.Address);
            return new GpuOffer(
                index, GpuReader.Read(host, driver, gpu, types.Select(t => t.Id)), types,
                driver.GetCreatableTypes(gpu.Address).ToHashSet());
        }),
    ];
}
