using VgpuPS.Host.Operations.Mig;

namespace VgpuPS.Commands;

/// <summary>Creates compute instances in a GPU instance that no VM runs in.</summary>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// Enable-Sriov 0
/// New-MigInstance 0 -Profile 2g.12gb -ComputeInstance None
/// Get-MigInstance -Profile 2g.12gb | New-MigComputeInstance
/// </code>
/// <para>Fills what is left of each.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// Enable-Sriov 0
/// New-MigInstance 0 -Profile 2g.12gb -Placement 0:2 -ComputeInstance None
/// New-MigComputeInstance 0 -GpuInstanceId 1 -ComputeProfile 1c.2g.12gb -Count 2
/// </code>
/// <para>Splits GPU instance 1 into two.</para>
/// </example>
/// <seealso cref="NewMigInstanceCommand"/>
[Cmdlet(VerbsCommon.New, "MigComputeInstance", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigComputeInstanceInfo))]
public sealed class NewMigComputeInstanceCommand : GpuChangingCommand
{
    /// <summary>The GPU instance, by id.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigInstanceCompleter))]
    public uint GpuInstanceId { get; set; }

    /// <summary>Their profile, by name or number; the largest that fits into what is left without it.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ComputeProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ComputeProfile { get; set; }

    /// <summary>How many; 1 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public int Count { get; set; } = 1;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeGpus(
        HostUseCases.CreateMigComputeInstances,
        gpu => new CreateMigComputeInstancesRequest
        {
            Gpu = gpu,
            GpuInstanceId = GpuInstanceId,
            Profile = ComputeProfile,
            Count = Count,
        });

    private protected override bool IsCreating => true;

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Gpus.Where(g => g.GpuAddress == changed.GpuAddress).SelectMany(report.ComputeInstancesOf)
            .Where(c => c.GpuInstanceId == changed.GpuInstanceId && c.ComputeInstanceId == changed.ComputeInstanceId);
}
