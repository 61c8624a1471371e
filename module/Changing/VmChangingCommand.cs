namespace VgpuPS.Changing;

/// <summary>Base of commands that change VMs' configurations, one by one.</summary>
public abstract class VmChangingCommand : ChangingCommand
{
    /// <summary>VMs, by id, name, or name with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("VmName", "Name", "VM", "Id")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] VmId { get; set; } = [];

    /// <summary>The VMs that are meant, wildcards as the ids of those that they mean; once the hosts are
    /// found.</summary>
    private protected IReadOnlyList<string> FoundVms { get; private set; } = [];

    /// <summary>What VMs are configured with is known without the driver too.</summary>
    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true);

    private protected override string Subject => "VM";

    /// <summary>Changes each VM that is named.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="request">What is asked of a VM.</param>
    private protected void ChangeVms<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<string, TRequest> request)
        where TRequest : ChangeRequest =>
        Change(useCase, () => FoundVms.Select(request));

    /// <summary>
    /// The only host that has the VMs, where no host is named: a VM's number is unique in a cluster, so it says which
    /// is meant.
    /// </summary>
    private protected override async Task<IReadOnlyList<IHostSession>> FindSessionsAsync(
        ICommandSink sink, CancellationToken cancellationToken)
    {
        FoundVms = await VmSessions.ExpandAsync(sink, Session, VmId, cancellationToken).ConfigureAwait(false);
        return FoundVms.Count == 0
            ? [] : await VmSessions.FindAsync(sink, Session, FoundVms, cancellationToken).ConfigureAwait(false);
    }
}
