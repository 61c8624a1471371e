using VgpuPS.Core.Errors;

namespace VgpuPS.Host.Ssh;

/// <summary>The OpenSSH client of this machine.</summary>
internal static class SshClientProgram
{
    /// <summary>Where it is.</summary>
    /// <exception cref="HostConnectionException">There is none.</exception>
    /// <remarks>The current folder is not looked at: a file called ssh may lie anywhere.</remarks>
    public static string Find()
    {
        var name = OperatingSystem.IsWindows() ? "ssh.exe" : "ssh";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Where(Path.IsPathFullyQualified).Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists)
            ?? throw new HostConnectionException(
                ErrorIds.SshNotFound, $"this machine has no OpenSSH client: no {name} on the PATH",
                OperatingSystem.IsWindows()
                    ? "Install it: Add-WindowsCapability -Online -Name OpenSSH.Client~~~~0.0.1.0"
                    : "Install it: apt-get install openssh-client", name);
    }
}
