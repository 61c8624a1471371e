using System.Reflection;
using System.Runtime.Loader;

namespace VgpuPS.Sessions;

/// <summary>
/// Lets the module find its own assemblies, and closes the sessions when it is removed; a process that is killed closes
/// them by ending.
/// </summary>
public sealed class ModuleEnd : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport() => PrivateAssemblies.Open();

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) =>
        Task.Run(HostSessions.RemoveAllAsync).GetAwaiter().GetResult();
}

/// <summary>
/// The assemblies in the module's bin/lib, third-party ones among them: apart from those of the session, which may have
/// other versions of them, and loaded when first used.
/// </summary>
internal sealed class PrivateAssemblies() : AssemblyLoadContext("VgpuPS")
{
    private static readonly string[] s_entries = ["VgpuPS.Ssh", "VgpuPS.Live"];

    private static readonly string s_folder = Path.GetDirectoryName(typeof(PrivateAssemblies).Assembly.Location) ?? "";
    private static readonly Lazy<PrivateAssemblies> s_one = new(() => new PrivateAssemblies());
    private static int s_isOpen;

    /// <summary>Lets the module find them; once for the process, since code that is loaded stays when a module is
    /// removed.</summary>
    public static void Open()
    {
        if (Interlocked.Exchange(ref s_isOpen, 1) == 0)
        {
            Default.Resolving += (_, name) =>
                s_entries.Contains(name.Name) ? s_one.Value.LoadFromAssemblyName(name) : null;
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var ours = Path.Combine(s_folder, "lib", assemblyName.Name + ".dll");
        if (File.Exists(ours))
        {
            return LoadFromAssemblyPath(ours);
        }

        // Types that both sides speak of have to be the same; the default context does not look into this folder by
        // itself.
        var shared = Path.Combine(s_folder, assemblyName.Name + ".dll");
        return File.Exists(shared) ? Default.LoadFromAssemblyPath(shared) : null;
    }
}
