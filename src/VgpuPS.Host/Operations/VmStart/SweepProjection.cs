using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// GPUs as the sweep at the beginning of a start will leave them, foretold: a plan changes nothing, and capacity that a
/// start
/// will have must not look taken.
/// </summary>
/// <param name="file">The claims file.</param>
/// <param name="stale">VMs whose claims the sweep releases.</param>
/// <param name="ending">The VM that is to start, where it runs now: what it has is released when it stops.</param>
internal sealed class SweepProjection(ClaimFile file, IReadOnlySet<VmId> stale, VmId? ending)
{
    /// <summary>What the plan is made from.</summary>
    /// <param name="input">The host as read, with the claims that remain.</param>
    public AssignmentInput Foretell(AssignmentInput input) => input with
    {
        OwnDevices = ending is null ? input.OwnDevices : [],
        Reservations = [.. input.Reservations.Where(r => r.Vm != ending)],
        Gpus = [.. input.Gpus.Select(g => WithoutIdle(input, WithoutDevices(input, g)))],
    };

    private GpuState WithoutDevices(AssignmentInput input, GpuState gpu) => gpu with
    {
        Creatable = ending is null ? gpu.Creatable : null,
        Active =
        [
            .. gpu.Active.Where(a => ending is null || a.FindVm(input.VmsByUuid) != ending),
        ],
        Functions =
        [
            .. gpu.Functions.Select(f => f with
            {
                CurrentType = IsOrphaned(input, f) ? null : f.CurrentType,
                Devices = [.. f.Devices.Where(d => d.Uuid.Guest is not { } owner || !IsGone(owner.Vm))],
            }),
        ],
    };

    private bool IsGone(VmId vm) => vm == ending || stale.Contains(vm);

    private bool IsOrphaned(AssignmentInput input, VirtualFunction function) =>
        input.Reservations.Any(r => r.Vm == ending && r.Function == function.Address)
        || file.Claims.Any(c => IsGone(c.Vm)
        && c.Type == function.CurrentType && (c.Function == function.Address
            || input.Reservations.Any(r => r.Vm == c.Vm && r.Function == function.Address)));

    private GpuState WithoutIdle(AssignmentInput input, GpuState gpu)
    {
        if (input.Settings.Reclaim == ReclaimPolicy.Never)
        {
            return gpu;
        }

        var wanted = input.Requests.Where(r => ending is null && r.Candidates.Any(c => c.Gpu == gpu.Address))
            .Select(r => r.Type)
            .Concat(input.Claims.Where(c => c.State != ClaimState.Live).Select(c => c.Type))
            .Select(t => gpu.Types.GetValueOrDefault(t)?.Profile).ToHashSet();
        var occupants = GpuCapacity.Occupants(gpu).ToList();
        return gpu with
        {
            Instances =
            [
                .. gpu.Instances.Where(i => !IsHookManaged(gpu, i) || wanted.Contains(i.Profile)
                    || occupants.Exists(
                        o => o.Instance == i.Id || (o.Instance is null && o.Type.Profile == i.Profile))),
            ],
        };
    }

    private bool IsHookManaged(GpuState gpu, GpuInstance instance) => file.Instances.Any(m => m.IsOurs
        && m.Gpu == gpu.Address && m.Placement == instance.Placement && m.Profile == instance.Profile
        && (m.Instance is null || m.Instance == instance.Id));
}
