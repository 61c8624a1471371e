using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>Adds plugin parameters to the plan of a start: each comes once its vGPU is there.</summary>
/// <remarks>Source: facts/host-behaviour.md 1.6. That the type must come first is assumed.</remarks>
internal static class ParameterPlanner
{
    /// <summary>Adds the steps, and names the parameters in the claims.</summary>
    /// <exception cref="InvalidRequestException">A type does not allow what is configured.</exception>
    public static StartPlan AddTo(HostPorts host, AssignmentInput input, StartPlan plan)
    {
        var requests = input.Requests.ToDictionary(r => r.Entry);
        var written = input.Claims.Where(c => c.Vm == input.Vm && c.Parameters is not null)
            .Select(c => c.Entry).ToHashSet();
        if (written.Count == 0 && requests.Values.All(r => r.Parameters.Length == 0))
        {
            return plan;
        }

        foreach (var request in requests.Values)
        {
            RequireAllowed(input, request);
        }

        return new StartPlan(
            [
                .. plan.Steps.SelectMany(s => s is AttachDeviceStep attach
                    && FindStep(host, input, attach, written) is { } step ? (PlanStep[])[s, step] : [s]),
            ],
            [.. plan.Claims.Select(c => Name(c, requests[c.Entry]))]);
    }

    private static VgpuClaim Name(VgpuClaim claim, VmVgpuRequest request) =>
        request.Parameters.Length == 0 ? claim : claim with { Parameters = request.Parameters };

    private static void RequireAllowed(AssignmentInput input, VmVgpuRequest request)
    {
        var type = request.Candidates.Select(c => c.Gpu).Distinct()
            .Select(g => input.Gpus.FirstOrDefault(s => s.Address == g)?.Types.GetValueOrDefault(request.Type))
            .FirstOrDefault(t => t is not null);
        if (type is not null && VgpuParameters.FindFault(VgpuParameters.Read(request.Parameters), type) is { } fault)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidVgpuParameter, $"plugin parameters of {request.Name}: {fault}",
                $"take it out of vgpuParameters (nano /etc/vgpups/config.json), then: qm start {request.Vm}",
                request.Name);
        }
    }

    private static SetParametersStep? FindStep(
        HostPorts host, AssignmentInput input, AttachDeviceStep attach, HashSet<int> written)
    {
        var request = attach.Request;
        if (attach.IsReservedOnly)
        {
            return request.Parameters.Length == 0 ? null
                : new SetParametersStep(attach.Gpu, request, "") { SetByProxmox = attach.Function };
        }

        if (!attach.IsThere)
        {
            return request.Parameters.Length == 0 ? null : new SetParametersStep(attach.Gpu, request, "");
        }

        // A vGPU that was there keeps what others wrote to it, unless something else is configured.
        MdevUuid? uuid = input.OwnDevices.Any(d => d.Uuid == request.Uuid) ? request.Uuid : null;
        var now = host.Devices.ReadParameters(attach.Function, uuid) ?? "";
        var isWanted = request.Parameters.Length > 0 || written.Contains(request.Entry);
        return isWanted && !VgpuParameters.AreSame(now, request.Parameters)
            ? new SetParametersStep(attach.Gpu, request, now) : null;
    }
}
