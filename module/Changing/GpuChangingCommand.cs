using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Changing;

/// <summary>Base of commands that change GPUs, one by one.</summary>
public abstract class GpuChangingCommand : ChangingCommand
{
    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [Identity("GpuUuid")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Gpu { get; set; } = [];

    private protected override string Subject => "GPU";

    /// <summary>Changes each GPU that is meant.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="request">What is asked of one, by a name.</param>
    private protected void ChangeGpus<TRequest>(UseCase<TRequest, ChangeResult> useCase, Func<string, TRequest> request)
        where TRequest : ChangeRequest => ChangeGpus(useCase, Gpu, request);

    /// <summary>Makes each GPU that is meant what a layout says.</summary>
    /// <param name="layout">The layout of one, by a name.</param>
    /// <param name="force">Whether what was not named may be destroyed.</param>
    /// <param name="reset">Whether the GPU may be reset.</param>
    /// <param name="persist">Whether the scheduler is kept over reboots.</param>
    private protected void ApplyToGpus(
        Func<string, GpuLayout> layout, bool force = false, bool reset = false, bool persist = false) =>
        ChangeGpus(HostUseCases.ApplyLayout, name => new ApplyLayoutRequest
        {
            Gpu = name,
            Gpus = [layout(name)],
            Force = force,
            Reset = reset,
            Persist = persist,
        });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Gpus.Where(g => g.GpuAddress == changed.GpuAddress);
}
