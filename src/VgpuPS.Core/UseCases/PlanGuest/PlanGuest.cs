using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Claims;
using VgpuPS.Core.UseCases.Reading;
using VgpuPS.Core.Vgpu.Assignment;

namespace VgpuPS.Core.UseCases.PlanGuest;

/// <summary>Plans a start as the hook would, and changes nothing.</summary>
public sealed class PlanGuest(HostPorts host)
{
    /// <summary>Makes the plan.</summary>
    /// <exception cref="VgpuException">The start would be refused; says why, and what to do.</exception>
    public PlanGuestResult Run(PlanGuestRequest request)
    {
        var settings = host.Settings.Load();
        var guest = GuestRequestReader.Read(host, settings, request.Vm, null);
        if (guest.Requests.Count == 0)
        {
            return new PlanGuestResult(request.Vm.Value, false, [], true);
        }

        var file = host.Claims.Load();
        var stale = file.Claims.Select(c => c.Vm).Distinct()
            .Where(v => v != request.Vm && ClaimSweeper.IsStale(host, file, v)).ToHashSet();
        var swept = file with { Claims = [.. file.Claims.Where(c => !stale.Contains(c.Vm))] };
        using var driver = host.Driver.Open();
        var input = StartReader.Read(
            host, driver, guest, settings, RequestedDemand.Learn(driver, swept, guest));
        var plan = AssignmentPlanner.Plan(new SweptPicture(file, stale).Foretell(input));
        var isComplete = !plan.Steps.Any(s => s.ChangesFunctions);
        if (isComplete)
        {
            MappingCheck.Verify(host, guest);
        }

        return new PlanGuestResult(
            request.Vm.Value, true,
            [.. stale.Order().Select(v => $"release what VM {v} left").Concat(plan.Steps.Select(s => s.Text))],
            isComplete);
    }
}
