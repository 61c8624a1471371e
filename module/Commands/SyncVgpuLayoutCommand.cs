using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Commands;

/// <summary>Applies a layout to hosts: MIG mode, functions, GPU instances, mixed sizes, scheduler.</summary>
/// <remarks>What matches is left alone, what a VM uses is never touched, GPU instances that the layout does not want
/// go.</remarks>
/// <example>
/// <code>Export-VgpuLayout -Save; Sync-VgpuLayout</code>
/// <para>Applies the connected host's own layout, as each boot does.</para>
/// </example>
/// <example>
/// <code>Export-VgpuLayout -Path ./layout.json; Enable-Sriov 0; Sync-VgpuLayout ./layout.json -WhatIf</code>
/// <para>Shows what making it so would do.</para>
/// </example>
/// <example>
/// <code>[pscustomobject]@{ Name = 'dev'; Count = 4; Memory = '6GB' } | Get-VgpuAdvice | Sync-VgpuLayout -Reset</code>
/// <para>Makes the host what is recommended for four tenants.</para>
/// </example>
/// <seealso cref="ExportVgpuLayoutCommand"/>
/// <seealso cref="GetVgpuAdviceCommand"/>
[Cmdlet(VerbsData.Sync, "VgpuLayout", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(GpuInfo))]
public sealed class SyncVgpuLayoutCommand : ChangingCommand
{
    private readonly List<(PSObject? Layout, string[]? Session)> _piped = [];

    /// <summary>The layout's file on this machine; the host's own, /etc/vgpups/layout.json, without it.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>A layout as Export-VgpuLayout writes it, or an advice of Get-VgpuAdvice; one a host.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [AllowNull]
    public PSObject? Layout { get; set; }

    /// <summary>
    /// Goes on where a change destroys what the layout says nothing about: GPU instances, idle vGPUs, mixed sizes, a
    /// scheduler setting. Never where a VM runs.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Resets GPUs where a change of their MIG mode requires one, while nothing uses them.</summary>
    [Parameter]
    public SwitchParameter Reset { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Layout)))
        {
            // Several for one host are refused before the first is applied; none at all never means the host's own.
            _piped.Add((Layout, Session));
            return;
        }

        var path = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path);
        Change(HostUseCases.ApplyLayout, () =>
            [new ApplyLayoutRequest { Gpus = LayoutFiles.Read(path), Force = Force, Reset = Reset }]);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_piped.Count > 0)
        {
            IReadOnlyList<(IReadOnlyList<GpuLayout> Gpus, string[]? Session)> layouts = [];
            Run((sink, _) => sink.TryAsync(() =>
            {
                layouts = LayoutObjects.Read(_piped, Path);
                return Task.CompletedTask;
            }));
            foreach (var (gpus, session) in layouts)
            {
                Session = session;
                Change(HostUseCases.ApplyLayout, () =>
                    [new ApplyLayoutRequest { Gpus = gpus, Force = Force, Reset = Reset }]);
            }
        }

        base.EndProcessing();
    }

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Gpus.Where(g => g.GpuAddress == changed.GpuAddress);
}
