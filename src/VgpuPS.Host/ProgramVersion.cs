using System.Reflection;

namespace VgpuPS.Host;

/// <summary>Version of this program.</summary>
public static class ProgramVersion
{
    /// <summary>As <c>vgpu-hook --version</c> prints it, without the commit.</summary>
    public static string Own { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0] ?? "0";
}
