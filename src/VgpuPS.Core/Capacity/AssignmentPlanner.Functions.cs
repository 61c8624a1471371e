using VgpuPS.Core.Steps;

namespace VgpuPS.Core.Capacity;

/// <content>
/// The function of a vendor VFIO vGPU: the hook chooses it as Proxmox would, reserves it and sets the type, and Proxmox
/// confirms what it finds.
/// </content>
/// <remarks>Source: facts/proxmox-reservations.md S1 and S5.</remarks>
public sealed partial class AssignmentPlanner
{
    private bool IsVendorVfio(PciAddress function) =>
        FindFunction(function) is { Backend: VgpuBackend.VendorVfio };

    private VirtualFunction? FindFunction(PciAddress address) =>
        _host.Gpus.SelectMany(g => g.Functions).FirstOrDefault(f => f.Address == address);

    private void Adopt(VmVgpuRequest request, CandidateFunction own)
    {
        _steps.Add(new AttachDeviceStep(own.Gpu, own.Address, TypeOn(own.Gpu, request), request, IsThere: true)
        {
            Alternatives = [own.Address],
        });
        _claims.Add(Claim(request, own.Address));
    }

    /// <summary>
    /// The usable functions in file order, but those behind the functions of lower entries first, and none that another
    /// entry has: Proxmox serves the lower entry first, and gives it the earlier function.
    /// </summary>
    private List<PciAddress> InProxmoxOrder(VmVgpuRequest request, IReadOnlyList<CandidateFunction> usable)
    {
        var others = _claims.Where(c => c.Reserved).Select(c => c.Function)
            .Concat(_input.Requests.Where(r => r != request && !r.IsMapped)
                .Select(r => (PciAddress?)r.Candidates[0].Address))
            .ToHashSet();
        var all = request.Candidates.Select(c => c.Address).ToList();
        var behind = request.IsMapped
            ? _claims.Where(c => c.Reserved).Select(c => all.IndexOf(c.Function!.Value)).DefaultIfEmpty(-1).Max()
            : -1;
        return
        [
            .. usable.Where(c => !request.IsMapped || !others.Contains(c.Address) || IsShared(c.Address))
                .Select(c => c.Address).OrderBy(f => all.IndexOf(f) < behind),
        ];
    }

    /// <summary>No function is left, whatever capacity there is.</summary>
    private CapacityException RefuseFunctions(VmVgpuRequest request, IReadOnlyList<CandidateFunction> usable)
    {
        var texts = usable.Select(c => _claims.Find(k => k.Function == c.Address) is { } claim
            ? $"function {c.Address} is taken by hostpci{claim.Entry}"
            : $"function {c.Address} has "
                + $"{(FindFunction(c.Address) is { } f && FindOrphan(f) is { } orphan ? orphan.Text : "a vGPU")}");
        var action = usable.Select(
            c => FindFunction(c.Address) is { } f && FindOrphan(f) is { } orphan ? orphan.Action : null)
            .OfType<string>().FirstOrDefault();
        return new CapacityException(
            ErrorIds.NoFreeFunction,
            $"no function is free for {request.Name}: {string.Join("; ", texts.Take(4))}",
            action ?? (request.Mapping is { } mapping
                ? $"add functions to mapping {mapping} (pvesh get /cluster/mapping/pci/{mapping}), one for each entry"
                : $"use a separate function: {Set(request, "<function>", null)}"),
            usable[0].Address.ToString());
    }

    private bool IsShared(PciAddress function) => FindFunction(function) is { IsShared: true };

    /// <summary>Whether Proxmox comes by the function while it looks for one for a lower entry of another
    /// type.</summary>
    private bool IsWalkedOver(VmVgpuRequest request, PciAddress function) =>
        IsVendorVfio(function) && _input.Requests.Any(r => r.IsMapped && r.Type != request.Type
            && _claims.Find(c => c.Entry == r.Entry) is { Reserved: true, Function: { } own }
            && r.Candidates.TakeWhile(c => c.Address != own).Any(c => c.Address == function));

    /// <summary>
    /// A function that has the requested type and is free, before all that are free: Proxmox takes it without a check.
    /// </summary>
    private CandidateFunction? FindPresetBefore(VmVgpuRequest request, IReadOnlyList<PciAddress> order) =>
        FindPreset(request, [.. order.TakeWhile(f => !_host.Capacity.IsFree(f))]);

    /// <summary>The first function of these that has the requested type and is free.</summary>
    private CandidateFunction? FindPreset(VmVgpuRequest request, IReadOnlyList<PciAddress> order) =>
        order.Select(f => request.Candidates.First(c => c.Address == f)).FirstOrDefault(c =>
            _host.FindFunction(c) is { Backend: VgpuBackend.VendorVfio } function
                && function.CurrentType == request.Type
            && !IsWalkedOver(request, c.Address));
}
