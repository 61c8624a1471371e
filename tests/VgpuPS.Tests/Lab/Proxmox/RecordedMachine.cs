using System.Text.Json.Nodes;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.Tests.Lab.Proxmox;

/// <summary>The recordings' stand-ins: kernel, QEMU, clock, NVML, hook; tests/data/pve-recordings/README.md.</summary>
internal sealed class RecordedMachine : ILabMachine
{
    private const int DeadPid = 900_001;
    private const int OtherPid = 900_002;

    private readonly RecordedClock _clock = new();
    private readonly FlatFiles _files = new();
    private readonly StandInKernel _kernel;
    private readonly JsonObject? _nvml;
    private readonly JsonObject _environment;
    private readonly Dictionary<VmId, int> _running = [];
    private readonly HashSet<int> _qemuPids = [];
    private readonly HashSet<VmId> _ended = [];
    private readonly Dictionary<string, JsonNode> _sysfsBefore;
    private int _secondsWithoutQemu;

    public RecordedMachine(PveRecording recording, LabTimeline timeline)
    {
        var given = recording.Given;
        foreach (var (path, content) in given["sysfs"]!.AsObject())
        {
            _files.Add(path, content);
        }

        _sysfsBefore = _files.Snapshot("/sys");
        _nvml = given["nvml"] as JsonObject;
        _environment = given["env"]!.AsObject();
        _kernel = new StandInKernel(_files, timeline, _environment["failWrites"] as JsonArray);
        Hook = new RecordedHook(_files, _kernel, timeline, given["hook"]!.AsArray());
        Hook.Install((string)given["hookFile"]!);
        foreach (var vm in _environment["runningVms"]?.AsArray() ?? [])
        {
            Run(new VmId((int)vm!));
        }

        _files.SetText(recording.ConfPath, (string)given["conf"]!);
        _files.SetText("/etc/pve/storage.cfg", "dir: peer\n\tpath /peer/vz\n\tcontent iso,snippets\n");
        SetOptional("/etc/pve/mapping/pci.cfg", (string?)given["mapping"]);
        SetOptional(
            "/run/qemu-server/pci-id-reservations",
            given["reservations"] is null ? null : Absolute((string)given["reservations"]!));
    }

    public RecordedHook Hook { get; }

    public FlatFiles Flat => _files;

    public IHostFiles Files => _files;

    public TimeProvider Clock => _clock;

    /// <summary>Changed paths of sysfs; null for what is gone.</summary>
    public JsonObject ChangedSysfs()
    {
        var after = _files.Snapshot("/sys");
        var changed = new JsonObject();
        foreach (var path in _sysfsBefore.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var now = after.GetValueOrDefault(path);
            if (!JsonNode.DeepEquals(_sysfsBefore.GetValueOrDefault(path), now))
            {
                changed[path] = now?.DeepClone();
            }
        }

        return changed;
    }

    public Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        _clock.Pass(time);
        _secondsWithoutQemu += (int)time.TotalSeconds;
        if ((int?)_environment["driverCleansMdevAfter"] == _secondsWithoutQemu)
        {
            foreach (var vm in _ended)
            {
                _kernel.RemoveMdevsOf(vm.ToString());
            }
        }

        return Task.CompletedTask;
    }

    public IReadOnlyList<VgpuTypeId>? GetCreatableTypes(PciAddress physicalFunction) =>
        _nvml?[physicalFunction.ToString()]?.AsArray().Select(type => new VgpuTypeId((uint)type!["id"]!)).ToList();

    public LabQemuStart StartQemu(VmId vm, IReadOnlyList<string> arguments) =>
        (int?)_environment["qemuExit"] is { } code
            ? new LabQemuStart(null, code, "")
            : new LabQemuStart(Run(vm), 0, "");

    public void EndQemu(VmId vm, LabQemuEnd how)
    {
        if ((how != LabQemuEnd.PowerDown || (bool?)_environment["ignoresPowerdown"] is not true) && _running.Remove(vm))
        {
            _ended.Add(vm);
            _secondsWithoutQemu = 0;
        }
    }

    public int? GetQemuPid(VmId vm) => _running.TryGetValue(vm, out var pid) ? pid : null;

    public Task<LabHookResult> RunHookAsync(
        string path, VmId vm, string phase, string? migratedFrom, CancellationToken cancellationToken) =>
        Task.FromResult(Hook.Run(vm, phase, seconds => _clock.Pass(TimeSpan.FromSeconds(seconds))));

    /// <summary>A text with this machine's process ids and times in the recordings' form.</summary>
    public string Relative(string text)
    {
        foreach (var pid in _qemuPids)
        {
            text = text.Replace($"pid:{pid}", "pid:qemu", StringComparison.Ordinal)
                .Replace($"process {pid} ", "process PID ", StringComparison.Ordinal);
        }

        text = text.Replace($"pid:{DeadPid}", "pid:dead", StringComparison.Ordinal)
            .Replace($"pid:{OtherPid}", "pid:other", StringComparison.Ordinal);
        return RecordedClock.Relative(text);
    }

    /// <summary>Whether the process is, or was, a QEMU.</summary>
    public bool IsQemuPid(int pid) => _qemuPids.Contains(pid);

    private int Run(VmId vm)
    {
        var pid = 1000 + _qemuPids.Count;
        _qemuPids.Add(pid);
        _running[vm] = pid;
        _ended.Remove(vm);
        return pid;
    }

    private string Absolute(string reservations) =>
        RecordedClock.Absolute(string.Join('\n', reservations.Split('\n').Select(AbsoluteLine)));

    private string AbsoluteLine(string line) =>
        line.Split(' ') is [_, var owner, "pid:qemu"] && VmId.TryParse(owner, out var vm)
            ? line.Replace("pid:qemu", $"pid:{_running[vm]}", StringComparison.Ordinal)
            : line.Replace("pid:dead", $"pid:{DeadPid}", StringComparison.Ordinal)
                .Replace("pid:other", $"pid:{OtherPid}", StringComparison.Ordinal);

    private void SetOptional(string path, string? text)
    {
        if (text is not null)
        {
            _files.SetText(path, text);
        }
    }
}
