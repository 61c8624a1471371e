using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Commands;

/// <summary>Reads what is on GPUs into a layout: to the pipeline, into a file here, or as the host's own
/// layout.</summary>
/// <remarks>GPU instances that the hook made for VMs come and go with them, and are left out.</remarks>
/// <example>
/// <code>Export-VgpuLayout -Save</code>
/// <para>Lets the host be at each boot what it is now.</para>
/// </example>
/// <example>
/// <code>Export-VgpuLayout -Path ./layout.json</code>
/// <para>Writes the layout into a file of this machine.</para>
/// </example>
/// <seealso cref="SyncVgpuLayoutCommand"/>
[Cmdlet(VerbsData.Export, "VgpuLayout", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(HostLayout))]
public sealed class ExportVgpuLayoutCommand : SessionCommand
{
    /// <summary>The file to write, on this machine; an existing one is replaced without -NoClobber.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>GPUs: by index, UUID, address in any form, or model with wildcards. All without it.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Gpu { get; set; }

    /// <summary>Makes it the host's own layout, /etc/vgpups/layout.json, which is applied at each boot.</summary>
    [Parameter]
    public SwitchParameter Save { get; set; }

    /// <summary>Keeps a file that is there already, and says so.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces a file that is read-only too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var name = CommandName;
        var path = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path);
        Run(async (sink, token) =>
        {
            foreach (var session in HostSessions.ForChanging(Session).Take(1))
            {
                await sink.TryAsync(() => ExportAsync(sink, session, name, path, token)).ConfigureAwait(false);
            }
        });
    }

    private async Task ExportAsync(
        ICommandSink sink, IHostSession session, string name, string? path, CancellationToken cancellationToken)
    {
        var layout = await session.RunAsync(
            HostUseCases.ExportLayout, new ExportLayoutRequest { Gpus = Gpu }, new SinkObserver(sink, name),
            cancellationToken)
            .ConfigureAwait(false);
        if (Save)
        {
            var change = await new ChangeRunner(sink, session, name).PrepareAsync(
                HostUseCases.SaveLayout, new SaveLayoutRequest { Layout = layout }, null,
                cancellationToken).ConfigureAwait(false);
            await (change?.Invoke(cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
        }

        if (path is not null)
        {
            LocalFiles.RequireFree(path, NoClobber);
            if (await sink.ConfirmAsync(
                new(path, [$"write the layout of {layout.Gpus.Count} GPUs to {path}"], [])).ConfigureAwait(false))
            {
                LocalFiles.Write(path, "layout", LayoutFormat.Write(layout), Force);
            }
        }
        else if (!Save)
        {
            sink.WriteObject(layout);
        }
    }
}
