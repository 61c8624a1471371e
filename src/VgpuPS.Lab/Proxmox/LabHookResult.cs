namespace VgpuPS.Lab.Proxmox;

/// <summary>How a hookscript ended.</summary>
/// <param name="ExitCode">Exit code; null when it was ended by a signal or could not be executed.</param>
/// <param name="Signal">Signal that ended it; null otherwise.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error; what exec said when the script could not be executed.</param>
public sealed record LabHookResult(int? ExitCode, int? Signal, string Output, string Error)
{
    /// <summary>Whether it ended with 0.</summary>
    public bool Succeeded => ExitCode == 0;
}
