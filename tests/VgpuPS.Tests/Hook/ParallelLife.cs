using System.Globalization;
using VgpuPS.Core.Guests;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Proxmox;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Hook;

/// <summary>
/// Many VMs on four GPUs that start, stop, crash and lose their hooks at the same time, in an order that a seed decides.
/// </summary>
internal sealed class ParallelLife
{
    private const int Vms = 32;
    private const int Gpus = 4;
    private const int CallsOfAStart = 700;
    private const double KillShare = 0.1;

    private readonly LabNode _node;
    private readonly Random _random;
    private readonly LabScheduler _scheduler;
    private readonly Dictionary<int, string> _said = [];
    private readonly int _operationsPerVm;

    public ParallelLife(LabBackend backend, int seed, int operationsPerVm)
    {
        _operationsPerVm = operationsPerVm;
        _random = new Random(seed);
        _node = LabNodes.A30(backend, gpus: Gpus);
        _node.Host.Edit(state => state.Gpus[^1].MigCurrent = state.Gpus[^1].MigPending = false);
        _node.Host.Gate.Delay("nvmlDeviceCreateGpuInstance*", TimeSpan.FromMilliseconds(700));
        _node.Host.Gate.Delay("nvmlGpuInstanceDestroy", TimeSpan.FromMilliseconds(400));
        _scheduler = new LabScheduler(_node.Host, seed, switchShare: 0.04);
        Before = _node.Picture();
        for (var index = 0; index < Vms; index++)
        {
            MakeVm(index);
        }
    }

    /// <summary>The host before any VM started.</summary>
    public string Before { get; }

    public int Operations { get; private set; }

    public int Started { get; private set; }

    public int Refused { get; private set; }

    public int Killed { get; private set; }

    /// <summary>What must not happen.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Plays all lives to their end, and sweeps.</summary>
    /// <returns>What is left.</returns>
    public string Play()
    {
        for (var index = 0; index < Vms; index++)
        {
            var vm = new VmId(101 + index);
            var random = new Random(_random.Next());
            _scheduler.Add($"vm{vm}", () => LiveAsync(vm, random));
        }

        _scheduler.Add("timer", SweepNowAndThenAsync);
        var ends = _scheduler.Run();
        Faults.AddRange(ends.OfType<Exception>().Select(e => e.ToString()));
        var swept = _node.Hook("sweep");
        if (!swept.Succeeded)
        {
            Faults.Add($"last sweep: {swept.Error}");
        }

        return _node.Picture();
    }

    // Types that fit and types that fight; a function of its own each, or a mapping over two GPUs.
    private void MakeVm(int index)
    {
        var gpu = _node.Host.State.Gpus[index % Gpus];
        var function = gpu.FunctionAt(index / Gpus);
        int[] types = gpu.MigCurrent ? [689, 689, 690, 691] : [685, 685, 687];
        var type = types[_random.Next(types.Length)];
        var isMapped = index % Gpus == 1;
        if (index == 1)
        {
            _node.MapFunctions("pool", [.. _node.Host.State.Gpus.Take(2).SelectMany(
                g => Enumerable.Range(8, 4).Select(i => g.FunctionAt(i).ToString()))]);
        }

        var device = isMapped ? "mapping=pool" : function.ToString();
        _node.CreateVm(new VmId(101 + index), string.Create(CultureInfo.InvariantCulture, $"0={device},mdev=nvidia-{type}"));
    }

    private async Task LiveAsync(VmId vm, Random random)
    {
        var isRunning = false;
        for (var done = 0; done < _operationsPerVm; done++)
        {
            Operations++;
            isRunning = isRunning ? await EndAsync(vm, random) : await StartAsync(vm, random);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(3000)), _node.Host.Clock);
        }

        if (isRunning)
        {
            await EndAsync(vm, random);
        }
    }

    private async Task<bool> StartAsync(VmId vm, Random random)
    {
        var wasKilled = random.NextDouble() < KillShare;
        if (wasKilled)
        {
            _node.Host.Gate.CrashBefore(random.Next(1, CallsOfAStart), $"hook {vm} pre-start");
        }

        var result = await _node.Proxmox.StartAsync(vm);
        if (result.Succeeded)
        {
            Started++;
            Check(vm);
            return true;
        }

        if (result.Error!.Contains("got signal 9", StringComparison.Ordinal))
        {
            Killed++;
        }
        else if (result.Error.Contains("exit code 75", StringComparison.Ordinal))
        {
            Refused++;
            Said(vm);
        }
        else
        {
            Faults.Add($"start of {vm}: {result.Error} {_said.GetValueOrDefault(vm.Value)}");
        }

        return false;
    }

    private async Task<bool> EndAsync(VmId vm, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                await _node.Proxmox.KillQemuAsync(vm);
                await CleanUpAsync(vm, clean: false, guest: false);
                break;
            case 1:
                await _node.Proxmox.PowerOffGuestAsync(vm);
                await CleanUpAsync(vm, clean: true, guest: true);
                break;
            default:
                var stopped = await _node.Proxmox.StopAsync(vm);
                if (stopped.Error is { } error)
                {
                    Faults.Add($"stop of {vm}: {error}");
                }

                await CleanUpAsync(vm, clean: true, guest: false);
                break;
        }

        return false;
    }

    private async Task CleanUpAsync(VmId vm, bool clean, bool guest)
    {
        if ((await _node.Proxmox.CleanupAsync(vm, clean, guest)).Error is { } error)
        {
            Faults.Add($"clean-up of {vm}: {error}");
        }
    }

    // Failed starts call no hook: on a host a timer sweeps.
    private async Task SweepNowAndThenAsync()
    {
        for (var round = 0; round < 5; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(20), _node.Host.Clock);
            var swept = await _node.RunHookAsync(["sweep"]);
            if (!swept.Succeeded)
            {
                Faults.Add($"sweep: {swept.Error}");
            }
        }
    }

    /// <summary>A running VM has one vGPU of its type, on an instance of its profile that nobody shares (A30: one each).</summary>
    private void Check(VmId vm)
    {
        var pid = _node.Host.GetQemuPid(vm);
        var vgpus = _node.Host.State.Gpus.SelectMany(g => g.Vgpus.Select(v => (Gpu: g, Vgpu: v)))
            .Where(v => v.Vgpu.Holder is not null && v.Vgpu.Holder == pid).ToList();
        if (vgpus is not [var only])
        {
            Faults.Add($"VM {vm} runs with {vgpus.Count} vGPUs");
            return;
        }

        var type = only.Gpu.Model.Types.First(t => t.Id == only.Vgpu.Type);
        var instance = only.Gpu.Instances.Find(i => i.Id == only.Vgpu.GpuInstance);
        if (type.GpuInstanceProfile is { } profile && (instance?.Profile != profile || instance.ComputeInstances.Count != 1
            || only.Gpu.Vgpus.Count(v => v.GpuInstance == instance.Id) != 1))
        {
            Faults.Add($"VM {vm} sits on {instance?.Profile.ToString(CultureInfo.InvariantCulture) ?? "no instance"}, "
                + $"compute instances {instance?.ComputeInstances.Count}");
        }
    }

    // A refusal for want of room, or because of somebody's function, is honest; a lost lock or anything else is not.
    private void Said(VmId vm)
    {
        var text = _said.GetValueOrDefault(vm.Value) ?? "";
        if (!text.Contains("no room for", StringComparison.Ordinal) && !text.Contains("is held by", StringComparison.Ordinal)
            && !text.Contains("can take", StringComparison.Ordinal))
        {
            Faults.Add($"start of {vm}: {text}");
        }
    }

    public void Listen() => _node.HookOutput = (output, error) =>
    {
        var text = output + error;
        var at = text.IndexOf("VM ", StringComparison.Ordinal);
        var end = at < 0 ? -1 : text.IndexOf(' ', at + 3);
        if (end > 0 && int.TryParse(text.AsSpan(at + 3, end - at - 3), out var vm))
        {
            _said[vm] = text;
        }
    };
}
