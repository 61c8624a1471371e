namespace VgpuPS.Lab.Proxmox;

/// <content>Start, shutdown and stop; a VM that HA manages is HA's to start and stop.</content>
/// <remarks>
/// Source: qemu-server, PVE::API2::Qemu, vm_start, vm_shutdown, vm_stop, for what HA is asked; facts/proxmox.md (a) for
/// what a task prints. Assumed: HA's manager acts while the command still runs, on this node, and keeps a request that
/// it cannot serve.
/// </remarks>
internal sealed partial class LabQm
{
    private const string HaResources = "/etc/pve/ha/resources.cfg";

    private async Task<ProcessResult> PowerAsync(
        string verb, VmId vm, List<string> options, CancellationToken cancellationToken)
    {
        TimeSpan? timeout = options switch
        {
            [] => null,
            ["--timeout", var text] when verb != "start" && int.TryParse(
                text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) =>
                TimeSpan.FromSeconds(seconds),
            _ => TimeSpan.MinValue,
        };
        if (timeout == TimeSpan.MinValue)
        {
            return Fail(WrongArguments, $"400 unable to parse option\nqm {verb} <vmid> [OPTIONS]");
        }

        if (!IsManaged(vm))
        {
            return await RunTaskAsync(verb, vm, timeout, cancellationToken).ConfigureAwait(false);
        }

        var isStart = verb == "start";
        Request(vm, isStart ? "started" : "stopped");
        await RunTaskAsync(verb, vm, timeout, cancellationToken).ConfigureAwait(false);
        return Say($"Requesting HA {(isStart ? "start" : "stop")} for VM {vm}\n");
    }

    private async Task<ProcessResult> RunTaskAsync(
        string verb, VmId vm, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var timeline = new LabTimeline(withStates: false);
        var proxmox = Proxmox(host, timeline);
        var result = await (verb switch
        {
            "start" => proxmox.StartAsync(vm, null, cancellationToken),
            "shutdown" => proxmox.EndAsync(
                vm, (id, token) => proxmox.ShutdownAsync(id, timeout, token), isGuest: true, cancellationToken),
            _ => proxmox.EndAsync(vm, proxmox.StopAsync, isGuest: false, cancellationToken),
        }).ConfigureAwait(false);

        // What qmeventd's clean-up says goes to the journal.
        var output = string.Concat(timeline.Events
            .TakeWhile(e => (string?)e["do"] != "qmeventd")
            .Where(e => (string?)e["event"] is "hook-output" or "warning")
            .Select(e => ((string?)e["text"])!.TrimEnd('\n') + "\n"));
        return result.Error is { } error
            ? new ProcessResult(TaskFailed, null, false, 0, output, error + "\n") : Say(output);
    }

    private bool IsManaged(VmId vm) => HighAvailability.Read(ReadHa(), [], []).Vms.Contains(vm);

    private byte[] ReadHa() =>
        host.Files.GetInfo(HaResources) is null ? [] : host.Files.Read(HaResources, PvePaths.ReadLimit);

    private void Request(VmId vm, string state)
    {
        var lines = Encoding.UTF8.GetString(ReadHa()).Split('\n').ToList();
        var at = lines.FindIndex(l => l.Replace(" ", "", StringComparison.Ordinal) == $"vm:{vm}");
        var end = lines.FindIndex(at + 1, l => l.Length == 0 || !char.IsWhiteSpace(l[0]));
        lines.RemoveAll(l => lines.IndexOf(l) is var i && i > at && (end < 0 || i < end)
            && l.Trim().StartsWith("state ", StringComparison.Ordinal));
        lines.Insert(at + 1, $"\tstate {state}");
        host.Put(HaResources, string.Join('\n', lines));
    }
}
