using System.Text.Json.Serialization;
using VgpuPS.Lab.Models;

namespace VgpuPS.Lab.Machine;

/// <summary>One GPU as it is now.</summary>
public sealed class LabGpu
{
    private GpuModel? _model;
    private PciAddress? _pci;

    /// <summary>Its address, sysfs form.</summary>
    public string Address { get; set; } = "";

    /// <summary>Its UUID.</summary>
    public string Uuid { get; set; } = "";

    /// <summary>Name of its model.</summary>
    public string ModelName { get; set; } = "";

    /// <summary>Its model where that is one of the user's own; null for one that the lab has.</summary>
    public GpuModel? OwnModel { get; set; }

    /// <summary>Its driver: <c>nvidia</c>, <c>vfio-pci</c> or null.</summary>
    public string? Driver { get; set; } = "nvidia";

    /// <summary>Whether MIG mode is on.</summary>
    public bool MigCurrent { get; set; }

    /// <summary>Whether it will be on after the next reset.</summary>
    public bool MigPending { get; set; }

    /// <summary>How often the driver was bound: handles of an earlier time are dead.</summary>
    public int Generation { get; set; } = 1;

    /// <summary>Whether its vGPU types are registered with the driver.</summary>
    public bool HasTypes { get; set; } = true;

    /// <summary>Whether its virtual functions offer vGPU types once they are enabled.</summary>
    /// <remarks>Source: facts/errors.md B3.</remarks>
    public bool FunctionsHaveTypes { get; set; } = true;

    /// <summary>Whether the board is in display mode, in which it offers neither functions nor MIG.</summary>
    /// <remarks>Source: facts/errors.md A9 and C1.</remarks>
    public bool IsInDisplayMode { get; set; }

    /// <summary>Whether it has fallen off the bus: the driver answers that it is lost.</summary>
    /// <remarks>Source: facts/nvml.md 2 (the status).</remarks>
    public bool IsLost { get; set; }

    /// <summary>Whether ECC is on.</summary>
    public bool HasEcc { get; set; } = true;

    /// <summary>Enabled virtual functions.</summary>
    public int FunctionCount { get; set; }

    /// <summary>Whether time-sliced vGPUs of several sizes may run side by side.</summary>
    public bool MixedSizes { get; set; }

    /// <summary>Scheduler policy as in NVML.</summary>
    public uint SchedulerPolicy { get; set; } = 1;

    /// <summary>Time slice of the scheduler in nanoseconds.</summary>
    public uint TimesliceNs { get; set; } = 2_000_000;

    /// <summary>Adaptive round robin as in NVML.</summary>
    public uint ArrMode { get; set; }

    /// <summary>GPU instances by id.</summary>
    public List<LabGpuInstance> Instances { get; set; } = [];

    /// <summary>vGPUs: set types or mediated devices.</summary>
    public List<LabVgpu> Vgpus { get; set; } = [];

    /// <summary>Functions that another driver is bound to (value null for none), by address.</summary>
    public SortedDictionary<string, string?> FunctionDrivers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Values of <c>driver_override</c> by address.</summary>
    public SortedDictionary<string, string> Overrides { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Compute processes on the host.</summary>
    public List<uint> ComputeProcesses { get; set; } = [];

    /// <summary>What its counters show.</summary>
    public LabGpuMeters Meters { get; set; } = new();

    /// <summary>Its model.</summary>
    [JsonIgnore]
    public GpuModel Model => _model ??= OwnModel ?? GpuModel.Load(ModelName);

    /// <summary>Virtual functions that can be enabled: those of the model, none in display mode.</summary>
    [JsonIgnore]
    public int TotalFunctions => IsInDisplayMode ? 0 : Model.TotalFunctions;

    /// <summary>Whether it has a MIG mode: that of the model, none in display mode.</summary>
    [JsonIgnore]
    public bool HasMig => Model.HasMig && !IsInDisplayMode;

    /// <summary>Its address.</summary>
    [JsonIgnore]
    public PciAddress Pci => _pci ??= PciAddress.Parse(Address);

    /// <summary>Address of one of its functions.</summary>
    /// <param name="index">From 0.</param>
    public PciAddress FunctionAt(int index) => Pci.Plus(Model.FunctionOffset + (index * Model.FunctionStride));

    /// <summary>Driver of an enabled function; null for none.</summary>
    /// <param name="function">Its address, sysfs form.</param>
    public string? DriverOf(string function) =>
        FunctionDrivers.TryGetValue(function, out var other) ? other : Driver;
}

/// <summary>A GPU instance.</summary>
public sealed class LabGpuInstance
{
    /// <summary>Its id on the GPU.</summary>
    public uint Id { get; set; }

    /// <summary>What its handle holds; never used again.</summary>
    public long Serial { get; set; }

    /// <summary>Its profile.</summary>
    public uint Profile { get; set; }

    /// <summary>First memory slice.</summary>
    public int Start { get; set; }

    /// <summary>Memory slices.</summary>
    public int Size { get; set; }

    /// <summary>Compute instances by id.</summary>
    public List<LabComputeInstance> ComputeInstances { get; set; } = [];
}

/// <summary>A compute instance.</summary>
public sealed class LabComputeInstance
{
    /// <summary>Its id within the GPU instance.</summary>
    public uint Id { get; set; }

    /// <summary>What its handle holds; never used again.</summary>
    public long Serial { get; set; }

    /// <summary>Its profile.</summary>
    public uint Profile { get; set; }

    /// <summary>First compute slice.</summary>
    public int Start { get; set; }

    /// <summary>Compute slices.</summary>
    public int Size { get; set; }

    /// <summary>Whether a process of the host runs on it.</summary>
    public bool HasProcess { get; set; }
}

/// <summary>A vGPU: a set type or a mediated device, with or without a VM.</summary>
public sealed class LabVgpu
{
    /// <summary>The function that it lies on, sysfs form.</summary>
    public string Function { get; set; } = "";

    /// <summary>Its type.</summary>
    public uint Type { get; set; }

    /// <summary>UUID of the mediated device; null for a set type.</summary>
    public string? MdevUuid { get; set; }

    /// <summary>The GPU instance that the driver chose; null for a time-sliced type.</summary>
    public uint? GpuInstance { get; set; }

    /// <summary>NVML's handle, and what its own UUID is made of.</summary>
    public uint Handle { get; set; }

    /// <summary>Process that holds it; null when none does.</summary>
    public int? Holder { get; set; }

    /// <summary>UUID of the VM that holds it.</summary>
    public string? VmUuid { get; set; }

    /// <summary>Whether its removal waits for the holder.</summary>
    public bool IsBeingRemoved { get; set; }

    /// <summary>Version of the guest's driver; null until it is up.</summary>
    public string? GuestDriver { get; set; }

    /// <summary>Licence state as in NVML, once the guest's driver is up.</summary>
    public uint LicenseState { get; set; } = 2;

    /// <summary>Plugin parameters for the next process that opens it.</summary>
    public string Parameters { get; set; } = "";

    /// <summary>Plugin parameters that the process which holds it has started with.</summary>
    public string ActiveParameters { get; set; } = "";

    /// <summary>What its VM makes of it; null for nothing.</summary>
    public LabVgpuLoad? Load { get; set; }

    /// <summary>What programs that measure make of it at the moment; null for nothing.</summary>
    public LabVgpuLoad? ProgramLoad { get; set; }

    /// <summary>GPU time that it was given while its VM ran, in nanoseconds; null for none.</summary>
    public long? RunNs { get; set; }
}
