using VgpuPS.Host.Operations.Defragmentation;

namespace VgpuPS.Commands;

/// <summary>
/// Restarts the fewest VMs so that a GPU instance profile or a vGPU type fits: each is shut down, gets its vGPU at a
/// place where it is in the way of nothing, and is started again.
/// </summary>
/// <remarks>
/// VMs stay that HA manages, that a task has locked, whose GPU instance a user or a layout created, or that have no
/// vGPU hook. Where a VM's vGPU went is read after its start; if it is elsewhere, nothing more is restarted.
/// </remarks>
/// <example>
/// <code>
/// Connect-VgpuHost -Lab A100-80 -Name pve4; Enable-MigMode 0 -Reset -Session pve4; Enable-Sriov 0 -Session pve4
/// Add-VmVgpu 101 -Profile 2g.20gb -Session pve4; Start-VgpuVm 101 -Session pve4
/// Add-VmVgpu 102 -Profile 3g.40gb -Session pve4; Start-VgpuVm 102 -Session pve4
/// Stop-VgpuVm 101 -Session pve4; Optimize-VgpuPlacement 4g.40gb -Session pve4 -WhatIf
/// </code>
/// <para>Shows how a 3g.40gb on the left half goes to the right one.</para>
/// </example>
/// <seealso cref="GetMigPlacementCommand"/>
/// <seealso cref="StartVgpuVmCommand"/>
/// <seealso cref="AddVmVgpuCommand"/>
[Cmdlet(VerbsCommon.Optimize, "VgpuPlacement", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    DefaultParameterSetName = "Profile", HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuMoveInfo))]
public sealed class OptimizeVgpuPlacementCommand : ChangingCommand
{
    /// <summary>GPU instance profile that shall fit, by name or number.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Profile", ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(AnyMigProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string Profile { get; set; } = "";

    /// <summary>vGPU type that shall fit, by name or number, time-sliced ones too.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Type")]
    [Alias("VgpuType")]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string Type { get; set; } = "";

    /// <summary>GPUs on which it shall fit, by index, UUID, address in any form, or model with wildcards; any
    /// without it. VMs may move to others.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("GpuUuid")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Gpu { get; set; } = [];

    /// <summary>VMs that are not restarted, by id or name, wildcards in either.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] ExcludeVm { get; set; } = [];

    /// <summary>The most VMs that are restarted; 3 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(0, 1000)]
    public int MaximumRestarts { get; set; } = 3;

    /// <summary>How long each guest has to shut down, in seconds; where one does not, it still runs and nothing more is
    /// restarted. 180 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 86400)]
    public int TimeoutSeconds { get; set; } = 180;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        var request = new OptimizePlacementRequest
        {
            Profile = ParameterSetName == "Profile" ? Profile : null,
            Type = ParameterSetName == "Type" ? Type : null,
            Gpus = Gpu,
            ExcludedVms = await VmSessions.ExpandAsync(sink, Session, ExcludeVm, true, true, token)
                .ConfigureAwait(false),
            MaximumRestarts = MaximumRestarts,
            TimeoutSeconds = TimeoutSeconds,
        };
        await ChangeAsync(
            sink, await FindSessionsAsync(sink, token).ConfigureAwait(false), HostUseCases.OptimizePlacement,
            () => [request], token).ConfigureAwait(false);
    });

    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true);

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        changed.Move is { } move ? [move with { VgpuHost = report.VgpuHost }] : [];
}
