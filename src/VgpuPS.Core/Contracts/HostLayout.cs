namespace VgpuPS.Core.Contracts;

/// <summary>Contents of <c>/etc/vgpups/layout.json</c>: what should be on each GPU after boot.</summary>
/// <param name="Version">Version of the file's form; 1.</param>
/// <param name="Gpus">One entry a GPU, or a model.</param>
public sealed record HostLayout(int Version, IReadOnlyList<GpuLayout> Gpus)
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentVersion = 1;
}
