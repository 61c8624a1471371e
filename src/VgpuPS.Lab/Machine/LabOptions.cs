using VgpuPS.Lab.Models;
using VgpuPS.Lab.Platform;

namespace VgpuPS.Lab.Machine;

/// <summary>What a simulated machine is made of.</summary>
public sealed record LabOptions
{
    /// <summary>GPUs that a machine has at most.</summary>
    public const int MaxGpus = 8;

    /// <summary>Models of its boards, in ascending address; an alias will do. A board may have several GPUs.</summary>
    public IReadOnlyList<string> Gpus { get; init; } = ["A30", "A30"];

    /// <summary>Models of the user's own that <see cref="Gpus"/> may name, before those that the lab has.</summary>
    public IReadOnlyList<GpuModel> Models { get; init; } = [];

    /// <summary>Addresses of the first GPUs of the boards, in the order of <see cref="Gpus"/>; the lab's own for the
    /// others.</summary>
    public IReadOnlyList<PciAddress> Addresses { get; init; } = [];

    /// <summary>Whether boards that have a display mode are in it.</summary>
    public bool IsInDisplayMode { get; init; }

    /// <summary>How vGPUs are handed out.</summary>
    public LabBackend Backend { get; init; } = LabBackend.Vfio;

    /// <summary>Release of Proxmox VE, one of <see cref="LabRelease.All"/>.</summary>
    public string PveVersion { get; init; } = "9.2";

    /// <summary>Name of the node.</summary>
    public string Node { get; init; } = "pve1";

    /// <summary>Distinguishes its GPUs' UUIDs from those of other machines; nothing for the usual ones.</summary>
    public string Serial { get; init; } = "";

    /// <summary>Release of the kernel; null for the one of the Proxmox VE release.</summary>
    public string? Kernel { get; init; }

    /// <summary>Version of NVIDIA's host driver; null for one that builds for the kernel.</summary>
    public string? DriverVersion { get; init; }

    /// <summary>What loads the kernel.</summary>
    public LabLoader Loader { get; init; }

    /// <summary>Whether the root file system is on ZFS, as it always is with systemd-boot; its pool was made under
    /// <see cref="Kernel"/>.</summary>
    public bool RootIsOnZfs { get; init; }

    /// <summary>Maker of the processor.</summary>
    public LabCpu Cpu { get; init; }

    /// <summary>Whether the firmware's switch for the IOMMU is off.</summary>
    public bool FirmwareIommuIsOff { get; init; }

    /// <summary>Its sockets, cores, NUMA nodes and their memory.</summary>
    public LabCpus Topology { get; init; } = new();

    /// <summary>Whether Secure Boot is on.</summary>
    public bool IsSecureBoot { get; init; }

    /// <summary>
    /// Whether nothing is prepared: no headers, no DKMS, nouveau with the GPUs, no driver but one that
    /// <see cref="Driver"/> names and that is not a vGPU host driver.
    /// </summary>
    public bool IsBare { get; init; }

    /// <summary>Whether nouveau is blacklisted on a bare host all the same.</summary>
    public bool NouveauIsOff { get; init; }

    /// <summary>Which driver package is installed.</summary>
    public LabDriverFlavour Driver { get; init; }

    /// <summary>Further installed kernels; <see cref="Kernel"/> is booted, and pinned where one of these is
    /// newer.</summary>
    public IReadOnlyList<string> OtherKernels { get; init; } = [];

    /// <summary>Whether it has the VMs 101 to 104 and the template 900, none with a vGPU, and the hook
    /// installed.</summary>
    public bool WithVms { get; init; }

    /// <summary>Its place among the nodes of a cluster, from 0; null for none.</summary>
    internal int? NodeIndex { get; init; }

    /// <summary>The clock's first moment.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);
}
