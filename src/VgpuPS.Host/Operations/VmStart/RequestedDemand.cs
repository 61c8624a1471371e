using VgpuPS.Core.Claims;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>Requested starts, not only accepted ones, teach the planner; a start that is tried again counts
/// once.</summary>
/// <remarks>Source: planner.md 4, step 1.</remarks>
internal static class RequestedDemand
{
    /// <summary>What is known once a start's requests have been counted; nothing is written.</summary>
    public static ClaimFile Learn(IGpuDriverSession driver, ClaimFile file, VmRequests requests)
    {
        var all = file.Demand.ToDictionary(d => d.Key, d => d.Value, StringComparer.Ordinal);
        foreach (var request in requests.Requests.Where(r => !file.Claims.Any(c => c.Vm == r.Vm && c.Entry == r.Entry)))
        {
            var gpu = request.Candidates[0].Gpu;
            if (driver.FindType(gpu, request.Type)?.Profile is not { } id
                || driver.GetProfiles(gpu) is not { Count: > 0 } profiles
                || profiles.FirstOrDefault(p => p.Id == id) is not { } profile)
            {
                continue;
            }

            var model = driver.GetIdentity(gpu).Model;
            all[model] = PlacementRanking.Learn(all.GetValueOrDefault(model), profiles, profile);
        }

        return file with { Demand = all };
    }
}
