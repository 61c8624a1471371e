using System.Management.Automation;
using VgpuPS.Completers;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.Inventory;

namespace VgpuPS.Reading;

/// <summary>Base of commands that read what is on GPUs.</summary>
public abstract class GpuReadingCommand : ReadingCommand
{
    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards. All without it.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    private protected sealed override IEnumerable<object> Select(HostInventory inventory, Action<VgpuException> fail)
    {
        foreach (var missing in FindMissing(inventory))
        {
            fail(missing);
        }

        return FindGpus(inventory, Gpu, fail).SelectMany(g => Select(inventory, g, fail));
    }

    /// <summary>Identities beside the GPUs that were named and that the host does not have.</summary>
    private protected virtual IEnumerable<VgpuException> FindMissing(HostInventory inventory) => [];

    /// <summary>GPUs that are meant, without a word about those that are not there.</summary>
    private protected IEnumerable<GpuReport> MeantGpus(HostInventory inventory) => FindGpus(inventory, Gpu, _ => { });

    /// <summary>Chooses what to write of a GPU.</summary>
    private protected abstract IEnumerable<object> Select(
        HostInventory inventory, GpuReport gpu, Action<VgpuException> fail);
}
