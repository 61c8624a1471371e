using System.Management.Automation;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Common;

/// <summary>Base of commands that read what is on GPUs.</summary>
public abstract class GpuReadingCommand : ReadingCommand
{
    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards. All without it.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [ArgumentCompleter(typeof(Completers.GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    private protected sealed override IEnumerable<object> Select(HostInventory inventory, Action<VgpuException> fail) =>
        FindGpus(inventory, Gpu, fail).SelectMany(g => Select(inventory, g, fail));

    /// <summary>Chooses what to write of a GPU.</summary>
    private protected abstract IEnumerable<object> Select(
        HostInventory inventory, GpuReport gpu, Action<VgpuException> fail);

    /// <summary>Whether a text is one that was asked for; wildcards allowed, everything is where nothing was asked.</summary>
    private protected static bool IsWanted(IReadOnlyList<string>? wanted, string? text) => wanted is not { Count: > 0 }
        || (text is not null && wanted.Any(w => WildcardPattern.Get(w, WildcardOptions.IgnoreCase).IsMatch(text)));
}
