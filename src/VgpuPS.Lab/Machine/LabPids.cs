using System.Globalization;

namespace VgpuPS.Lab.Machine;

/// <summary>Processes of this workstation that share a state file.</summary>
internal static class LabPids
{
    public static bool IsAlive(int pid) => pid == Environment.ProcessId
        || Directory.Exists("/proc/" + pid.ToString(CultureInfo.InvariantCulture));
}
