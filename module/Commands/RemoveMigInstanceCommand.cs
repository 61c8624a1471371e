using VgpuPS.Host.Operations.Mig;

namespace VgpuPS.Commands;

/// <summary>Destroys GPU instances with their compute instances; not one that a VM uses or has reserved.</summary>
/// <example>
/// <code>Get-MigInstance -Profile 1g.6gb | Remove-MigInstance</code>
/// <para>Destroys all instances of that profile, asking for each; A answers for all.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// Enable-Sriov 0
/// New-MigInstance 0 -Profile 1g.6gb -Placement 0:1
/// Remove-MigInstance 0 -GpuInstanceId 3 -WhatIf
/// </code>
/// <para>Shows what destroying instance 3 of GPU 0 would do.</para>
/// </example>
/// <seealso cref="DisableMigModeCommand"/>
[Cmdlet(VerbsCommon.Remove, "MigInstance", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigInstanceInfo))]
public sealed class RemoveMigInstanceCommand : GpuChangingCommand
{
    /// <summary>GPU instances by id.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ArgumentCompleter(typeof(MigInstanceCompleter))]
    public uint[] GpuInstanceId { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeGpus(
        HostUseCases.RemoveMigInstances,
        gpu => new RemoveMigInstancesRequest { Gpu = gpu, GpuInstanceIds = GpuInstanceId });

    private protected override bool IsRemoving => true;

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Gpus.Where(g => g.GpuAddress == changed.GpuAddress).SelectMany(report.InstancesOf)
            .Where(i => i.GpuInstanceId == changed.GpuInstanceId);
}
