using VgpuPS.Host.Operations.Mig;

namespace VgpuPS.Commands;

/// <summary>Destroys compute instances of a GPU instance that no VM runs in.</summary>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// New-MigInstance 0 -Profile 2g.12gb
/// Get-MigInstance -Profile 2g.12gb | Get-MigComputeInstance | Remove-MigComputeInstance -WhatIf
/// </code>
/// <para>Shows what destroying the compute instances of those GPU instances would do.</para>
/// </example>
/// <seealso cref="RemoveMigInstanceCommand"/>
[Cmdlet(VerbsCommon.Remove, "MigComputeInstance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigComputeInstanceInfo))]
public sealed class RemoveMigComputeInstanceCommand : GpuChangingCommand
{
    /// <summary>The GPU instance, by id.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigInstanceCompleter))]
    public uint GpuInstanceId { get; set; }

    /// <summary>Compute instances by id.</summary>
    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ComputeInstanceIdCompleter))]
    public uint[] ComputeInstanceId { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeGpus(
        HostUseCases.RemoveMigComputeInstances,
        gpu => new RemoveMigComputeInstancesRequest
        {
            Gpu = gpu,
            GpuInstanceId = GpuInstanceId,
            ComputeInstanceIds = ComputeInstanceId,
        });

    private protected override bool IsRemoving => true;

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Gpus.Where(g => g.GpuAddress == changed.GpuAddress).SelectMany(report.ComputeInstancesOf)
            .Where(c => c.GpuInstanceId == changed.GpuInstanceId && c.ComputeInstanceId == changed.ComputeInstanceId);
}
