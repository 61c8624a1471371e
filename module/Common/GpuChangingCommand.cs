using System.Management.Automation;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.UseCases;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.UseCases.ShowHost;

namespace VgpuPS.Common;

/// <summary>Base of commands that change GPUs, one by one.</summary>
public abstract class GpuChangingCommand : ChangingCommand
{
    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [ArgumentCompleter(typeof(Completers.GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Gpu { get; set; } = [];

    /// <summary>Changes each GPU that is meant.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="request">What is asked of a GPU.</param>
    private protected void ChangeGpus<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<HostInventory, GpuReport, TRequest> request)
        where TRequest : ChangeRequest =>
        Change(useCase, (inventory, fail) =>
            GpuSelector.FindAll(inventory.Report.Gpus, Gpu, fail).Select(g => request(inventory, g)));

    private protected override IEnumerable<HostObject> Pick(HostInventory inventory, ChangedObject changed) =>
        inventory.Gpus.Where(g => g.GpuAddress == changed.GpuAddress);
}
