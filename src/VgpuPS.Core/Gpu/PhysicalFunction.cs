namespace VgpuPS.Core.Gpu;

/// <summary>An NVIDIA GPU as PCI shows it.</summary>
/// <param name="Address">Its address.</param>
/// <param name="DeviceId">PCI device id.</param>
/// <param name="Driver">Name of the bound driver; null when none is.</param>
/// <param name="NumaNode">NUMA node; null when the host has none.</param>
/// <param name="TotalFunctions">Virtual functions it can have; 0 without SR-IOV.</param>
/// <param name="EnabledFunctions">Virtual functions it has now.</param>
/// <param name="FirstOffset">Routing ids from the GPU to its first virtual function; 0 when unknown.</param>
/// <param name="Stride">Routing ids from one virtual function to the next; 0 when unknown.</param>
/// <param name="HasMediatedTypes">Whether it offers mediated types itself (GPUs before SR-IOV).</param>
/// <remarks>Source: facts/host-behaviour.md 1.1, facts/linux-and-build.md B.4.</remarks>
public sealed record PhysicalFunction(
    PciAddress Address, int DeviceId, string? Driver, int? NumaNode, int TotalFunctions, int EnabledFunctions,
    int FirstOffset, int Stride, bool HasMediatedTypes)
{
    /// <summary>Whether MIG mode can be enabled only while virtual functions are disabled: Hopper and newer.</summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 3 (seen on RTX PRO 6000; that Hopper is like it is assumed). Device ids by
    /// generation as in NVIDIA's lists: 0x23.. Hopper, from 0x29.. on Blackwell; 0x20.. to 0x25.. but for Hopper's are
    /// Ampere and older, 0x26.. to 0x28.. Ada, which has no MIG.
    /// </remarks>
    public bool NeedsMigBeforeFunctions => DeviceId is (>= 0x2300 and < 0x2400) or >= 0x2900;

    /// <summary>Gives the GPU to NVIDIA's driver, whatever has it; commands for a shell of root's.</summary>
    /// <remarks>Source: measured on kernel 6.12: while driver_override names another driver, nvidia/bind gives
    /// ENODEV, and a device that a driver has must be unbound first.</remarks>
    public string RebindCommand => Rebind(Address, Driver);

    /// <inheritdoc cref="RebindCommand"/>
    /// <param name="gpu">The GPU.</param>
    /// <param name="driver">Who has it; null for nobody.</param>
    public static string Rebind(PciAddress gpu, string? driver) =>
        $"{Free(gpu, driver)}; echo {gpu} > /sys/bus/pci/drivers/nvidia/bind";

    /// <summary>Takes the GPU from whatever has it; NVIDIA's driver takes it when it is loaded.</summary>
    public string FreeCommand => Free(Address, Driver);

    private static string Free(PciAddress gpu, string? driver) =>
        (driver is null ? "" : $"echo {gpu} > /sys/bus/pci/drivers/{driver}/unbind; ")
            + $"echo > /sys/bus/pci/devices/{gpu}/driver_override";

    /// <summary>
    /// Index of the virtual function that <paramref name="address"/> is, or will be once functions are enabled; null
    /// when it is none of this GPU's. Without offset and stride the addresses behind the GPU are assumed contiguous.
    /// </summary>
    public int? IndexOf(PciAddress address)
    {
        if (address.Domain != Address.Domain || TotalFunctions == 0)
        {
            return null;
        }

        var distance = address.RoutingId - Address.RoutingId;
        if (FirstOffset == 0 || Stride == 0)
        {
            return distance > 0 && distance <= TotalFunctions + 7 ? distance - 1 : null;
        }

        var beyond = distance - FirstOffset;
        return beyond >= 0 && beyond % Stride == 0 && beyond / Stride < TotalFunctions ? beyond / Stride : null;
    }
}
