using VgpuPS.Core.Claims;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.VmStart;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>What is to be told of claims beside what the claims file has of them.</summary>
/// <param name="host">The host.</param>
/// <param name="file">The claims.</param>
internal sealed class ClaimDetails(HostPorts host, ClaimFile file)
{
    private const int LatestEvents = 2000;

    /// <summary>One a claim, in the file's order.</summary>
    public IEnumerable<ClaimDetail> Read()
    {
        if (file.Claims.Count == 0)
        {
            yield break;
        }

        var now = ClaimSweeper.Milliseconds(host.Clock);
        var times = ReadTimes();
        foreach (var claim in file.Claims)
        {
            yield return new ClaimDetail(
                claim.Vm.Value, $"hostpci{claim.Entry}", claim.Mdev?.Value,
                claim.State == ClaimState.Held ? Math.Max(0, (claim.HeldUntil - now) / 1000) : null,
                times.TryGetValue(claim.Vm.Value, out var time) ? time : null,
                ClaimSweeper.IsStale(host, file, claim.Vm));
        }
    }

    /// <summary>The latest change of the hook for each VM.</summary>
    private Dictionary<int, DateTime> ReadTimes()
    {
        var events = new ReadEvents(host).Run(
            new ReadEventsRequest
            {
                Last = LatestEvents,
                Sources = ["hook"],
                VmIds = [.. file.Claims.Select(c => c.Vm.Value).Distinct()],
            },
            CancellationToken.None).Events;
        return events.Where(e => e.VmId is not null).GroupBy(e => e.VmId!.Value)
            .ToDictionary(g => g.Key, g => g.Max(e => e.Time));
    }
}
