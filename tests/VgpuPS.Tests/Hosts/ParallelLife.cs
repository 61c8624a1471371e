using VgpuPS.Core.Gpu;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Tests.Hosts;

/// <summary>
/// Many VMs on four GPUs that start, stop, crash and lose their hooks at the same time, in an order that a seed
/// decides.
/// </summary>
internal sealed class ParallelLife
{
    private const int CallsOfAStart = 500;
    private const int CallsOfAStop = 250;
    private const double KillShare = 0.08;
    private const double QemuFailShare = 0.04;

    private readonly ParallelHost _host;
    private readonly ParallelRules _rules;
    private readonly LabHostNode _node;
    private readonly Random _random;
    private readonly LabScheduler _scheduler;
    private readonly Dictionary<int, string> _said = [];
    private readonly int _operationsPerVm;

    public ParallelLife(LabBackend backend, bool sharesInstances, int seed, int operationsPerVm)
    {
        _operationsPerVm = operationsPerVm;
        _random = new Random(seed);
        _host = new ParallelHost(backend, sharesInstances, _random);
        _rules = new ParallelRules(_host);
        _node = _host.Node;
        _node.HookOutput = (output, error) => Listen(output + error);
        _scheduler = new LabScheduler(_node.Host, seed, switchShare: 0.04);
        var activation = new Random(seed);
        _node.Proxmox.VolumeActivation = (_, ct) =>
            _node.Host.WaitAsync(TimeSpan.FromMilliseconds(activation.Next(3) * activation.Next(2000)), ct);
        Before = _node.Snapshot();
    }

    /// <summary>The host before any VM started.</summary>
    public string Before { get; }

    /// <summary>Who ran when: the same for the same seed.</summary>
    public IReadOnlyList<string> Order => _scheduler.Order;

    public int Operations { get; private set; }

    public int Started { get; private set; }

    public int Refused { get; private set; }

    public int Killed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>What must not happen.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Plays all lives to their end, and sweeps.</summary>
    /// <returns>What is left.</returns>
    public string Play()
    {
        foreach (var vm in _host.Wanted.Keys)
        {
            var random = new Random(_random.Next());
            _scheduler.Add($"vm{vm}", () => LiveAsync(vm, random));
        }

        var timer = new Random(_random.Next());
        _scheduler.Add("timer", () => SweepNowAndThenAsync(timer));
        var ends = _scheduler.Run();
        Faults.AddRange(ends.OfType<Exception>().Select(e => e.ToString()));
        _node.Host.Gate.Clear();
        var swept = _node.Hook("sweep");
        Expect(swept.Succeeded, $"last sweep: {swept.Error}");
        return _node.Snapshot();
    }

    private async Task LiveAsync(VmId vm, Random random)
    {
        var isRunning = false;
        for (var done = 0; done < _operationsPerVm; done++)
        {
            Operations++;
            isRunning = isRunning ? await EndAsync(vm, random) : await StartAsync(vm, random);
            Look();
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(3000)), _node.Host.Clock);
            Look();
        }

        if (_node.Host.GetQemuPid(vm) is not null)
        {
            await StopAsync(vm);
            await CleanUpAsync(vm, clean: true, guest: false);
        }
    }

    private async Task<bool> StartAsync(VmId vm, Random random)
    {
        KillSometimes(random, CallsOfAStart, $"hook {vm} pre-start");
        KillSometimes(random, 3, $"hook {vm} post-start");
        if (random.NextDouble() < QemuFailShare)
        {
            _node.Host.Gate.Fail("run /usr/bin/kvm", 1);
        }

        _said.Remove(vm.Value);
        var error = (await _node.Proxmox.StartAsync(vm)).Error;
        switch (error)
        {
            case null:
                Started++;
                return true;
            case var text when text.Contains("got signal 9", StringComparison.Ordinal):
                Killed++;
                return false;
            case var text when text.Contains("QEMU exited with code 1", StringComparison.Ordinal):
                Failed++;
                return false;
            default:
                Refused++;
                Expect(IsHonest(error, vm), $"start of {vm}: {error} {_said.GetValueOrDefault(vm.Value)}");
                return false;
        }
    }

    /// <returns>Whether the VM runs.</returns>
    private async Task<bool> EndAsync(VmId vm, Random random)
    {
        KillSometimes(random, CallsOfAStop, $"hook {vm} post-stop");
        switch (random.Next(6))
        {
            case 0:
                await _node.Proxmox.KillQemuAsync(vm);
                await CleanUpAsync(vm, clean: false, guest: false);
                return false;
            case 1:
                await _node.Proxmox.PowerOffVmAsync(vm);
                await CleanUpAsync(vm, clean: true, guest: true);
                return false;
            case 2:
                // Nobody ever calls qm cleanup: qmeventd was down.
                await _node.Proxmox.KillQemuAsync(vm);
                return false;
            case 3:
                // Started again before qm cleanup had its turn.
                await StopAsync(vm);
                var isBack = await StartAsync(vm, random);
                await CleanUpAsync(vm, clean: true, guest: false);
                return isBack;
            default:
                await StopAsync(vm);
                await CleanUpAsync(vm, clean: true, guest: false);
                return false;
        }
    }

    private async Task StopAsync(VmId vm)
    {
        var error = (await _node.Proxmox.StopAsync(vm)).Error;
        Expect(error is null, $"stop of {vm}: {error}");
    }

    private async Task CleanUpAsync(VmId vm, bool clean, bool guest)
    {
        var error = (await _node.Proxmox.CleanupAsync(vm, clean, guest)).Error;
        Expect(
            error is null || error.Contains("still running", StringComparison.Ordinal), $"clean-up of {vm}: {error}");
    }

    // Failed starts call no hook: on a host a timer sweeps, and may be killed as well.
    private async Task SweepNowAndThenAsync(Random random)
    {
        for (var round = 0; round < 8; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(15), _node.Host.Clock);
            KillSometimes(random, CallsOfAStop, "hook sweep");
            var swept = await _node.RunHookAsync(["sweep"]);
            Expect(swept.Succeeded || swept.Signal is not null, $"sweep: {swept.Error}");
        }
    }

    private void KillSometimes(Random random, int calls, string hook)
    {
        if (random.NextDouble() < KillShare)
        {
            _node.Host.Gate.CrashBefore(random.Next(1, calls), hook);
        }
    }

    private void Look() => Faults.AddRange(_rules.FindBroken());

    private void Expect(bool holds, string fault)
    {
        if (!holds)
        {
            Faults.Add(fault);
        }
    }

    // A refusal for want of room, or because of somebody's function, is honest; a lost lock or anything else is not.
    private bool IsHonest(string error, VmId vm)
    {
        var text = _said.GetValueOrDefault(vm.Value) ?? "";
        return error.Contains("exit code 75", StringComparison.Ordinal)
            && (text.Contains("insufficient capacity for", StringComparison.Ordinal)
                || text.Contains("is held by", StringComparison.Ordinal)
                || text.Contains("can take", StringComparison.Ordinal));
    }

    private void Listen(string text)
    {
        var at = text.IndexOf("VM ", StringComparison.Ordinal);
        var end = at < 0 ? -1 : text.IndexOf(' ', at + 3);
        if (end > 0 && int.TryParse(text.AsSpan(at + 3, end - at - 3), out var vm))
        {
            _said[vm] = text;
        }
    }
}
