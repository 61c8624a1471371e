using System.Text.Json.Nodes;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>Plays the steps of a recording and gathers what the recordings note.</summary>
internal sealed class RecordedLife
{
    private readonly PveRecording _recording;
    private readonly RecordedMachine _machine;
    private readonly LabProxmox _proxmox;
    private readonly JsonArray _stepResults = [];
    private bool _wasStarted;

    public RecordedLife(PveRecording recording)
    {
        _recording = recording;
        var timeline = new LabTimeline();
        _machine = new RecordedMachine(recording, timeline);
        _proxmox = new LabProxmox(
            _machine, new LabProxmoxOptions(recording.Node, recording.Generation, recording.IsLegacy), timeline);
    }

    private VmId Vm => _recording.Vm;

    /// <summary>Plays all steps.</summary>
    /// <returns>The outcome in the form of <c>observed</c>.</returns>
    public async Task<JsonObject> PlayAsync()
    {
        foreach (var step in _recording.Steps)
        {
            var name = (string)step["do"]!;
            var result = await PlayAsync(name, step);
            _wasStarted |= name == "start" && result.Succeeded;
            _stepResults.Add(new JsonObject { ["step"] = name, ["ok"] = result.Succeeded });
        }

        var state = LabHostState.Read(_machine, Vm);
        var reservations = _machine.Flat.Text("/run/qemu-server/pci-id-reservations");
        return new JsonObject
        {
            ["timeline"] = new JsonArray([.. _proxmox.Timeline.Events.Select(Normal)]),
            ["stepResults"] = _stepResults,
            ["result"] = Result((bool)state["vmRunning"]!),
            ["finalState"] = Normal(state),
            ["finalReservations"] = reservations is null ? null : _machine.Relative(reservations),
            ["finalSysfs"] = _machine.ChangedSysfs(),
            ["finalConf"] = ChangedConfig(),
        };
    }

    private JsonObject? ChangedConfig()
    {
        var path = "/etc/pve/" + (string)LabHostState.ConfigFiles(_machine.Files).Single()!;
        var text = _machine.Flat.Text(path);
        return path == _recording.ConfPath && text == (string?)_recording.Given["conf"]
            ? null
            : new JsonObject { ["path"] = path, ["text"] = text };
    }

    private string Result(bool isRunning) => isRunning ? "started"
        : _wasStarted ? "stopped"
        : _recording.Steps.Any(step => (string?)step["do"] == "start") ? "failed"
        : "not-started";

    private Task<LabTaskResult> PlayAsync(string name, JsonObject step) => name switch
    {
        "start" => _proxmox.StartAsync(Vm, (string?)step["migratedFrom"], Stop),
        "stop" => _proxmox.StopAsync(Vm, Stop),
        "shutdown" => _proxmox.ShutdownAsync(Vm, TimeSpan.FromSeconds((int)step["timeout"]!), Stop),
        "reboot" => _proxmox.RebootAsync(Vm, Stop),
        "suspend-to-disk" => _proxmox.SuspendToDiskAsync(Vm),
        "showcmd" => _proxmox.ShowCommandAsync(Vm, Stop),
        "guest-powers-off" => _proxmox.PowerOffVmAsync(Vm),
        "qemu-killed" => _proxmox.KillQemuAsync(Vm),
        "qmeventd" => _proxmox.CleanupAsync(Vm, (int)step["clean"]! == 1, (int)step["guest"]! == 1, Stop),
        "stop-migratedfrom" => _proxmox.StopMigratedFromAsync(Vm, (string)step["node"]!, Stop),
        "migration-source-end" => _proxmox.MigrationSourceEndAsync(Vm, (string)step["target"]!, Stop),
        _ => ChangeHost(name, step),
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task<LabTaskResult> ChangeHost(string name, JsonObject step)
    {
        var timeline = _proxmox.Timeline;
        timeline.Record("step", [.. step.Select(member => (member.Key, member.Value?.DeepClone()))]);
        switch (name)
        {
            case "mapping":
                _machine.Flat.SetText("/etc/pve/mapping/pci.cfg", (string)step["text"]!);
                break;
            case "conf":
                SetConfig((string)step["text"]!);
                break;
            case "conf-moved-here":
                var text = _machine.Flat.Text(_recording.ConfPath)!;
                _machine.Flat.Delete(_recording.ConfPath);
                SetConfig(text.Replace("lock: migrate\n", "", StringComparison.Ordinal));
                break;
            case "hook-file":
                _machine.Hook.Install((string)step["state"]!);
                break;
            case "host-remove":
                _machine.Flat.RemoveTree((string)step["path"]!);
                break;
            case "host-reboot-run":
                _machine.Flat.Delete("/run/qemu-server/pci-id-reservations");
                timeline.Record("reservations", ("lines", new JsonArray()));
                break;
            default:
                Assert.Fail($"The step '{name}' is unknown.");
                break;
        }

        timeline.Record("step-end", ("step", name), ("ok", true), ("state", LabHostState.Read(_machine, Vm)));
        return Task.FromResult(new LabTaskResult(null));
    }

    private void SetConfig(string text)
    {
        var path = $"/etc/pve/nodes/{_recording.Node}/qemu-server/{Vm}.conf";
        _machine.Flat.SetText(path, text);
        _proxmox.Timeline.Record("conf", ("path", path), ("text", text));
    }

    private JsonNode? Pid(JsonNode? pid) => _machine.IsQemuPid((int)pid!) ? "qemu" : pid!.DeepClone();

    private JsonNode? Normal(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member =>
            KeyValuePair.Create(member.Key, member.Key == "pid" ? Pid(member.Value) : Normal(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Normal)]),
        JsonValue value when value.TryGetValue<string>(out var text) => _machine.Relative(text),
        _ => node?.DeepClone(),
    };
}
