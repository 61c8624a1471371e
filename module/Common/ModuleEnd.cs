using System.Management.Automation;

namespace VgpuPS.Common;

/// <summary>
/// Lets the module find its own assemblies, and closes the sessions when it is removed; a process that is killed closes them by
/// ending.
/// </summary>
public sealed class ModuleEnd : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport() => PrivateAssemblies.Open();

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) =>
        Task.Run(HostSessions.RemoveAllAsync).GetAwaiter().GetResult();
}
