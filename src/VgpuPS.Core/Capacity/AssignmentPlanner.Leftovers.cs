using VgpuPS.Core.Steps;

namespace VgpuPS.Core.Capacity;

public sealed partial class AssignmentPlanner
{
    /// <summary>
    /// What this VM left behind and does not want now goes first, so that its capacity is available again.
    /// </summary>
    private void RemoveOrphans()
    {
        var wanted = _input.Requests.ToDictionary(r => r.Uuid);
        foreach (var device in _input.OwnDevices.OrderBy(d => d.Uuid.Value, StringComparer.Ordinal))
        {
            if (wanted.TryGetValue(device.Uuid, out var request) && device.Type == request.Type
                && request.Candidates.Any(c => c.Address == device.Parent) && IsWhereProxmoxLooks(request, device))
            {
                continue;
            }

            // A device of another vendor may carry the VM's UUID as well; it is Proxmox's business.
            if (_host.Gpus.FirstOrDefault(g => g.Functions.Any(f => f.Address == device.Parent)) is not { } gpu)
            {
                continue;
            }

            _steps.Add(new RemoveOrphanStep(gpu.Address, device.Parent, device.Uuid));
            _host.Clear(gpu.Address, device.Parent, device.Uuid);
        }

        FindOwnFunctions();
        foreach (var gpu in _host.Gpus.ToList())
        {
            foreach (var function in gpu.Functions.Where(f => f.CurrentType is not null && IsOwnOrphan(f)))
            {
                _steps.Add(new RemoveOrphanStep(gpu.Address, function.Address, null));
                _host.Clear(gpu.Address, function.Address, null);
            }
        }

        foreach (var request in _input.Requests.Where(r => !r.IsMapped))
        {
            DiscountOrphanedType(request, request.Candidates[0]);
        }
    }

    /// <summary>
    /// A type on the one function that a request names, not held, is not in the way: Proxmox writes 0 over it, and so
    /// does the step that sets the requested type, which restores it should that fail.
    /// </summary>
    /// <remarks>Source: facts/proxmox.md (d), create_nvidia_device.</remarks>
    private void DiscountOrphanedType(VmVgpuRequest request, CandidateFunction candidate)
    {
        if (_host.FindFunction(candidate) is { CurrentType: { } type } && type != request.Type
            && FindHolder(candidate.Address) is null)
        {
            _host.Clear(candidate.Gpu, candidate.Address, null);
        }
    }

    /// <summary>
    /// Functions that an earlier run prepared for this VM and that are right still: of each entry the one that its
    /// claim names, else the first; the earlier for the lower entry.
    /// </summary>
    private void FindOwnFunctions()
    {
        foreach (var request in _input.Requests)
        {
            var claimed = _input.Claims.FirstOrDefault(c => c.Vm == _input.Vm && c.Entry == request.Entry)?.Function;
            var found = request.Candidates.Where(c => !_own.ContainsValue(c) && IsOwn(c.Address)
                    && FindFunction(c.Address)?.CurrentType == request.Type && !_input.Refused.ContainsKey(c.Address)
                    && !IsBeforeOwn(request, c.Address))
                .OrderByDescending(c => c.Address == claimed).FirstOrDefault();
            if (found is not null)
            {
                _own[request.Entry] = found;
            }
        }
    }

    /// <summary>Whether Proxmox comes by the function for a lower entry of another type, and would take the type
    /// off.</summary>
    private bool IsBeforeOwn(VmVgpuRequest request, PciAddress function) => _input.Requests.Any(
        r => r.Entry < request.Entry && r.IsMapped && r.Type != request.Type && _own.TryGetValue(r.Entry, out var own)
            && r.Candidates.TakeWhile(c => c != own).Any(c => c.Address == function));

    private bool IsOwn(PciAddress function) => FindHolder(function) is null
        && (_input.Claims.Any(c => c.Vm == _input.Vm && c.Function == function)
            || _input.Reservations.Any(r => r.Vm == _input.Vm && r.Function == function));

    /// <summary>A type that this VM's earlier start left, on a function where this start cannot use it.</summary>
    private bool IsOwnOrphan(VirtualFunction function) =>
        IsOwn(function.Address) && !_own.Values.Any(c => c.Address == function.Address);

    /// <summary>
    /// Proxmox tries the candidates in order and creates on the first that has an instance available: a device behind
    /// such a candidate would not be found.
    /// </summary>
    private bool IsWhereProxmoxLooks(VmVgpuRequest request, MediatedDevice device)
    {
        var earlier = request.Candidates.TakeWhile(c => c.Address != device.Parent).Select(c => c.Address).ToList();
        return _host.Capacity.FindPlacement(new PendingStart(request.Vm, request.Type, earlier)) is null;
    }
}
