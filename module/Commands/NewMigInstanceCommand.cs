using VgpuPS.Host.Operations.Mig;

namespace VgpuPS.Commands;

/// <summary>Creates GPU instances on GPUs in MIG mode: those of one call are placed together, all of them or
/// none.</summary>
/// <example>
/// <code>
/// Enable-MigMode 0,1 -Reset
/// Enable-Sriov 0,1
/// Get-Gpu | New-MigInstance -Profile 1g.6gb -Count 4
/// </code>
/// <para>Cuts each GPU into four.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// Enable-Sriov 0
/// New-MigInstance 0 -Profile 2g.12gb,1g.6gb,1g.6gb
/// </code>
/// <para>Places three together on GPU 0 and writes them.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// Enable-Sriov 0
/// New-MigInstance 0 -Profile 2g.12gb -Placement 2:2 -ComputeInstance 1c.2g.12gb,1c.2g.12gb
/// </code>
/// <para>Creates one at the upper half, split into two compute instances.</para>
/// </example>
/// <seealso cref="GetMigProfileCommand"/>
/// <seealso cref="GetMigPlacementCommand"/>
/// <seealso cref="NewMigComputeInstanceCommand"/>
[Cmdlet(VerbsCommon.New, "MigInstance", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(MigInstanceInfo))]
public sealed class NewMigInstanceCommand : GpuChangingCommand
{
    /// <summary>Profiles by name or number, one instance each.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Profile { get; set; } = [];

    /// <summary>How many, of one profile; 1 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public int Count { get; set; } = 1;

    /// <summary>Where it goes, start:size in memory slices, for exactly one instance; the cheapest place without
    /// it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigPlacementCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Placement { get; set; }

    /// <summary>Full (one that fills it), None, or compute instance profiles such as 1c.2g.12gb; Full without
    /// it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ComputeInstanceCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] ComputeInstance { get; set; } = ["Full"];

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeGpus(
        HostUseCases.CreateMigInstances,
        gpu => new CreateMigInstancesRequest
        {
            Gpu = gpu,
            Profiles = Profile,
            Count = Count,
            Placement = Placement,
            ComputeInstances = Is("Full") ? null : Is("None") ? [] : ComputeInstance,
        });

    private protected override bool IsCreating => true;

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Gpus.Where(g => g.GpuAddress == changed.GpuAddress).SelectMany(report.InstancesOf)
            .Where(i => i.GpuInstanceId == changed.GpuInstanceId);

    private bool Is(string word) =>
        ComputeInstance is [var only] && string.Equals(only, word, StringComparison.OrdinalIgnoreCase);
}
