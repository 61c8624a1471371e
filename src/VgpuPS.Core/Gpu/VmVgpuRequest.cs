namespace VgpuPS.Core.Gpu;

/// <summary>One vGPU that a VM's configuration requests.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Entry">N of <c>hostpciN</c>.</param>
/// <param name="Candidates">Functions in the order in which Proxmox tries them; one for a raw address.</param>
/// <param name="Type">The vGPU type.</param>
/// <param name="Mapping">Id of the cluster mapping; null for a raw address.</param>
public sealed record VmVgpuRequest(
    VmId Vm, int Entry, IReadOnlyList<CandidateFunction> Candidates, VgpuTypeId Type, string? Mapping)
{
    /// <summary>The entry as users write it: <c>hostpci0</c>.</summary>
    public string Name => $"hostpci{Entry}";

    /// <summary>Whether the configuration leaves the choice of function to Proxmox.</summary>
    public bool IsMapped => Mapping is not null;

    /// <summary>The entry's text as it stands in the configuration; empty where that is not known.</summary>
    public string Value { get; init; } = "";

    /// <summary>Plugin parameters that its vGPU shall start with, as the driver's attribute has them; empty for
    /// none.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>Whether Proxmox takes the function as it is (<c>driver=keep</c> without <c>mdev</c>).</summary>
    public bool KeepsDriver { get; init; }

    /// <summary>The UUID that Proxmox gives to this entry's mediated device.</summary>
    public MdevUuid Uuid => MdevUuid.ForVm(Vm, Entry);
}

/// <summary>A function that a VM may use.</summary>
/// <param name="Address">Its address; it need not exist yet.</param>
/// <param name="Gpu">The GPU that it belongs to, or will once functions are enabled.</param>
public sealed record CandidateFunction(PciAddress Address, PciAddress Gpu);
