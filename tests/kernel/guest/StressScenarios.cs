using System.Globalization;
using VgpuPS.Core.Guests;

namespace VgpuPS.KernelBed.Guest;

/// <summary>kill -9 at any moment, and many hooks at once.</summary>
internal static class StressScenarios
{
    // Each of these has sriov-manage and a switch of MIG mode in it, which takes longest.
    private const int FromNothing = 4;

    // Two GPUs with four of the smallest instances each.
    private const int Room = 8;

    /// <summary>Kills the hook at random moments of starts and stops; the next run must put all right.</summary>
    /// <param name="bed">The host.</param>
    /// <param name="kills">How many kills; the first few on a host without functions or MIG mode.</param>
    internal static async Task KillsAsync(Bed bed, int kills)
    {
        bed.Reset(bed.IsVendor);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        bed.Report.Say(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        var vm = Bed.CreateVm(101, $"{bed.FutureFunction(0, 5)},mdev=nvidia-690");
        var other = Bed.CreateVm(102, $"{bed.FutureFunction(0, 6)},mdev=nvidia-689");
        var lengths = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        await MeasureAsync(bed, vm, lengths);
        for (var round = 0; round < kills; round++)
        {
            string[] phases = ["pre-start", "pre-start", "pre-start", "post-start", "post-stop"];
            var phase = phases[random.Next(phases.Length)];
            var moment = lengths[phase] * random.NextDouble();
            bed.Machine.KillHook = at => at == phase ? moment : null;
            await bed.StartAsync(vm);
            await bed.StopAsync(vm);
            bed.Machine.KillHook = null;
            var who = random.Next(2) == 0 ? vm : other;
            var error = await bed.StartAsync(who);
            var what = string.Create(CultureInfo.InvariantCulture, $"kill {round + 1}, {phase} after {moment.TotalMilliseconds:0} ms");
            bed.Report.Check($"{what}: VM {who} starts after it", error is null, error + bed.Said(who));
            await bed.StopAsync(who);
            bed.RunHook("sweep");
            bed.CheckNothingLeft(what);
            if (round < FromNothing)
            {
                bed.TurnOff();
            }
        }

        // The moments were drawn from lengths measured once; on a busy machine some come when the hook is done.
        bed.Report.Check(
            "a third of the kills hit at least", bed.Machine.KilledHooks * 3 >= kills, $"{bed.Machine.KilledHooks} of {kills}");
    }

    /// <summary>Sixteen hooks at once for room for eight: nothing is shared, nothing lost.</summary>
    internal static async Task ParallelAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        bed.Prepare(1);
        bed.MapFunctions(
            "pool", [.. Enumerable.Range(4, 6).Select(index => bed.Function(0, index)!), .. Enumerable.Range(0, 4).Select(index => bed.Function(1, index)!)]);
        VmId[] vms =
        [
            .. Enumerable.Range(0, 16).Select(index => Bed.CreateVm(
                101 + index, $"{(index < 4 ? bed.Function(0, index) : "mapping=pool")},mdev=nvidia-689")),
        ];
        var errors = await Task.WhenAll(vms.Select(vm => Task.Run(() => bed.StartAsync(vm))));
        var running = vms.Where((_, index) => errors[index] is null).ToList();
        bed.Report.Check("some run, no more than there is room for", running.Count is > 0 and <= Room, $"{running.Count}");
        bed.Report.Say($"{running.Count} of 16 ran at once");

        // While others start, room that they might take is not given away; when all is quiet none of it may be lost.
        foreach (var vm in vms.Except(running).ToList())
        {
            if (running.Count < Room && await bed.StartAsync(vm) is null)
            {
                running.Add(vm);
            }
        }

        bed.Report.Check(
            "eight VMs run in the end", running.Count == Room,
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

    private static async Task MeasureAsync(Bed bed, VmId vm, Dictionary<string, TimeSpan> lengths)
    {
        var error = await bed.StartAsync(vm);
        bed.Report.Check("the VM starts undisturbed", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        foreach (var (phase, length) in bed.Machine.HookLengths)
        {
            lengths[phase] = length;
            bed.Report.Say(string.Create(CultureInfo.InvariantCulture, $"{phase} takes {length.TotalMilliseconds:0} ms"));
        }

        bed.TurnOff();
    }
}
