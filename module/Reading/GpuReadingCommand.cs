using VgpuPS.Host.Operations;

namespace VgpuPS.Reading;

/// <summary>Base of commands that read what is on GPUs.</summary>
public abstract class GpuReadingCommand : ReadingCommand
{
    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards. All without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [Identity("GpuUuid")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    private protected sealed override IEnumerable<object> Select(HostReport report, Action<VgpuException> fail)
    {
        foreach (var missing in FindMissing(report))
        {
            fail(missing);
        }

        var there = GpusOf(report);
        return (Gpu is { Length: > 0 } ? GpuSelector.FindAll(there, Gpu, fail) : there)
            .SelectMany(g => Select(report, g, fail));
    }

    /// <summary>GPUs that can be named.</summary>
    private protected virtual IReadOnlyList<GpuInfo> GpusOf(HostReport report) => report.Gpus;

    /// <summary>Identities beside the GPUs that were named and that the host does not have.</summary>
    private protected virtual IEnumerable<VgpuException> FindMissing(HostReport report) => [];

    /// <summary>GPUs that are meant, without a word about those that are not there.</summary>
    private protected IEnumerable<GpuInfo> MeantGpus(HostReport report) => FindGpus(report, Gpu, _ => { });

    /// <summary>Chooses what to write of a GPU.</summary>
    private protected abstract IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail);
}
