using VgpuPS.Host.Operations.Setup;

namespace VgpuPS.Commands;

/// <summary>Takes vgpu-hook off Proxmox hosts: services, snippets, program. GPUs and instances stay as they
/// are.</summary>
/// <remarks>A host whose VMs still have the hook is left alone: they would not start without it.</remarks>
/// <example>
/// <code>
/// Get-VgpuHook -Session pve1 | Unregister-VgpuHook -Force
/// Uninstall-VgpuHost root@pve1
/// </code>
/// <para>Takes the hook from all VMs of a connected host, and then the program from the host.</para>
/// </example>
/// <example>
/// <code>Uninstall-VgpuHost -Session lab -WhatIf</code>
/// <para>Shows what would go from a simulated host.</para>
/// </example>
/// <example>
/// <code>Uninstall-VgpuHost -Session lab -RemoveConfiguration -Confirm:$false</code>
/// <para>Takes it off with configuration, layout and log.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Uninstall, "VgpuHost", SupportsShouldProcess = true, DefaultParameterSetName = SessionSet,
    ConfirmImpact = ConfirmImpact.High, HelpUri = HelpPages.Ssh)]
[OutputType(typeof(void))]
public sealed class UninstallVgpuHostCommand : SessionOrSshCmdlet
{
    /// <summary>Removes configuration, layout and log as well.</summary>
    [Parameter]
    public SwitchParameter RemoveConfiguration { get; set; }

    private protected override void ProcessSessions()
    {
        var (name, request) = (MyInvocation.MyCommand.Name, MakeRequest());
        RunOnSessions(Session, (sink, session, token) => UninstallAsync(sink, session, name, request, token));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var (name, request) = (MyInvocation.MyCommand.Name, MakeRequest());
        using var client = MakeClient();
        RunOnEach(async (sink, destination, token) =>
        {
            var session = await new SshConnector(TimeProvider.System, Random.Shared).OpenAsync(
                destination, destination.Name, client, SshHostSession.AgentCommand, null, token).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                await UninstallAsync(sink, session, name, request, token).ConfigureAwait(false);
            }
        });
    }

    private UninstallHostRequest MakeRequest() => new() { RemoveConfiguration = RemoveConfiguration };

    private static async Task UninstallAsync(
        ICommandSink sink, IHostSession session, string name, UninstallHostRequest request,
        CancellationToken cancellationToken)
    {
        var change = await new ChangeRunner(sink, session, name)
            .PrepareAsync(HostUseCases.UninstallHost, request, null, cancellationToken).ConfigureAwait(false);
        if (change is not null)
        {
            await change(cancellationToken).ConfigureAwait(false);
        }
    }
}
