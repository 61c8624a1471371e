using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Doctor;

/// <summary>A VM with the vGPUs that its next start would find in its configuration, or what makes that configuration
/// unusable.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Requests">What it requests; none where it cannot be read.</param>
/// <param name="Problem">Why it cannot be read; null where it can.</param>
/// <param name="MappingProblem">Why Proxmox will refuse a mapping of it; null where it will not.</param>
internal sealed record VmSnapshot(
    VmId Vm, IReadOnlyList<VmVgpuRequest> Requests, VgpuException? Problem, VgpuException? MappingProblem)
{
    public static IReadOnlyList<VmSnapshot> ReadAll(HostPorts host, HookSettings settings)
    {
        var shared = new SharedInputs(host);
        return [.. host.Proxmox.GetVms().Order().Select(v => Read(host, settings, v, shared)).OfType<VmSnapshot>()];
    }

    private static VmSnapshot? Read(HostPorts host, HookSettings settings, VmId vm, SharedInputs shared)
    {
        VmRequests requests;
        try
        {
            requests = VmRequestReader.ReadNext(host, settings, vm, shared);
        }
        catch (Exception problem) when (problem is not AccessDeniedException)
        {
            return new VmSnapshot(
                vm, [], ProgramFaultException.Explain(problem, $"configuration of VM {vm}", vm.ToString()), null);
        }

        if (requests.Config.IsTemplate)
        {
            return null;
        }

        try
        {
            MappingCheck.Verify(host, requests, shared);
            return new VmSnapshot(vm, requests.Requests, null, null);
        }
        catch (HostNotReadyException problem)
        {
            return new VmSnapshot(vm, requests.Requests, null, problem);
        }
        catch (Exception problem) when (problem is not AccessDeniedException)
        {
            return new VmSnapshot(
                vm, [], ProgramFaultException.Explain(problem, $"mappings of VM {vm}", vm.ToString()), null);
        }
    }
}
