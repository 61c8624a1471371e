using VgpuPS.Host.Operations.Vgpus;

namespace VgpuPS.Commands;

/// <summary>Removes vGPUs that no VM runs or is about to run.</summary>
/// <example>
/// <code>Enable-Sriov 0; New-Vgpu 0 A30-8C; Get-Vgpu | Where-Object IsRunning -eq $false | Remove-Vgpu -Confirm:$false</code>
/// <para>Removes all that no VM runs, without asking.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "Vgpu", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VgpuInfo))]
public sealed class RemoveVgpuCommand : ChangingCommand
{
    /// <summary>The function that it is on, by address in any form.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FunctionAddress")]
    [Identity("FunctionAddress")]
    [ArgumentCompleter(typeof(UsedFunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Function { get; set; }

    /// <summary>Its mediated device, where the host uses these.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MdevCompleter))]
    public string? MdevUuid { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var request = new RemoveVgpuRequest
        {
            FunctionAddress = Function,
            MdevUuid = string.IsNullOrEmpty(MdevUuid) ? null : MdevUuid,
        };
        Change(HostUseCases.RemoveVgpu, () => [request]);
    }

    private protected override bool IsRemoving => true;

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Gpus.SelectMany(report.VgpusOf)
            .Where(v => v.FunctionAddress == changed.FunctionAddress && v.MdevUuid == changed.MdevUuid);
}
