using System.Globalization;
using VgpuPS.Core.Gpu;

namespace VgpuPS.KernelBed.Guest;

/// <summary>VMs beside each other, instances of others, full GPUs, mappings, crashes.</summary>
internal static class LifeScenarios
{
    private const string ExitBusy = "exit code 75";

    /// <summary>An instance that a person made is used, and stays.</summary>
    internal static async Task AdoptAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        bed.MakeInstance(0, "1g.6gb", 2);
        var theirs = KernelState.Read().Instances[0].Id;
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 3)},mdev=nvidia-689");
        var error = await bed.StartAsync(vm);
        bed.Report.Check("a VM starts on a person's instance", error is null, error + bed.Said(vm));
        var state = KernelState.Read();
        bed.Report.Check(
            "no other was made, and the vGPU is on it",
            state is { Instances.Count: 1, Vgpus: [var vgpu] } && vgpu.Instance == theirs, $"{state}");
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped, the person's instance apart", instances: 1);
    }

    /// <summary>Four VMs fill a GPU, the fifth is told who does; one stops, and another takes its place.</summary>
    internal static async Task FullGpuAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        VmId[] vms = [
            .. Enumerable.Range(0, 5).Select(i => Bed.CreateVm(101 + i, $"{bed.Function(0, i)},mdev=nvidia-689"))];
        foreach (var vm in vms[..4])
        {
            var error = await bed.StartAsync(vm);
            bed.Report.Check($"VM {vm} starts", error is null, error + bed.Said(vm));
        }

        await CheckRefusedAsync(bed, vms[4], "a fifth VM", "101", ExitBusy);
        await bed.CrashAsync(vms[1]);
        var again = await bed.StartAsync(vms[4]);
        bed.Report.Check("after a crash of one the fifth starts", again is null, again + bed.Said(vms[4]));
        var state = KernelState.Read();
        bed.Report.Check(
            "four vGPUs on four instances",
            state.Vgpus.Select(vgpu => vgpu.Instance).Distinct().Count() == 4 && state.Instances.Count == 4,
            $"{state}");
        foreach (var vm in (VmId[])[vms[0], vms[2], vms[3], vms[4]])
        {
            await bed.StopAsync(vm);
        }

        bed.CheckNothingLeft("all stopped");
    }

    /// <summary>Time-sliced vGPUs of one size share the GPU; another size and a MIG-backed type are refused.</summary>
    internal static async Task SizesAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        bed.EnableFunctions(0);
        var first = Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-685");
        var second = Bed.CreateVm(102, $"{bed.Function(0, 9)},mdev=nvidia-685");
        var other = Bed.CreateVm(103, $"{bed.Function(0, 2)},mdev=nvidia-684");
        var backed = Bed.CreateVm(104, $"{bed.Function(0, 3)},mdev=nvidia-689");
        foreach (var vm in (VmId[])[first, second])
        {
            var error = await bed.StartAsync(vm);
            bed.Report.Check($"VM {vm} starts time-sliced", error is null, error + bed.Said(vm));
        }

        await CheckRefusedAsync(bed, other, "another size", "A30-6C", ExitBusy);
        await CheckRefusedAsync(bed, backed, "a MIG-backed type without MIG mode", "MIG", "exit code 69");
        await bed.StopAsync(first);
        await bed.StopAsync(second);
        bed.CheckNothingLeft("both stopped");
    }

    /// <summary>A cluster mapping over several functions: Proxmox chooses one, and the hook made room for it.</summary>
    internal static async Task MappingAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        bed.MapFunctions("pool", bed.Function(0, 4)!, bed.Function(0, 12)!);
        VmId[] vms = [Bed.CreateVm(101, "mapping=pool,mdev=nvidia-689"),
            Bed.CreateVm(102, "mapping=pool,mdev=nvidia-690")];
        foreach (var vm in vms)
        {
            var error = await bed.StartAsync(vm);
            bed.Report.Check($"VM {vm} starts by a mapping", error is null, error + bed.Said(vm));
        }

        var state = KernelState.Read();
        bed.Report.Check("each on a function and an instance of its own",
            state is { Vgpus.Count: 2, Instances.Count: 2 }, $"{state}");
        foreach (var vm in vms)
        {
            await bed.StopAsync(vm);
        }

        bed.CheckNothingLeft("both stopped");
    }

    /// <summary>
    /// Two VMs of one mapping start at once, and Proxmox chooses for each some time after its pre-start: both run, each
    /// on what was prepared, and nothing is left.
    /// </summary>
    internal static async Task AtOnceAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        bed.Prepare(0);
        bed.MapFunctions("pool", [.. Enumerable.Range(3, 4).Select(index => bed.Function(0, index)!)]);
        VmId[] vms = [Bed.CreateVm(101, "mapping=pool,mdev=nvidia-689"),
            Bed.CreateVm(102, "mapping=pool,mdev=nvidia-689")];
        foreach (var (first, second) in ((int, int)[])[(0, 0), (50, 3000), (3000, 50), (1500, 1500)])
        {
            bed.VolumeActivation = (vm, ct) => Task.Delay(vm == vms[0] ? first : second, ct);
            var what = string.Create(CultureInfo.InvariantCulture, $"choice after {first} and {second} ms");
            var errors = await Task.WhenAll(vms.Select(vm => Task.Run(() => bed.StartAsync(vm))));
            bed.Report.Check(
                $"{what}: both start", errors.All(e => e is null),
                $"{string.Join("; ", errors)} {bed.Said(vms[0])} {bed.Said(vms[1])}");
            var state = KernelState.Read();
            bed.Report.Check(
                $"{what}: each has a function and an instance of its own",
                state is { Vgpus.Count: 2, Instances.Count: 2 } && state.Vgpus.All(v => v.Holder > 0)
                    && Bed.Reservations().All(line => line.Contains(" pid:", StringComparison.Ordinal)),
                $"{state} [{string.Join("; ", Bed.Reservations())}]");
            await Task.WhenAll(vms.Select(vm => Task.Run(() => bed.StopAsync(vm))));
            bed.CheckNothingLeft($"{what}: both stopped");
        }
    }

    /// <summary>While another has the host lock nothing is touched, and its holder is named.</summary>
    internal static async Task LockAsync(Bed bed)
    {
        const int PrivateMode = 0x180;
        bed.Reset(bed.IsVendor, """{"timeoutSeconds":600,"lockTimeoutSeconds":1}""");
        bed.Prepare(0);
        var vm = Bed.CreateVm(101, $"{bed.Function(0, 0)},mdev=nvidia-690");
        bed.Machine.Files.CreateDirectory("/run/vgpups", PrivateMode);
        using (var held = bed.Machine.Files.TryLock("/run/vgpups/lock", PrivateMode)!)
        {
            held.WriteHolder("pid 1: VM 999 pre-start since 2026-01-01T00:00:00Z");
            await CheckRefusedAsync(bed, vm, "a host lock that another has", "VM 999 pre-start", ExitBusy);
        }

        Bed.Configure(Bed.WithMig);
        var error = await bed.StartAsync(vm);
        bed.Report.Check("without it the VM starts", error is null, error + bed.Said(vm));
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    /// <summary>Checks that a start is refused with an exit code and a word, and that it leaves the host as it
    /// was.</summary>
    internal static async Task CheckRefusedAsync(Bed bed, VmId vm, string what, string names, string exit)
    {
        var before = Bed.Snapshot();
        var error = await bed.StartAsync(vm);
        var said = bed.Said(vm);
        bed.Report.Check(
            $"{what} is refused, with the reason and what to do",
            error is not null && error.Contains(exit, StringComparison.Ordinal)
                && said.Contains(names, StringComparison.Ordinal)
                && said.Contains("\n  do: ", StringComparison.Ordinal),
            string.Create(CultureInfo.InvariantCulture, $"{error} {said}"));
        bed.Report.Same($"{what}: the host is as it was", before, Bed.Snapshot());
        bed.Report.Say(said.Trim());
    }
}
