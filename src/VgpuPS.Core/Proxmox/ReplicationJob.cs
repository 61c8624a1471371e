namespace VgpuPS.Core.Proxmox;

/// <summary>A job that copies a guest's disks to another node, where the guest can then be started.</summary>
/// <param name="Guest">The VM or container.</param>
/// <param name="Target">The node.</param>
/// <remarks>Source: assumed, as pvesr writes <c>/etc/pve/replication.cfg</c>: <c>local: 100-0</c> with
/// <c>target</c> and <c>disable</c>.</remarks>
public sealed record ReplicationJob(VmId Guest, string Target)
{
    /// <summary>Reads the jobs that are on, in the order of the file.</summary>
    /// <exception cref="UnreadableDataException">The file has more than 1 MiB.</exception>
    public static IReadOnlyList<ReplicationJob> ReadAll(ReadOnlySpan<byte> raw) =>
    [
        .. from section in SectionConfig.Read(raw, "the list of replication jobs", SectionConfig.Header)
           let target = section["target"]
           where section.Type == "local" && target is not null && !section.Has("disable")
               && VmId.TryParse(section.Id.Split('-')[0], out _)
           select new ReplicationJob(Id(section.Id), target),
    ];

    private static VmId Id(string job) => VmId.TryParse(job.Split('-')[0], out var id) ? id : default;
}
