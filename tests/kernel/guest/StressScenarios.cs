using System.Globalization;
using VgpuPS.Core.Gpu;

namespace VgpuPS.KernelBed.Guest;

/// <summary>kill -9 at any moment, and many hooks at once.</summary>
internal static class StressScenarios
{
    // Each of these has sriov-manage and a switch of MIG mode in it, which takes longest.
    private const int FromNothing = 4;

    // Four of the smallest instances a GPU.
    private const int RoomOfGpu = 4;

    /// <summary>
    /// Kills the hook at moments of starts and stops that a seed chooses; the next run must put all right. A moment is
    /// a system call that others can see, so the seed says it, and not the machine's speed.
    /// </summary>
    /// <param name="bed">The host.</param>
    /// <param name="kills">How many kills; the first few on a host without functions or MIG mode.</param>
    /// <param name="seed">What chooses phases and moments.</param>
    internal static async Task KillsAsync(Bed bed, int kills, int seed)
    {
        bed.Reset(bed.IsVendor);
        var random = new Random(seed);
        bed.Report.Say(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        var vm = Bed.CreateVm(101, $"{bed.FutureFunction(0, 5)},mdev=nvidia-690");
        var other = Bed.CreateVm(102, $"{bed.FutureFunction(0, 6)},mdev=nvidia-689");
        var fromNothing = await CountAsync(bed, vm, "from nothing");
        var fromReady = await CountAsync(bed, vm, "with functions and MIG mode");
        bed.TurnOff();
        for (var round = 0; round < kills; round++)
        {
            string[] phases = ["pre-start", "pre-start", "pre-start", "post-start", "post-stop"];
            var phase = phases[random.Next(phases.Length)];
            var moment = 1 + random.Next((round < FromNothing ? fromNothing : fromReady)[phase]);
            bed.Machine.KillHook = at => at == phase ? moment : null;
            if (await bed.StartAsync(vm) is null)
            {
                await bed.StopAsync(vm);
            }

            bed.Machine.KillHook = null;
            var who = random.Next(2) == 0 ? vm : other;
            var error = await bed.StartAsync(who);
            var what = string.Create(CultureInfo.InvariantCulture, $"kill {round + 1}, {phase} at call {moment}");
            bed.Report.Check($"{what}: VM {who} starts after it", error is null, error + bed.Said(who));
            await bed.StopAsync(who);
            bed.RunHook("sweep");
            bed.CheckNothingLeft(what);
            if (round + 1 < FromNothing)
            {
                bed.TurnOff();
            }
        }

        // A hook that waits for others makes fewer calls on a fast machine: a moment past its end is none.
        bed.Report.Check("half of the kills hit at least", bed.Machine.KilledHooks * 2 >= kills,
            $"{bed.Machine.KilledHooks} of {kills}");
    }

    /// <summary>Sixteen hooks at once on two GPUs, for half of them there is room: nothing is shared, nothing
    /// lost.</summary>
    internal static async Task ParallelAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        var capacity = bed.Gpus.Count * RoomOfGpu;
        var functions = Enumerable.Range(0, bed.Gpus.Count).SelectMany(gpu =>
        {
            bed.Prepare(gpu);
            return Enumerable.Range(2, 5).Select(index => bed.Function(gpu, index)!);
        });
        bed.MapFunctions("pool", [.. functions]);
        VmId[] vms =
        [
            .. Enumerable.Range(0, 2 * capacity).Select(index => Bed.CreateVm(
                101 + index, $"{(index < 2 ? bed.Function(0, index) : "mapping=pool")},mdev=nvidia-689")),
        ];
        var errors = await Task.WhenAll(vms.Select(vm => Task.Run(() => bed.StartAsync(vm))));
        var running = vms.Where((_, index) => errors[index] is null).ToList();
        bed.Report.Check("some run, no more than there is room for", running.Count > 0 && running.Count <= capacity,
            $"{running.Count}");
        bed.Report.Say($"{running.Count} of {vms.Length} ran at once");

        // While others start, room that they might take is not given away; when all is quiet none of it may be lost.
        foreach (var vm in vms.Except(running).ToList())
        {
            if (running.Count < capacity && await bed.StartAsync(vm) is null)
            {
                running.Add(vm);
            }
        }

        bed.Report.Check(
            $"{capacity} VMs run in the end", running.Count == capacity,
            $"{running.Count}: {string.Join(" | ", vms.Except(running).Select(vm => $"{vm}: {bed.Said(vm)}"))}");
        var state = KernelState.Read();
        bed.Report.Check(
            "each on an instance of its own, held by its QEMU",
            state.Vgpus.Count == running.Count && state.Vgpus.All(vgpu => vgpu.Holder > 0)
                && state.Vgpus.Select(vgpu => (vgpu.Gpu, vgpu.Instance)).Distinct().Count() == running.Count
                && state.Instances.Count == running.Count,
            $"{state}");
        await Task.WhenAll(running.Select(vm => Task.Run(() => bed.StopAsync(vm))));
        bed.RunHook("sweep");
        bed.CheckNothingLeft("all stopped at once");
    }

    private static async Task<Dictionary<string, int>> CountAsync(Bed bed, VmId vm, string what)
    {
        bed.Machine.KillHook = _ => 0;
        var error = await bed.StartAsync(vm);
        bed.Report.Check($"the VM starts undisturbed {what}", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.Machine.KillHook = null;
        var moments = new Dictionary<string, int>(bed.Machine.HookMoments, StringComparer.Ordinal);
        bed.Report.Say(string.Join(", ", moments.Select(m => $"{m.Key} has {m.Value} moments")));
        return moments;
    }
}
