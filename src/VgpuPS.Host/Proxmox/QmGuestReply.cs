using System.Text.Json;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Json;

namespace VgpuPS.Host.Proxmox;

/// <summary>The JSON that <c>qm guest</c> prints.</summary>
/// <remarks>
/// Source: facts/proxmox.md (g): exited 0/1, exitcode or signal, out-data, err-data (decoded), out-truncated,
/// err-truncated.
/// </remarks>
internal sealed class QmGuestReply : IDisposable
{
    private readonly GuestEndpoint _endpoint;
    private readonly string _what;
    private readonly JsonDocument _document;

    private QmGuestReply(GuestEndpoint endpoint, string what, JsonDocument document) =>
        (_endpoint, _what, _document) = (endpoint, what, document);

    /// <summary>How the program ended; null where it has not.</summary>
    public GuestResult? Result => Flag("exited")
        ? _endpoint.ToResult(
            Number("signal") is null ? Number("exitcode") ?? 0 : null, Number("signal"), Text("out-data") ?? "",
            Text("err-data") ?? "", Flag("out-truncated") || Flag("err-truncated"))
        : null;

    private JsonElement Root => _document.RootElement.TryGetProperty("result", out var inner)
        && inner.ValueKind == JsonValueKind.Object ? inner : _document.RootElement;

    /// <summary>Reads a reply.</summary>
    /// <exception cref="UnreadableDataException">It is none.</exception>
    public static QmGuestReply Read(GuestEndpoint endpoint, string what, string output)
    {
        // Only the end of a long output is kept, so that its beginning is missing.
        if (output.AsSpan().TrimStart() is { IsEmpty: false } begun && begun[0] != '{')
        {
            throw new UnreadableDataException(
                ErrorIds.UnreadableData,
                $"{what} in {endpoint.Label} printed more than the maximum that qm's reply can "
                    + "hold (64 KiB)",
                $"run it by hand and look: qm guest exec {endpoint.Vm} -- {what}", endpoint.Vm.ToString());
        }

        try
        {
            var document = JsonText.Parse(output);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new QmGuestReply(endpoint, what, document)
                : throw Unreadable(endpoint, what, "it is not a JSON object");
        }
        catch (JsonException e)
        {
            throw Unreadable(
                endpoint, what, $"it is not JSON (position {e.BytePositionInLine} of line {e.LineNumber + 1})");
        }
    }

    public string? Text(string member) =>
        Root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    public int? Number(string member) =>
        Root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var number)
            ? number : null;

    public UnreadableDataException Unreadable(string why) => Unreadable(_endpoint, _what, why);

    public void Dispose() => _document.Dispose();

    // Perl's JSON writes a flag as a number, a word or a text, as it came.
    private bool Flag(string member) => Root.TryGetProperty(member, out var value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Number => value.TryGetInt32(out var number) && number != 0,
        JsonValueKind.String => value.GetString() is not ("" or "0"),
        _ => false,
    };

    private static UnreadableDataException Unreadable(GuestEndpoint endpoint, string what, string why) => new(
        ErrorIds.UnreadableData, $"qm's reply to {what} in {endpoint.Label} cannot be read: {why}",
        $"run it by hand and look: qm guest exec {endpoint.Vm} -- {what}", endpoint.Vm.ToString());
}

/// <summary>What a failed <c>qm guest</c> means, and what to do.</summary>
/// <remarks>
/// Source: texts as users report them: "QEMU guest agent is not running", "No QEMU guest agent configured", "Agent
/// error: Command guest-exec has been disabled: the command is not allowed" (BassT23/Proxmox#256); that of a missing
/// program is glib's, seen with qemu-ga 7.2. Assumed: the text of a stopped VM and of the agent's time-out.
/// </remarks>
internal static class QmGuestErrors
{
    private const int KeptLines = 6;

    public static VgpuException For(GuestEndpoint endpoint, string what, ProcessResult result, TimeSpan deadline)
    {
        var target = endpoint.Vm.ToString();
        if (result.StartErrno != 0)
        {
            return new HostNotReadyException(
                ErrorIds.NotAProxmoxHost, $"{QmConfigWriter.Tool} was not started: {Errno.Describe(result.StartErrno)}",
                "run the command on a Proxmox VE host as root; check it with dpkg -s qemu-server", target);
        }

        var said = endpoint.LastLines(
            string.IsNullOrWhiteSpace(result.Error) ? result.Output : result.Error, KeptLines);
        if (result.TimedOut || Has("got timeout") || Has("unable to connect to VM"))
        {
            return new HostNotReadyException(
                ErrorIds.GuestAgentNotRunning,
                string.Create(CultureInfo.InvariantCulture,
                    $"the guest agent of {endpoint.Label} did not answer in time ({deadline.TotalSeconds:0} s "
                        + $"maximum){Quote(said)}"),
                $"see whether it answers: qm guest cmd {target} ping; look at the guest's console if it does not",
                target);
        }

        return Has("is not running") && Has("agent") ? new HostNotReadyException(
                ErrorIds.GuestAgentNotRunning, $"the guest agent of {endpoint.Label} does not answer{Quote(said)}",
                "install and start it in the guest (apt-get install qemu-guest-agent; "
                    + "systemctl start qemu-guest-agent), or "
                + "wait until the guest has booted; -Via Ssh does not need it", target)
            : Has("No QEMU guest agent configured") ? NotEnabled(endpoint)
            : Has("not running") ? new HostNotReadyException(
                ErrorIds.VmNotRunning, $"{endpoint.Label} does not run{Quote(said)}", $"start it: qm start {target}",
                target)
            : Has("has been disabled") || Has("command is not allowed") ? new HostNotReadyException(
                ErrorIds.GuestCommandBlocked, $"the guest agent of {endpoint.Label} is configured not to do "
                    + $"this{Quote(said)}",
                "allow guest-exec in the guest: remove it from the block list (BLACKLIST_RPC or FILTER_RPC_ARGS in "
                + "/etc/sysconfig/qemu-ga, [general] block-rpcs in /etc/qemu/qemu-ga.conf), then systemctl restart "
                + "qemu-guest-agent; -Via Ssh does not need it", target)
            : Has("Failed to execute child process") || Has("Failed to execute helper program")
                ? new ObjectNotFoundException(
                ErrorIds.GuestProgramNotFound,
                $"{endpoint.Label} {(Has("No such file") ? "has no" : "cannot run")} {what.Split(' ')[0]}{Quote(said)}",
                $"see what the guest has: qm guest exec {target} -- which {what.Split(' ')[0]}", target)
            : Has("does not exist") ? new ObjectNotFoundException(
                ErrorIds.VmNotFound, $"{endpoint.Label} is not configured on this node{Quote(said)}",
                "see the node's VMs: qm list", target)
            : new HostCommandException(
                ErrorIds.HostCommandFailed, $"qm guest exec on {endpoint.Label} failed{Quote(said)}",
                $"try the guest agent by hand: qm guest cmd {target} ping", $"qm guest exec {target} -- {what}",
                result.ExitCode, said, target);

        bool Has(string text) => said.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    private static HostNotReadyException NotEnabled(GuestEndpoint endpoint) => new(
        ErrorIds.GuestAgentNotEnabled, $"the configuration of {endpoint.Label} does not enable the guest agent",
        $"enable it (qm set {endpoint.Vm} --agent 1), stop and start the VM; -Via Ssh does not need it",
        endpoint.Vm.ToString());

    private static string Quote(string said) => said.Length == 0 ? "" : $": {said}";
}
