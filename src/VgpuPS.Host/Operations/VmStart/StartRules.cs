using VgpuPS.Core.Capacity;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>What a start is refused for, whether it is planned or prepared.</summary>
internal static class StartRules
{
    /// <exception cref="HostNotReadyException">The host has no active IOMMU.</exception>
    public static void RequireIommu(HostPorts host)
    {
        if (!host.Devices.IommuIsActive)
        {
            throw new HostNotReadyException(
                ErrorIds.IommuNotReady,
                "this host has no active IOMMU (/sys/class/iommu is empty), "
                    + "and Proxmox starts no VM with a vGPU without it",
                "enable VT-d or AMD-Vi in the firmware; on Intel before kernel 6.8 add intel_iommu=on to the kernel "
                    + "command line, then reboot",
                "/sys/class/iommu");
        }
    }

    /// <summary>Looks whether the script that is chained for a VM could be run; what it does is not known
    /// before.</summary>
    /// <exception cref="VgpuException">It is not there, may not be executed, others than root can change it, or it
    /// calls the hook.</exception>
    public static void RequireChain(HostPorts host, HookSettings settings, VmId vm)
    {
        if (settings.Chain.GetValueOrDefault(vm.ToString())?.Path is not { } path)
        {
            return;
        }

        if (host.HookFiles.FindTrust(path) is { IsTrusted: false, IsOnNetwork: false } trust)
        {
            throw trust.ToException("chained script");
        }

        var script = host.HookFiles.Find(path);
        var fault = script is null ? $"could not be started: {Errno.Describe(Errno.ENOENT)}"
            : !script.IsExecutable ? $"could not be started: {Errno.Describe(Errno.EACCES)}"
            : script.IsHook || script.IsAnyHook || script.CallsHook ? "is, or calls, vgpu-hook" : null;
        if (fault is not null)
        {
            throw new HostCommandException(
                ErrorIds.HostCommandFailed, $"chained script {path} {fault}",
                $"run it by hand: {path} {vm} pre-start; or remove it from \"chain\" in /etc/vgpups/config.json",
                $"{path} {vm} pre-start", null, "", path);
        }
    }

    /// <summary>Plans from what was read.</summary>
    /// <returns>
    /// The plan, and whether it is all: one that changes which functions exist ends there, as the rest depends on what
    /// is there then; of mappings only what can be foreseen is compared.
    /// </returns>
    /// <exception cref="VgpuException">The start cannot be served; names the reason and what to do.</exception>
    public static (StartPlan Plan, bool IsComplete) Plan(HostPorts host, VmRequests requests, AssignmentInput input)
    {
        var plan = ParameterPlanner.AddTo(host, input, AssignmentPlanner.Plan(input));
        var isComplete = !plan.Steps.Any(s => s.ChangesFunctions);
        if (isComplete)
        {
            MappingCheck.Verify(host, requests);
        }
        else
        {
            MappingCheck.Foresee(host, requests);
        }

        return (plan, isComplete);
    }
}
