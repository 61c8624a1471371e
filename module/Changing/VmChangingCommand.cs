namespace VgpuPS.Changing;

/// <summary>Base of commands that change VMs' configurations, one by one.</summary>
public abstract class VmChangingCommand : ChangingCommand
{
    /// <summary>VMs, by id or name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("VmName")]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] VmId { get; set; } = [];

    /// <summary>What VMs are configured with is known without the driver too.</summary>
    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true);

    /// <summary>Changes each VM that is named.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="request">What is asked of a VM.</param>
    private protected void ChangeVms<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<string, TRequest> request)
        where TRequest : ChangeRequest =>
        Change(useCase, () => VmId.Select(v => request(v.Trim())));

    /// <summary>
    /// The only host that has the VMs, where no host is named: a VM's number is unique in a cluster, so it says which
    /// is meant.
    /// </summary>
    private protected override Task<IReadOnlyList<IHostSession>> FindSessionsAsync(
        ICommandSink sink, CancellationToken cancellationToken) =>
        VmSessions.FindAsync(sink, Session, VmId, cancellationToken);
}
