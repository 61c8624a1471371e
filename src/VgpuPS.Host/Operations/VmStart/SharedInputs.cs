namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// What the VMs of a host have in common for those who read their requests: GPUs, the cluster's mappings, and what this
/// host has of each. It is read once, however many VMs name it.
/// </summary>
internal sealed class SharedInputs(HostPorts host)
{
    /// <summary>GPUs as PCI shows them.</summary>
    public Lazy<IReadOnlyList<PhysicalFunction>> Gpus { get; } = new(host.Devices.GetGpus);

    /// <summary>The cluster's mappings.</summary>
    public Lazy<PciMappings> Mappings { get; } = new(host.Proxmox.ReadMappings);

    /// <summary>Driver that a GPU is bound to; null for none.</summary>
    public Dictionary<PciAddress, string?> Drivers { get; } = [];

    /// <summary>Functions of this host that a mapping stands for, in the order of its file.</summary>
    public Dictionary<string, IReadOnlyList<CandidateFunction>> Candidates { get; } = new(StringComparer.Ordinal);

    /// <summary>The entry of a mapping that cannot be used, so that others need not look through all of it
    /// again.</summary>
    public Dictionary<string, IReadOnlyList<string>> UnusableEntries { get; } = new(StringComparer.Ordinal);

    /// <summary>What puts an unusable mapping right.</summary>
    public Dictionary<string, string> MappingAdvice { get; } = new(StringComparer.Ordinal);

    /// <summary>Why Proxmox will refuse a mapping; null where it will not.</summary>
    public Dictionary<(string Mapping, PveGeneration Generation), HostNotReadyException?> Refusals { get; } = [];
}
