using System.Management.Automation;
using VgpuPS.Completers;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.Inventory;

namespace VgpuPS.Reading;

/// <summary>Base of commands that read what VMs' configurations say.</summary>
public abstract class VmReadingCommand : ReadingCommand
{
    /// <summary>VMs, by id, name, or name with wildcards. All without it.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("VmName")]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VmId { get; set; }

    private protected sealed override IEnumerable<object> Select(HostInventory inventory, Action<VgpuException> fail) =>
        VmChoice.Find(inventory.Report, VmId, fail).SelectMany(v => Select(inventory, v));

    /// <summary>Chooses what to write of a VM.</summary>
    private protected abstract IEnumerable<object> Select(HostInventory inventory, VmReport vm);
}
