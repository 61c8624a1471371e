using System.Management.Automation;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Inventory;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Common;

/// <summary>
/// Base of commands that change what is inside guests: each VM is planned and asked about as it comes, and what was agreed
/// to is carried out at the end, in several guests at once.
/// </summary>
public abstract class GuestChangingCommand : SessionCommand
{
    /// <summary>Most guests that are worked in at once.</summary>
    private const int MostAtOnce = 8;

    private readonly List<Func<CancellationToken, Task>> _agreed = [];
    private readonly RelaySink _relay = new();

    /// <summary>VMs, by id or name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("VmName")]
    [ArgumentCompleter(typeof(Completers.VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] VmId { get; set; } = [];

    /// <summary>How guests are reached: Agent or Ssh. Without it the guest agent, or SSH where -GuestAddress is given.</summary>
    [Parameter]
    public GuestVia? Via { get; set; }

    /// <summary>Where SSH finds the guest, as ssh on the host takes it: root@10.0.0.5. The VM's name without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? GuestAddress { get; set; }

    /// <summary>
    /// User of the guest and password, for SSH; a key of the host's root without it. It travels to the host in the session and is
    /// tried once.
    /// </summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? GuestCredential { get; set; }

    /// <summary>Writes the objects as they were read back after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_agreed.Count == 0)
        {
            return;
        }

        Run((sink, token) => Parallel.ForEachAsync(
            _agreed, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = token },
            async (change, stop) => await TryAsync(_relay.To(sink), () => change(stop)).ConfigureAwait(false)));
    }

    /// <summary>Plans a change of each VM that is named, and asks for it.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="request">What is asked of a VM.</param>
    private protected void ChangeGuests<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<string, TRequest> request)
        where TRequest : ChangeRequest
    {
        var name = CommandName;
        Func<HostInventory, ChangedObject, IEnumerable<HostObject>>? pick = PassThru ? Pick : null;
        Run(async (sink, token) =>
        {
            foreach (var vm in VmId.Select(v => v.Trim()))
            {
                await TryAsync(sink, async () =>
                {
                    foreach (var session in await VmSessions.FindAsync(sink, Session, [vm], token).ConfigureAwait(false))
                    {
                        var change = await new ChangeRunner(_relay.To(sink), session, name)
                            .PrepareAsync(useCase, request(vm), pick, token).ConfigureAwait(false);
                        _agreed.AddRange(change is null ? [] : [change]);
                    }
                }).ConfigureAwait(false);
            }
        });
    }

    /// <summary>The objects to write for a VM that was changed.</summary>
    private protected abstract IEnumerable<HostObject> Pick(HostInventory inventory, ChangedObject changed);

    private static async Task TryAsync(ICommandSink sink, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (VgpuException failure)
        {
            sink.WriteFailure(failure);
        }
    }
}
