using System.Text.Json.Serialization;

namespace VgpuPS.Lab.Guests;

/// <summary>The inside of a VM: its system, guest agent, files, driver and licence service.</summary>
public sealed class LabGuest
{
    /// <summary>Unlicensed, and not slowed down yet.</summary>
    private const uint FreshState = 2;

    /// <summary>The VM.</summary>
    public int Vm { get; set; }

    /// <summary>
    /// Its system's id as the guest agent reports it: <c>ubuntu</c>, <c>debian</c>, <c>mswindows</c>.
    /// </summary>
    public string System { get; set; } = "debian";

    /// <summary>Its system's name.</summary>
    public string PrettyName { get; set; } = "";

    /// <summary>Whether the guest agent runs, once the guest has booted.</summary>
    public bool AgentRuns { get; set; } = true;

    /// <summary>Whether the guest agent is configured not to run programs.</summary>
    public bool ExecIsBlocked { get; set; }

    /// <summary>Whether sshd takes connections.</summary>
    public bool SshRuns { get; set; } = true;

    /// <summary>Password that sshd wants; null where a key of the host's root opens, and no password does.</summary>
    public string? SshPassword { get; set; }

    /// <summary>Guest's clock less the host's, in seconds.</summary>
    public double ClockOffsetSeconds { get; set; }

    /// <summary>Files by path.</summary>
    public SortedDictionary<string, LabGuestFile> Files { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whether its disk is full.</summary>
    public bool DiskIsFull { get; set; }

    /// <summary>Beginnings of paths that cannot be written.</summary>
    public List<string> ReadOnlyPaths { get; set; } = [];

    /// <summary>Version of the driver that runs; null for none.</summary>
    public string? Driver { get; set; }

    /// <summary>Version of a driver that runs after the next boot; null for no change.</summary>
    public string? InstalledDriver { get; set; }

    /// <summary>Whether the driver's CUDA library is missing.</summary>
    public bool CudaIsMissing { get; set; }

    /// <summary>CUDA's own programs that are installed: <c>bandwidthTest</c>, <c>nvbandwidth</c>,
    /// <c>cutlass_profiler</c>.</summary>
    public List<string> CudaTools { get; set; } = [];

    /// <summary>Beginnings of paths from which no program runs.</summary>
    public List<string> NoExecPaths { get; set; } = [];

    /// <summary>Whether the installer fails.</summary>
    public bool InstallerFails { get; set; }

    /// <summary>Whether OpenSSL is there.</summary>
    public bool HasOpenSsl { get; set; } = true;

    /// <summary>What is wrong with licensing.</summary>
    public LabLicenseFault LicenseFault { get; set; }

    /// <summary>Values of a Windows guest's registry by key and name, joined by a backslash; keys begin with
    /// <c>HKLM:</c>.</summary>
    public SortedDictionary<string, LabRegistryValue> Registry { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Profiles of compute instances that were made in the guest, such as <c>1c.2g.12gb</c>; none for the one
    /// that its driver makes.</summary>
    public List<string> ComputeInstances { get; set; } = [];

    /// <summary>Whether the guest has no compute instance, so that CUDA has no device.</summary>
    public bool ComputeInstanceIsMissing { get; set; }

    /// <summary>What the licence service has done and is about to do, in order.</summary>
    public List<LabGuestEvent> Events { get; set; } = [];

    /// <summary>Licence state as in NVML.</summary>
    public uint LicenseState { get; set; } = FreshState;

    /// <summary>When the licence ends, in seconds since 1970; null for none.</summary>
    public long? LicenseExpiry { get; set; }

    /// <summary>How long a program that measures takes to set up, in seconds, as where a driver compiles kernels; null
    /// for the usual time.</summary>
    public double? SetUpSeconds { get; set; }

    /// <summary>When the guest has booted, on the machine's monotonic clock.</summary>
    public long BootedAtNs { get; set; }

    /// <summary>How often it was booted.</summary>
    public int BootCount { get; set; } = 1;

    /// <summary>When its kernel stops for ever, on the machine's monotonic clock; null for never.</summary>
    public long? DiesAtNs { get; set; }

    /// <summary>Whether its kernel has stopped; a restart of the VM helps.</summary>
    public bool IsDead { get; set; }

    /// <summary>The last process id that a program was given.</summary>
    public int LastPid { get; set; } = 1199;

    /// <summary>After how many programs the guest restarts by itself; null for never.</summary>
    public int? RestartsAfter { get; set; }

    /// <summary>Programs that take their time, with how long, in seconds.</summary>
    public SortedDictionary<string, double> SlowPrograms { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Programs that had not ended when their caller went away: pid, end on the monotonic clock,
    /// answer.</summary>
    public List<LabGuestProgram> Programs { get; set; } = [];

    /// <summary>What measurements started last, one a folder.</summary>
    public List<LabGuestRun> Runs { get; set; } = [];

    /// <summary>Whether the agent hands out the beginning of outputs only.</summary>
    public bool TruncatesOutput { get; set; }

    /// <summary>Boots it with its VM: what was in memory is gone, and the licence service starts where a driver is
    /// there.</summary>
    internal void Boot(LabHost host)
    {
        BootCount++;
        BootedAtNs = host.State.MonotonicNs;
        Programs.Clear();
        Runs.Clear();
        (IsDead, DiesAtNs) = (false, null);
        ComputeInstances.Clear();
        Driver = InstalledDriver ?? Driver;
        (LicenseState, LicenseExpiry) = (FreshState, null);
        foreach (var path in Files.Keys.Where(k => k.StartsWith("/run/", StringComparison.Ordinal)).ToList())
        {
            Files.Remove(path);
        }

        if (Driver is not null)
        {
            LabGridd.Restart(host, this);
        }
    }

    /// <summary>Whether it is Windows.</summary>
    [JsonIgnore]
    public bool IsWindows => System == "mswindows";
}

/// <summary>What the licence service does at a moment to come, or did at one that has passed.</summary>
public sealed class LabGuestEvent
{
    /// <summary>When, on the machine's monotonic clock.</summary>
    public long AtNs { get; set; }

    /// <summary>The line that it logs.</summary>
    public string Line { get; set; } = "";

    /// <summary>The guest's own time when it logged it, in seconds since 1970.</summary>
    public long GuestSeconds { get; set; }

    /// <summary>The licence's state from then on, as in NVML; null for no change.</summary>
    public uint? State { get; set; }

    /// <summary>When the licence ends, in seconds since 1970; null for none.</summary>
    public long? Expiry { get; set; }
}

/// <summary>A file in a guest.</summary>
public sealed class LabGuestFile
{
    /// <summary>Its content.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>Its permission bits, octal, as <c>chmod</c> takes them.</summary>
    public string Mode { get; set; } = "644";
}

/// <summary>A value of a Windows guest's registry.</summary>
/// <param name="Kind">Its type: <c>DWord</c>, <c>String</c>.</param>
/// <param name="Text">What it holds.</param>
public sealed record LabRegistryValue(string Kind, string Text);

/// <summary>A program that still runs in a guest.</summary>
public sealed class LabGuestProgram
{
    /// <summary>Its process id in the guest.</summary>
    public int Pid { get; set; }

    /// <summary>When it ends, on the machine's monotonic clock; the last moment that there is while that is not
    /// known.</summary>
    public long EndsAtNs { get; set; }

    /// <summary>Folder in which a measurement started it; null for none.</summary>
    public string? Folder { get; set; }

    /// <summary>What it makes of the vGPU; null for nothing.</summary>
    public LabGuestWork? Work { get; set; }

    /// <summary>Whether it is at work on the vGPU, or waits for that.</summary>
    [JsonIgnore]
    public bool IsWorking => Work is not null && EndsAtNs == long.MaxValue;

    /// <summary>What the agent will answer then.</summary>
    public string Answer { get; set; } = "";
}

/// <summary>What is wrong between a guest and its licence server.</summary>
/// <remarks>Source: facts/errors.md F1-F9, one a row as far as the guest's own state does not make it.</remarks>
public enum LabLicenseFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The server has no such product (F5).</summary>
    NoEntitlement,

    /// <summary>The server's clock differs, or the token was made too long ago (F4).</summary>
    ResponseExpired,

    /// <summary>The server's name is not known (F8).</summary>
    NameUnknown,

    /// <summary>The server's port takes no connection (F8).</summary>
    PortBlocked,

    /// <summary>The service keeps asking the server of an older token (F6).</summary>
    StaleToken,

    /// <summary>The service finds no token, whatever lies there (F2).</summary>
    TokenNotRead,

    /// <summary>The host does not take the guest's driver (E3).</summary>
    DriverTooOld,

    /// <summary>The service says nothing at all (F7).</summary>
    Silent,

    /// <summary>The server refuses for a reason that is unknown (F1).</summary>
    Refused,

    /// <summary>The guest's driver is of a later branch than the host takes (E3).</summary>
    DriverTooNew,
}
