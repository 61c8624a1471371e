using VgpuPS.Lab.Files;
using VgpuPS.Lab.Guests;
using VgpuPS.Lab.Platform;

namespace VgpuPS.Lab.Machine;

/// <summary>All that the simulated machine is at one moment; what a state file holds.</summary>
public sealed class LabState
{
    private LabPciBus? _bus;

    /// <summary>Number of the last change, for those who share the state in a file.</summary>
    public long Sequence { get; set; }

    /// <summary>Wall clock in UTC ticks of 100 ns.</summary>
    public long WallTicks { get; set; }

    /// <summary>Wall clock of the last start of the machine, in UTC ticks of 100 ns.</summary>
    public long BootTicks { get; set; }

    /// <summary>Monotonic clock in nanoseconds since the state was made.</summary>
    public long MonotonicNs { get; set; }

    /// <summary>What the machine is made of and set to.</summary>
    public LabSetup Setup { get; set; } = new();

    /// <summary>How it boots and what it runs beside GPUs.</summary>
    public LabPlatform Platform { get; set; } = new();

    /// <summary>The boot id.</summary>
    public string BootId { get; set; } = "";

    /// <summary>GPUs in ascending address.</summary>
    public List<LabGpu> Gpus { get; set; } = [];

    /// <summary>Root of the ordinary files.</summary>
    public LabEntry Root { get; set; } = new() { Mode = LabEntry.FolderMode, Inode = 2, Entries = [] };

    /// <summary>Running QEMU processes.</summary>
    public List<LabProcess> Processes { get; set; } = [];

    /// <summary>Programs of the host that have GPUs open.</summary>
    public List<LabProgram> Programs { get; set; } = [];

    /// <summary>Initialised NVML libraries.</summary>
    public List<LabNvmlClient> NvmlClients { get; set; } = [];

    /// <summary>Units of systemd.</summary>
    public List<LabUnit> Units { get; set; } = [];

    /// <summary>What will happen by itself, in no order.</summary>
    public List<LabComing> Coming { get; set; } = [];

    /// <summary>Held flocks.</summary>
    public List<LabLock> Locks { get; set; } = [];

    /// <summary>The insides of VMs.</summary>
    public List<LabGuest> Guests { get; set; } = [];

    /// <summary>Lines of the kernel log.</summary>
    public List<string> KernelLog { get; set; } = [];

    /// <summary>Next inode number.</summary>
    public ulong NextInode { get; set; } = 1000;

    /// <summary>Next process id.</summary>
    public int NextPid { get; set; } = 4000;

    /// <summary>Next serial number of instances, vGPUs, locks.</summary>
    public long NextSerial { get; set; } = 1;

    /// <summary>Whether the kernel driver is loaded.</summary>
    internal bool DriverIsLoaded => !Setup.DriverIsUnloaded && !Coming.Exists(c => c.LoadsDriver);

    /// <summary>The PCI functions as they are now.</summary>
    internal LabPciBus Bus => _bus?.Fits(this) == true ? _bus : _bus = new LabPciBus(this);
}
