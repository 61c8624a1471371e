namespace VgpuPS.Changing;

/// <summary>Base of commands that change VMs' configurations, one by one.</summary>
public abstract class VmChangingCommand : ChangingCommand
{
    /// <summary>VMs, by id or name, wildcards in either.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VmName", "Name", "VM", "Id")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] VmId { get; set; } = [];

    /// <summary>What VMs are configured with is known without the driver too.</summary>
    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true);

    private protected override string Subject => "VM";

    /// <summary>Whether it can change templates, which never start: wildcards mean them too then.</summary>
    private protected virtual bool ChangesTemplates => false;

    /// <summary>Whether wildcards mean VMs too that have no vGPU.</summary>
    private protected virtual bool ChangesAnyVm => true;

    /// <summary>Changes each VM that is named.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="request">What is asked of a VM.</param>
    private protected void ChangeVms<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<string, TRequest> request)
        where TRequest : ChangeRequest => ChangeVmsOfHosts(useCase, vms => vms.Select(request));

    /// <summary>
    /// Changes the VMs that are named, each on the host that has it: a VM's number is unique in a cluster, so it says
    /// which host is meant where none is named.
    /// </summary>
    /// <param name="useCase">The change.</param>
    /// <param name="requests">What is asked of a host's VMs, wildcards as the ids of those that they mean.</param>
    private protected void ChangeVmsOfHosts<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<IReadOnlyList<string>, IEnumerable<TRequest>> requests)
        where TRequest : ChangeRequest => Run(async (sink, token) =>
        {
            var vms = await VmSessions.ExpandAsync(sink, Session, VmId, ChangesTemplates, ChangesAnyVm, token)
                .ConfigureAwait(false);
            if (vms.Length == 0)
            {
                return;
            }

            foreach (var (session, own) in await VmSessions.GroupAsync(sink, Session, vms, token).ConfigureAwait(false))
            {
                await ChangeAsync(sink, [session], useCase, () => requests(own), token).ConfigureAwait(false);
            }
        });
}
