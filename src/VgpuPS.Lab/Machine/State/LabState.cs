using System.Text.Json.Serialization;
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

    /// <summary>The cluster, in the state of its first node; null elsewhere.</summary>
    public LabClusterState? Cluster { get; set; }

    /// <summary>The cluster that the machine is in; null for none.</summary>
    internal LabClusterState? Joined { get; set; }

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

/// <summary>What will happen on the machine by itself at a moment.</summary>
public sealed class LabComing
{
    /// <summary>When, on the monotonic clock.</summary>
    public long AtNs { get; set; }

    /// <summary>Whether the driver is loaded then.</summary>
    public bool LoadsDriver { get; set; }

    /// <summary>Address of the GPU that is bound to the driver then; null for none.</summary>
    public string? BindsGpu { get; set; }

    /// <summary>The unit that starts then; null for none.</summary>
    public string? StartsUnit { get; set; }

    /// <summary>The unit that ends then; null for none.</summary>
    public string? EndsUnit { get; set; }
}

/// <summary>A held flock.</summary>
public sealed class LabLock
{
    /// <summary>Number of the lock.</summary>
    public long Serial { get; set; }

    /// <summary>Inode of the file.</summary>
    public ulong Inode { get; set; }

    /// <summary>Who holds it.</summary>
    public string Owner { get; set; } = "";

    /// <summary>Process of this workstation that the owner lives in.</summary>
    public int Pid { get; set; }

    /// <summary>Its user id; 0 for root, as which all tasks of Proxmox run.</summary>
    public int Uid { get; set; }

    /// <summary>Whether others may share it.</summary>
    public bool IsShared { get; set; }
}

/// <summary>A process, or an actor of one, that has NVML open.</summary>
public sealed class LabNvmlClient
{
    /// <summary>Who.</summary>
    public string Owner { get; set; } = "";

    /// <summary>Process of this workstation that the owner lives in; 0 for one that never ends by itself.</summary>
    public int Pid { get; set; }

    /// <summary>How often it was initialised.</summary>
    public int Count { get; set; }

    /// <summary>Addresses of attached GPUs.</summary>
    public List<string> Gpus { get; set; } = [];
}

/// <summary>A running QEMU.</summary>
public sealed class LabProcess
{
    /// <summary>Its process id.</summary>
    public int Pid { get; set; }

    /// <summary>Its user id; 0 for root, as which Proxmox runs QEMU.</summary>
    public int Uid { get; set; }

    /// <summary>The VM.</summary>
    public int Vm { get; set; }

    /// <summary>Program and arguments.</summary>
    public List<string> CommandLine { get; set; } = [];

    /// <summary>CPUs that its threads may run on, as the kernel prints them.</summary>
    public string Cpus { get; set; } = "";

    /// <summary>Its memory in MiB by NUMA node.</summary>
    public SortedDictionary<int, long> MemoryMiB { get; set; } = [];
}

/// <summary>A program of the host that has GPUs open, such as a monitoring daemon.</summary>
public sealed class LabProgram
{
    /// <summary>Its process id.</summary>
    public int Pid { get; set; }

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its systemd unit; null for none.</summary>
    public string? Unit { get; set; }

    /// <summary>Addresses of the GPUs that it has open.</summary>
    public List<string> Gpus { get; set; } = [];
}

/// <summary>A unit of systemd as it is now.</summary>
public sealed class LabUnit
{
    /// <summary>Its name: <c>nvidia-vgpud.service</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>inactive</c>, <c>activating</c>, <c>active</c> or <c>failed</c>.</summary>
    public string ActiveState { get; set; } = "inactive";

    /// <summary><c>dead</c>, <c>start</c>, <c>running</c>, <c>exited</c> or <c>failed</c>.</summary>
    public string SubState { get; set; } = "dead";

    /// <summary><c>success</c>, <c>exit-code</c>, <c>timeout</c> ….</summary>
    public string Result { get; set; } = "success";

    /// <summary>When it last became inactive or failed, on the monotonic clock; 0 for not since the boot.</summary>
    public long InactiveSinceNs { get; set; }
}

/// <summary>A PCI device that is not an NVIDIA GPU.</summary>
public sealed class LabPciDevice
{
    /// <summary>Its address, sysfs form.</summary>
    public string Address { get; set; } = "";

    /// <summary>Vendor id in hexadecimal with <c>0x</c>.</summary>
    public string Vendor { get; set; } = "";

    /// <summary>Device id in hexadecimal with <c>0x</c>.</summary>
    public string Device { get; set; } = "";

    /// <summary>Class in hexadecimal with <c>0x</c>.</summary>
    public string Class { get; set; } = "";

    /// <summary>Its driver; null for none.</summary>
    public string? Driver { get; set; }

    /// <summary>UUIDs of mediated devices on it.</summary>
    public List<string> Mdevs { get; set; } = [];
}

/// <summary>An ordinary file, folder or link.</summary>
public sealed class LabEntry
{
    /// <summary>Usual mode of a folder.</summary>
    public const int FolderMode = FileModes.Mode755;

    /// <summary>Usual mode of a file.</summary>
    public const int FileMode = FileModes.Mode644;

    /// <summary>Permission bits.</summary>
    public int Mode { get; set; }

    /// <summary>User id of the owner; 0 is root.</summary>
    public uint Owner { get; set; }

    /// <summary>Inode number.</summary>
    public ulong Inode { get; set; }

    /// <summary>When its content was last changed, in UTC ticks of 100 ns; 0 where that was long ago.</summary>
    public long ModifiedTicks { get; set; }

    /// <summary>Content of a file; null otherwise.</summary>
    public byte[]? Content { get; set; }

    /// <summary>Target of a link; null otherwise.</summary>
    public string? Target { get; set; }

    /// <summary>What a folder holds; null otherwise.</summary>
    public SortedDictionary<string, LabEntry>? Entries { get; set; }

    /// <summary>Whether it is a folder.</summary>
    [JsonIgnore]
    public bool IsFolder => Entries is not null;
}

/// <summary>How a state file is read and written: camelCase, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 128)]
[JsonSerializable(typeof(LabState))]
internal sealed partial class LabStateJsonContext : JsonSerializerContext;
