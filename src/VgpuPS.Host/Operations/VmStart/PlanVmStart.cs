using System.Text.Json.Serialization;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>Plans a VM's next start as the hook would, and changes nothing.</summary>
public sealed class PlanVmStart(HostPorts host)
{
    /// <summary>Makes the plan.</summary>
    /// <exception cref="VgpuException">The start would be refused; names the reason and what to do.</exception>
    public PlanVmStartResult Run(PlanVmStartRequest request)
    {
        var settings = host.Settings.Load();
        StartRules.RequireChain(host, settings, request.Vm);
        var requests = request.From is null
            ? VmRequestReader.ReadNext(host, settings, request.Vm, new SharedInputs(host))
            : VmRequestReader.Read(
                host, settings, request.Vm, host.Proxmox.ReadConfig(request.Vm, request.From), new SharedInputs(host),
                isNext: !request.IsRunningThere);
        if (requests.Requests.Count == 0)
        {
            return new PlanVmStartResult(request.Vm.Value, false, [], true);
        }

        StartRules.RequireIommu(host);
        var file = host.Claims.Load();
        var stale = file.Claims.Select(c => c.Vm).Distinct()
            .Where(v => v != request.Vm && ClaimSweeper.IsStale(host, file, v)).ToHashSet();
        VmId? ending = host.Proxmox.IsRunning(request.Vm) ? request.Vm : null;
        var swept = file with { Claims = [.. file.Claims.Where(c => c.Vm != ending && !stale.Contains(c.Vm))] };
        using var driver = host.Driver.Open();
        var input = StartReader.Read(
            host, driver, requests, settings, RequestedDemand.Learn(driver, swept, requests));
        var (plan, isComplete) = StartRules.Plan(
            host, requests, new SweepProjection(file, stale, ending).Foretell(input));
        return new PlanVmStartResult(
            request.Vm.Value, true,
            [.. stale.Order().Select(v => $"release what VM {v} left behind").Concat(plan.Steps.Select(s => s.Text))
                .Concat(isComplete ? [] : requests.Mappings.Select(m =>
                    $"compare mapping {m.Id} with the functions that exist then (device id, IOMMU group, subsystem), "
                        + "as Proxmox does"))],
            isComplete)
        {
            Foreseen = ForeseenChange.Of(plan.Steps),
        };
    }
}

/// <summary>Asks what a start of a VM would do now.</summary>
/// <param name="Vm">The VM.</param>
public sealed record PlanVmStartRequest(VmId Vm)
{
    /// <summary>The node whose VM it is, which would be started here; null for a VM of this node.</summary>
    public string? From { get; init; }

    /// <summary>Whether it runs there, so that what is pending does not count.</summary>
    public bool IsRunningThere { get; init; }
}

/// <summary>What a start would do.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="HasVgpu">Whether its configuration requests a vGPU.</param>
/// <param name="Steps">Sentences in order; none where everything is there.</param>
/// <param name="IsComplete">
/// False when the plan ends where functions or MIG mode are enabled: the rest depends on what is there then.
/// </param>
public sealed record PlanVmStartResult(int VmId, bool HasVgpu, IReadOnlyList<string> Steps, bool IsComplete)
{
    /// <summary>What it will have made, for plans that follow.</summary>
    [JsonIgnore]
    public ForeseenChange? Foreseen { get; init; }
}
