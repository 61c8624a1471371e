using VgpuPS.Host.Proxmox;

namespace VgpuPS.Host.State;

/// <summary>Where our own files lie on a host.</summary>
public static class StatePaths
{
    /// <summary>Folder of what does not outlive a reboot.</summary>
    public const string RunFolder = "/run/vgpups";

    /// <summary>The host lock.</summary>
    public const string Lock = RunFolder + "/lock";

    /// <summary>What follows a lock's path in the name of the file on which those who wait for it hold a
    /// lock.</summary>
    public const string WaitingEnding = ".waiting";

    /// <summary>The lock under which VM configurations are given functions.</summary>
    public const string AssignmentLock = RunFolder + "/assign.lock";

    /// <summary>The lock under which a VM's chained script runs.</summary>
    public static string ChainLock(VmId vm) => $"{RunFolder}/chain-{vm}.lock";

    /// <summary>Claims and hook-managed instances.</summary>
    public const string Claims = RunFolder + "/claims.json";

    /// <summary>VMs that were stopped to be started again.</summary>
    public const string Restarts = RunFolder + "/restarts.json";

    /// <summary>What the boot service last did.</summary>
    public const string Boot = RunFolder + "/boot.json";

    /// <summary>Runs of the hook, and what they failed with.</summary>
    public const string Counters = RunFolder + "/counters.json";

    /// <summary>The lock under which they are written.</summary>
    public const string CountersLock = RunFolder + "/counters.lock";

    /// <summary>What the doctor found when its timer last ran it.</summary>
    public const string Doctor = RunFolder + "/doctor.json";

    /// <summary>Folder of configuration and layout.</summary>
    public const string SettingsFolder = "/etc/vgpups";

    /// <summary>The hook's configuration.</summary>
    public const string Settings = SettingsFolder + "/config.json";

    /// <summary>The host's layout.</summary>
    public const string Layout = SettingsFolder + "/layout.json";

    /// <summary>Folder of the event log.</summary>
    public const string LogFolder = "/var/log/vgpups";

    /// <summary>The event log.</summary>
    public const string Events = LogFolder + "/events.jsonl";

    /// <summary>Files that are written whole.</summary>
    internal static IReadOnlyList<string> Written { get; } =
        [
            Claims, Restarts, Boot, Counters, Doctor, Settings, Layout, ProxmoxPaths.Reservations,
            HookVolume.InstalledPath,
        ];

    /// <summary>Mode of the run folder: root alone.</summary>
    internal const int RunFolderMode = FileModes.Mode700;

    /// <summary>Mode of the log folder: readable by all.</summary>
    internal const int LogFolderMode = FileModes.Mode755;

    /// <summary>Mode of folders that all may read.</summary>
    internal const int SharedFolderMode = FileModes.Mode755;

    /// <summary>Mode of files that root alone reads.</summary>
    internal const int PrivateMode = FileModes.Mode600;

    /// <summary>Mode of files that all may read.</summary>
    internal const int SharedMode = FileModes.Mode644;
}
