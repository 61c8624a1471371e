using System.Management.Automation;
using VgpuPS.Completers;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;

namespace VgpuPS.Changing;

/// <summary>Base of commands that change GPUs, one by one.</summary>
public abstract class GpuChangingCommand : ChangingCommand
{
    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [ArgumentCompleter(typeof(GpuCompleter))]
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
