using VgpuPS.Core.Guests;

namespace VgpuPS.Changing;

/// <summary>
/// Base of commands that change what is inside guests: each VM is planned and asked about as it comes, and what was
/// agreed to is executed at the end, in several guests at once.
/// </summary>
public abstract class GuestChangingCommand : VmChangingCommand
{
    /// <summary>How guests are reached: Agent or Ssh. Without it the guest agent, or SSH where -GuestAddress is
    /// given.</summary>
    [Parameter]
    public GuestVia? Via { get; set; }

    /// <summary>Where SSH finds the guest, as ssh on the host takes it: root@10.0.0.5. The VM's name without
    /// it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? GuestAddress { get; set; }

    /// <summary>
    /// User of the guest and password, for SSH; a key of the host's root without it. It travels to the host in the
    /// session and is tried once.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [Credential]
    [ValidateNotNull]
    public PSCredential? GuestCredential { get; set; }

    private protected override bool IsCarriedOutAtEnd => true;

    private protected override int MaxAtOnce => 8;

    private protected override ReadHostRequest ReadBack { get; } = new();

    private protected override object GroupOf(IHostSession session) => new();

    /// <summary>Plans a change of each VM that is named, and asks for it.</summary>
    /// <param name="useCase">The change.</param>
    /// <param name="request">What is asked of a VM.</param>
    private protected void ChangeGuests<TRequest>(
        UseCase<TRequest, ChangeResult> useCase, Func<string, TRequest> request)
        where TRequest : ChangeRequest => Run(async (sink, token) =>
    {
        foreach (var vm in await VmSessions.ExpandAsync(sink, Session, VmId, ChangesTemplates, ChangesAnyVm, token)
            .ConfigureAwait(false))
        {
            await sink.TryAsync(async () => await ChangeAsync(
                sink, await VmSessions.FindAsync(sink, Session, [vm], token).ConfigureAwait(false), useCase,
                () => [request(vm)], token).ConfigureAwait(false))
                .ConfigureAwait(false);
        }
    });
}
