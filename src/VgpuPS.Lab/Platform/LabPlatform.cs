namespace VgpuPS.Lab.Platform;

/// <summary>How the simulated machine boots, what it runs beside GPUs, and what of the driver is installed.</summary>
public sealed class LabPlatform
{
    /// <summary>What loads the kernel.</summary>
    public LabLoader Loader { get; set; }

    /// <summary>Maker of the processor.</summary>
    public LabCpu Cpu { get; set; }

    /// <summary>Whether Secure Boot is on; the machine has EFI then.</summary>
    public bool IsSecureBoot { get; set; }

    /// <summary>Whether the key that DKMS signs with is enrolled in the firmware.</summary>
    public bool KeyIsEnrolled { get; set; }

    /// <summary>Whether the firmware's switch for the IOMMU is off.</summary>
    public bool FirmwareIommuIsOff { get; set; }

    /// <summary>The running kernel's command line.</summary>
    public string CommandLine { get; set; } = "";

    /// <summary>The words that the boot loader gives the next kernel, <c>root=</c> and all.</summary>
    public string NextCommandLine { get; set; } = "";

    /// <summary>The words about the root file system that GRUB's generator finds out by itself.</summary>
    public string RootWords { get; set; } = "root=/dev/mapper/pve-root ro";

    /// <summary>Series of the kernel under which the pool with the root file system was made or last upgraded; null
    /// where root is not on ZFS.</summary>
    public string? PoolSeries { get; set; }

    /// <summary>Files on the system partitions that the boot tool keeps, by UUID and path.</summary>
    public SortedDictionary<string, SortedDictionary<string, string>> SystemPartitions { get; set; } = new(
        StringComparer.Ordinal);

    /// <summary>UUIDs that are listed and belong to no partition.</summary>
    public List<string> LostPartitions { get; set; } = [];

    /// <summary>What the console said when the machine did not come up; null where it did.</summary>
    public string? BootFailure { get; set; }

    /// <summary>The kernel that the boot loader was configured to boot; null for the newest.</summary>
    public string? NextKernel { get; set; }

    /// <summary>Whether nouveau is loaded.</summary>
    public bool NouveauIsLoaded { get; set; }

    /// <summary>Which driver package is installed; its version is the setup's.</summary>
    public LabDriverFlavour Driver { get; set; }

    /// <summary>Journals of systemd units since the boot. A line may begin with time, host, program and process, as
    /// <c>journalctl -o short-unix</c> prints them; others have the time of the boot.</summary>
    public SortedDictionary<string, List<string>> Journals { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Packages that apt finds beside those installed, as patterns with one <c>*</c> at the end.</summary>
    public List<string> Repository { get; set; } = ["proxmox-*", "dkms", "gcc", "make", "mokutil"];

    /// <summary>Whether apt knows packages only after an update of its lists.</summary>
    public bool ListsAreStale { get; set; }

    /// <summary>How often the machine was configured to restart by itself.</summary>
    public int RestartCount { get; set; }
}

/// <summary>Maker of the simulated machine's processor.</summary>
public enum LabCpu
{
    /// <summary>Intel, whose IOMMU kernels before 6.8 leave off.</summary>
    Intel,

    /// <summary>AMD, whose IOMMU is on unless configured otherwise.</summary>
    Amd,
}

/// <summary>Which of NVIDIA's packages is installed.</summary>
public enum LabDriverFlavour
{
    /// <summary>The vGPU host driver, <c>-vgpu-kvm</c>.</summary>
    VgpuKvm,

    /// <summary>The guest driver, <c>-grid</c>: no vGPU manager, no <c>sriov-manage</c>.</summary>
    Grid,

    /// <summary>None.</summary>
    None,
}

/// <summary>What loads the kernel of the simulated machine.</summary>
public enum LabLoader
{
    /// <summary>GRUB, with its configuration on the root file system.</summary>
    Grub,

    /// <summary>GRUB on system partitions that <c>proxmox-boot-tool</c> keeps.</summary>
    ManagedGrub,

    /// <summary>systemd-boot, on a host with EFI and its root on ZFS.</summary>
    SystemdBoot,
}
