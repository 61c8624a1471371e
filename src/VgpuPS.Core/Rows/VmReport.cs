namespace VgpuPS.Core.Rows;

/// <summary>A VM configured on the node.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name; null without one, or where the configuration cannot be read.</param>
/// <param name="Status"><c>running</c> or <c>stopped</c>.</param>
/// <param name="HostPci">Its <c>hostpciN</c> entries as they stand in the configuration, by key.</param>
public sealed record VmReport(int Id, string? Name, string Status, IReadOnlyDictionary<string, string> HostPci)
{
    /// <summary>Whether it is a template, which Proxmox does not start.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>The operation that blocks changes, such as <c>backup</c>; null for none.</summary>
    public string? Lock { get; init; }

    /// <summary>Machine type as it stands in the configuration; null for Proxmox's default.</summary>
    public string? Machine { get; init; }

    /// <summary>CPUs that it is pinned to at its next start; null for none.</summary>
    public string? Affinity { get; init; }

    /// <summary>Its hookscript, and the script chained to ours.</summary>
    public VgpuHookInfo Hook { get; set; } = VgpuHookInfo.None;

    /// <summary>Its vGPU entries, ascending entry; of a changed one what is in effect first, then what waits.</summary>
    public IReadOnlyList<VmVgpuInfo> Vgpus { get; set; } = [];

    /// <summary>GPUs' functions that its entries name by address, those that wait included, ascending: no other VM can
    /// have them while it does.</summary>
    public IReadOnlyList<string> NamedFunctions { get; init; } = [];

    internal void Stamp(string host)
    {
        (Hook.VgpuHost, Hook.VmId, Hook.VmName, Hook.VgpuCount) = (host, Id, Name, Vgpus.Count);
        foreach (var vgpu in Vgpus)
        {
            (vgpu.VgpuHost, vgpu.VmId, vgpu.VmName) = (host, Id, Name);
            (vgpu.IsRunning, vgpu.HasHook) = (Status == "running", Hook.IsRegistered);
        }
    }
}
