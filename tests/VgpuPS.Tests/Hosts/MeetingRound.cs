using System.Globalization;
using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Hosts;

/// <summary>
/// Two to eight VMs of one mapping that start at once, while time lies between each pre-start and Proxmox's choice; a
/// seed decides how many, of which type, on how many functions, and who comes when.
/// </summary>
internal sealed class MeetingRound
{
    private const int FirstVm = 101;
    private const int MaxVms = 8;
    private const string Pool = "pool";

    private readonly HashSet<string> _mapped = new(StringComparer.Ordinal);
    private readonly List<VmId> _vms = [];
    private readonly HashSet<VmId> _duplicate = [];
    private readonly Dictionary<VmId, string?> _ends = [];
    private readonly Dictionary<VmId, TimeSpan> _activation = [];
    private readonly StringBuilder _said = new();
    private readonly Random _random;
    private readonly LabHostNode _node;
    private readonly GpuModelType _type;
    private readonly VmId? _hookless;
    private readonly int _functions;
    private readonly int _seed;

    public MeetingRound(string model, LabBackend backend, int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        var board = GpuModel.Load(model);
        var kinds = board.Types.ToLookup(t => t.GpuInstanceProfile is not null);
        var isMig = kinds[true].Any() && (_random.Next(5) > 0 || !kinds[false].Any());
        _type = Pick(kinds[isMig].ToList());
        string[] models = _random.Next(2) == 0 ? [model] : [model, model];
        _node = LabNodes.Of(models, backend, isMig, functions: board.TotalFunctions > 0);
        _node.HookOutput = (output, error) => _said.Append(output).Append(error);
        var count = _random.Next(2, MaxVms + 1);
        _functions = MapPool(board, count + (_random.Next(2) * _random.Next(1, 9)));
        Populate(count);
        _hookless = _random.Next(3) == 0 ? Pick(_vms.Where(vm => !_duplicate.Contains(vm)).ToList()) : null;
        if (_hookless is { } bare)
        {
            TakeHookOff(bare);
        }

        UseTime();
        Before = _node.Snapshot();
    }

    /// <summary>The host before any VM started.</summary>
    public string Before { get; }

    public int Started => _ends.Values.Count(e => e is null);

    public int Refused => _ends.Count - Started;

    /// <summary>What must not happen.</summary>
    public List<string> Faults { get; } = [];

    private LabState State => _node.Host.State;

    /// <summary>Starts all, looks, stops all, and looks again.</summary>
    public void Play()
    {
        Run(_vms, async vm =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(2) * _random.Next(2000)), _node.Host.Clock);
            _ends[vm] = (await _node.Proxmox.StartAsync(vm)).Error;
        });
        FindRunning();
        FindRefusals();
        FindLeftAfterStarts();
        Run([.. _vms.Where(vm => _ends[vm] is null)], async vm =>
        {
            Expect((await _node.Proxmox.StopAsync(vm)).Error is null, $"stop of {vm}");
            Expect(
                (await _node.Proxmox.CleanupAsync(vm, clean: true, guest: false)).Error is null, $"clean-up of {vm}");
        });
        if (_hookless is not null)
        {
            // Its stop calls no hook, and it may have sat on an instance of the hook's.
            Expect(_node.Hook("sweep").Succeeded, "sweep");
        }

        var after = _node.Snapshot();
        Expect(after == Before, $"left\n{after}\ninstead of\n{Before}");
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {_seed}: {_vms.Count} VMs ({_duplicate.Count} with two entries, "
            + $"{(_hookless is { } vm ? $"{vm} without hook" : "all with hook")}) of {_type.Name} on {_functions} "
            + $"functions of {State.Gpus.Count} x {State.Gpus[0].ModelName}: {Started} started; ")
        + string.Join(
            "; ", _ends.Select(e => $"{e.Key} after {_activation[e.Key].TotalSeconds:0.0} s: {e.Value ?? "runs"}"));

    public string Said => _said.ToString();

    private void Run(IReadOnlyList<VmId> vms, Func<VmId, Task> work)
    {
        var scheduler = new LabScheduler(_node.Host, _random.Next(), switchShare: 0.05);
        foreach (var vm in vms)
        {
            scheduler.Add($"vm{vm}", () => work(vm));
        }

        Faults.AddRange(scheduler.Run().OfType<Exception>().Select(e => e.ToString()));
    }

    private int MapPool(GpuModel board, int wanted)
    {
        if (board.TotalFunctions == 0)
        {
            _node.MapFunctions(Pool, [.. State.Gpus.Select(g => g.Address)]);
            return State.Gpus.Count;
        }

        var each = State.Gpus.Select(g => Enumerable.Range(0, g.FunctionCount).Select(i => g.FunctionAt(i).ToString()))
            .ToList();
        var share = (wanted + each.Count - 1) / each.Count;
        var all = each.Count == 1 ? each[0].ToList()
            : _random.Next(2) == 0 ? [.. Enumerable.Range(0, each[0].Count()).SelectMany(
                i => each.Select(g => g.ElementAt(i)))]
            : [.. each.SkipLast(1).SelectMany(g => g.Take(share)), .. each[^1]];
        _node.MapFunctions(Pool, [.. all.Take(wanted)]);
        _mapped.UnionWith(all.Take(wanted));
        return Math.Min(wanted, all.Count);
    }

    private void Populate(int count)
    {
        var drawn = _random.Next(3) == 0 ? FirstVm + _random.Next(count) : 0;
        var model = State.Gpus[0].Model;
        var pair = LabGpuRules.MaxPerVm(model, _type, State.Setup.DriverVersion) > 1 ? drawn : 0;
        for (var vm = FirstVm; vm < FirstVm + count; vm++)
        {
            var id = new VmId(vm);
            var entry = $"mapping={Pool},mdev=nvidia-{_type.Id}";
            _vms.Add(id);
            if (vm == pair)
            {
                _duplicate.Add(id);
                _node.CreateVm(id, $"0={entry}", $"1={entry}");
            }
            else
            {
                _node.CreateVm(id, $"0={entry}");
            }

            // From 0.1 to 150 s, as often short as long.
            _activation[id] = TimeSpan.FromSeconds(0.1 * Math.Pow(1500, _random.NextDouble()));
        }
    }

    private void TakeHookOff(VmId vm)
    {
        var path = _node.ConfigPath(vm);
        var lines = Encoding.UTF8.GetString(_node.Host.Files.Read(path, 1 << 16)).Split('\n');
        _node.Host.Put(
            path, string.Join('\n', lines.Where(l => !l.StartsWith("hookscript:", StringComparison.Ordinal))));
    }

    private void UseTime()
    {
        _node.Proxmox.VolumeActivation = (vm, ct) => _node.Host.WaitAsync(_activation[vm], ct);
        _node.Host.Gate.Delay("nvmlDeviceCreateGpuInstance*", TimeSpan.FromSeconds(1));
        _node.Host.Gate.Delay("nvmlGpuInstanceDestroy", TimeSpan.FromMilliseconds(500));
        _node.Host.Gate.Delay("write /sys/bus/pci/devices/*/nvidia/current_vgpu_type", TimeSpan.FromMilliseconds(50));
        _node.Host.Gate.Delay("creatable *", TimeSpan.FromMilliseconds(_random.Next(2) * 300));
        _node.Host.Gate.Delay("run /usr/bin/kvm", TimeSpan.FromMilliseconds(_random.Next(2) * 2000));
    }

    private int EntriesOf(VmId vm) => _duplicate.Contains(vm) ? 2 : 1;

    private void FindRunning()
    {
        foreach (var vm in _vms.Where(v => _ends[v] is null))
        {
            var process = State.Processes.Single(p => p.Vm == vm.Value);
            var has = State.Gpus.SelectMany(g => g.Vgpus).Where(v => v.Holder == process.Pid).Select(v => v.Type)
                .ToList();
            Expect(has.Count == EntriesOf(vm) && has.TrueForAll(t => t == _type.Id),
                $"VM {vm} runs with {has.Count} vGPUs");
        }
    }

    /// <summary>Who was refused has no room even now that all others run: room only went.</summary>
    private void FindRefusals()
    {
        var used = State.Gpus.Sum(g => g.Vgpus.Count);
        var free = State.Gpus.Where(g => g.Model.TotalFunctions == 0
            || Enumerable.Range(0, g.FunctionCount).Any(i => _mapped.Contains(g.FunctionAt(i).ToString())))
            .Sum(CountFree);
        var functions = State.Gpus[0].Model.TotalFunctions == 0 ? int.MaxValue : _functions - used;
        foreach (var vm in _vms.Where(v => _ends[v] is not null && v != _hookless))
        {
            Expect(Math.Min(free, functions) < EntriesOf(vm), string.Create(
                CultureInfo.InvariantCulture,
                $"VM {vm} is refused while {free} more fit and {functions} functions are free: {_ends[vm]}"));
            Expect(_ends[vm]!.Contains("exit code 75", StringComparison.Ordinal), $"VM {vm} fails: {_ends[vm]}");
        }
    }

    private int CountFree(LabGpu gpu)
    {
        if (_type.GpuInstanceProfile is not { } id)
        {
            return _type.MaxInstances - gpu.Vgpus.Count;
        }

        var profile = gpu.Model.FindProfile(id)!;
        var each = _type.MaxInstancesPerGpuInstance ?? 1;
        var carrying = gpu.Instances.Where(i => gpu.Vgpus.Exists(v => v.GpuInstance == i.Id)).ToList();
        var taken = carrying.SelectMany(i => Enumerable.Range(i.Start, i.Size)).ToHashSet();
        var more = 0;
        foreach (var start in profile.PlacementStarts.Where(
            s => !Enumerable.Range(s, profile.PlacementSize).Any(taken.Contains)))
        {
            if (Enumerable.Range(start, profile.PlacementSize).All(taken.Add))
            {
                more++;
            }
        }

        more = Math.Min(more, profile.MaxInstances - carrying.Count);
        return (more * each) + carrying.Sum(i => each - gpu.Vgpus.Count(v => v.GpuInstance == i.Id));
    }

    /// <summary>Nobody starts any more: every type is a running VM's, every reservation a process's.</summary>
    private void FindLeftAfterStarts()
    {
        foreach (var orphan in State.Gpus.SelectMany(g => g.Vgpus).Where(v => v.Holder is null))
        {
            Expect(false, $"type {orphan.Type} is left on {orphan.Function}");
        }

        var lines = _node.Host.Files.GetInfo("/run/qemu-server/pci-id-reservations") is null ? ""
            : Encoding.ASCII.GetString(_node.Host.Files.Read("/run/qemu-server/pci-id-reservations", 1 << 20));
        var alive = lines.Split('\n').Where(l => l.Contains("time:", StringComparison.Ordinal)
            && _ends.TryGetValue(new VmId(int.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture)), out var end)
            && end is null).ToList();
        Expect(alive.Count == 0, $"lines are left: {string.Join(", ", alive)}");
        foreach (var idle in State.Gpus.SelectMany(
            g => g.Instances.Where(i => !g.Vgpus.Exists(v => v.GpuInstance == i.Id))))
        {
            Expect(_hookless is not null, $"instance {idle.Id} is idle");
        }
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private void Expect(bool holds, string fault)
    {
        if (!holds)
        {
            Faults.Add(fault);
        }
    }
}
