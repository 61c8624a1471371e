using VgpuPS.Core.Migration;
using VgpuPS.Core.Proxmox;
using VgpuPS.Host.Operations.Migration;

namespace VgpuPS.Commands;

/// <summary>
/// Says whether VMs with vGPUs can be migrated to another node of their cluster, a row for each rule and the sum as the
/// last: what Proxmox refuses, and what would fail only on the way. Both nodes are asked, so sessions with both must be
/// open; nothing is changed.
/// </summary>
/// <example>
/// <code>
/// Connect-VgpuHost -Lab A30 -Cluster demo -Name n1; Connect-VgpuHost -Lab A30 -Cluster demo -Name n2
/// Enable-Sriov 0 -Session n1; Add-VmVgpu 101 A30-6C -Session n1
/// Test-VmVgpuMigration 101 -Target n2 -Session n1 | Where-Object Verdict -eq Failed | Format-List
/// </code>
/// <para>Shows what keeps VM 101 on its node, and what to do.</para>
/// </example>
/// <seealso cref="GetVgpuVmCommand"/>
/// <seealso cref="TestVmVgpuCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "VmVgpuMigration", HelpUri = HelpPages.Placing)]
[OutputType(typeof(VmVgpuMigrationInfo), typeof(bool))]
public sealed class TestVmVgpuMigrationCommand : VmCommand
{
    /// <summary>The node that they are to go to, by its name in the cluster.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string Target { get; set; } = "";

    /// <summary>Writes one true or false alone, for all VMs together: false where a rule keeps one from migrating, or
    /// it cannot be asked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override bool IsQuiet => Quiet;

    private protected override bool HasPassed(object result) => result is VmVgpuMigrationInfo { Passed: true };

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        var target = Target.Trim();
        foreach (var name in await VmSessions.ExpandAsync(sink, Session, VmId, false, false, token)
            .ConfigureAwait(false))
        {
            await sink.TryAsync(async () =>
            {
                foreach (var session in await VmSessions.FindAsync(sink, Session, [name], token).ConfigureAwait(false))
                {
                    foreach (var row in await TestAsync(sink, session, name, target, token).ConfigureAwait(false))
                    {
                        sink.WriteObject(row);
                    }
                }
            }).ConfigureAwait(false);
        }
    });

    private static async Task<IEnumerable<VmVgpuMigrationInfo>> TestAsync(
        ICommandSink sink, IHostSession session, string vm, string target, CancellationToken cancellationToken)
    {
        var source = await session.RunAsync(
            HostUseCases.ReadMigrationSource, new ReadMigrationSourceRequest { Vm = vm, Target = target },
            new SinkObserver(sink, session.Name), cancellationToken).ConfigureAwait(false);
        var there = await FindTargetAsync(sink, session, source, target, cancellationToken).ConfigureAwait(false);
        var facts = await there.RunAsync(
            HostUseCases.ReadMigrationTarget,
            new ReadMigrationTargetRequest
            {
                VmId = source.VmId,
                Source = source.Node,
                IsRunning = source.IsRunning,
                Metadata = [.. source.Running.Select(r => r.Metadata).OfType<string>()],
            },
            new SinkObserver(sink, there.Name), cancellationToken).ConfigureAwait(false);
        var rows = MigrationRules.Judge(source, facts);
        foreach (var row in rows)
        {
            row.VgpuHost = session.Name;
        }

        return rows;
    }

    /// <summary>The open session with the target, which is asked about itself.</summary>
    private static async Task<IHostSession> FindTargetAsync(
        ICommandSink sink, IHostSession own, MigrationSource source, string target, CancellationToken cancellationToken)
    {
        foreach (var session in HostSessions.Connected.Where(s => s != own))
        {
            ClusterReport? report = null;
            await sink.TryAsync(async () => report = await session.RunAsync(
                HostUseCases.ReadCluster, new ReadClusterRequest(), new SinkObserver(sink, session.Name),
                cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            if (report?.Node == target && report.Nodes.Any(n => n.Name == source.Node))
            {
                return session;
            }
        }

        var address = source.Nodes.FirstOrDefault(n => n.Name == target) is ClusterNode { Address: { } known }
            ? known : target;
        throw new ObjectNotFoundException(
            ErrorIds.SessionNotFound,
            $"no session is open with node {target}, which must be asked what it has for {source.Label}",
            $"open one: Connect-VgpuHost root@{address} -Name {target}", target);
    }
}
