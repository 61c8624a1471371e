using System.Management.Automation;

namespace VgpuPS.Common;

/// <summary>Closes the sessions when the module is removed; a process that is killed closes them by ending.</summary>
public sealed class ModuleEnd : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) =>
        Task.Run(HostSessions.RemoveAllAsync).GetAwaiter().GetResult();
}
