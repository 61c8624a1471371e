namespace VgpuPS.Core.Inventory;

/// <summary>What a host has, as scripts and people handle it: plain ids, and the host that it belongs to.</summary>
public abstract record HostObject
{
    /// <summary>Name of the host session that it came from, and that it goes back to.</summary>
    public string VgpuHost { get; set; } = "";
}
