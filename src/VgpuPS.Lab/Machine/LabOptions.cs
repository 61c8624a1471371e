using VgpuPS.Lab.Platform;

namespace VgpuPS.Lab.Machine;

/// <summary>What a simulated machine is made of.</summary>
public sealed record LabOptions
{
    /// <summary>Models of its GPUs, in ascending address; an alias will do.</summary>
    public IReadOnlyList<string> Gpus { get; init; } = ["A30", "A30"];

    /// <summary>How vGPUs are handed out.</summary>
    public LabBackend Backend { get; init; } = LabBackend.Vfio;

    /// <summary>Release of Proxmox VE: <c>8.4</c> or <c>9.2</c>.</summary>
    public string PveVersion { get; init; } = "9.2";

    /// <summary>Name of the node.</summary>
    public string Node { get; init; } = "pve1";

    /// <summary>Distinguishes its GPUs' UUIDs from those of other machines; nothing for the usual ones.</summary>
    public string Serial { get; init; } = "";

    /// <summary>Release of the kernel; null for the one of the Proxmox VE release.</summary>
    public string? Kernel { get; init; }

    /// <summary>Version of NVIDIA's host driver.</summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 8, kernel and driver matrix: vGPU 19 is reported on kernels 6.8 to 6.16, of
    /// which both releases of Proxmox VE have one; not on 7.0.
    /// </remarks>
    public string DriverVersion { get; init; } = "580.105.06";

    /// <summary>What loads the kernel.</summary>
    public LabLoader Loader { get; init; }

    /// <summary>Whether the root file system is on ZFS, as it always is with systemd-boot; its pool was made under
    /// <see cref="Kernel"/>.</summary>
    public bool RootIsOnZfs { get; init; }

    /// <summary>Maker of the processor.</summary>
    public LabCpu Cpu { get; init; }

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

    /// <summary>The clock's first moment.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);
}
