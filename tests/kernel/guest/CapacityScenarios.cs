using System.Globalization;

namespace VgpuPS.KernelBed.Guest;

/// <summary>Many functions, used up types, functions that the driver cannot bind.</summary>
internal static class CapacityScenarios
{
    private const string Big = "RTX PRO 6000";

    /// <summary>More functions than a PCI device number has: addresses pass function 7, and links are no order of
    /// names.</summary>
    internal static async Task ManyFunctionsAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, model: Big);
        var last = bed.Number(1, "sriov_totalvfs") - 1;
        bed.Report.Check("the second GPU has 32 functions or more", last >= 31, $"{last + 1}");
        var type = VgpuPS.Lab.Models.GpuModel.Load(Big).Types.First(
            t => t.GpuInstanceProfile is not null && t.MaxInstancesPerGpuInstance is null or 1);
        var vm = Bed.CreateVm(101, Entry(bed.FutureFunction(1, last), type.Id));
        var error = await bed.StartAsync(vm);
        bed.Report.Check($"{type.Name} on the last function starts from nothing", error is null, error + bed.Said(vm));
        var state = KernelState.Read();
        bed.Report.Check(
            "that function has the only vGPU, and the other GPU nothing",
            state.Vgpus is [var only] && only.Function == bed.Function(1, last) && only.Gpu == bed.Gpus[1]
                && state.Gpus[1].Functions == last + 1 && state.Gpus[0].Functions == 0,
            $"{string.Join(' ', state.Gpus)} {state}");
        bed.Report.Check(
            "its address is not on the GPU's own device number",
            bed.Function(1, last)!.Split('.')[0] != bed.Gpus[1].Split('.')[0], bed.Function(1, last));
        CheckOrder(bed, last + 1);

        // By names function 10 comes before function 2; Proxmox takes the mapping's order, and so must the hook.
        bed.MapFunctions("pool", bed.Function(1, 9)!, bed.Function(1, 10)!, bed.Function(1, 2)!);
        var mapped = Bed.CreateVm(102, Entry(null, type.Id));
        error = await bed.StartAsync(mapped);
        bed.Report.Check(
            "a VM starts by a mapping of functions past the seventh", error is null, error + bed.Said(mapped));
        bed.Report.Check(
            "on the first of them", KernelState.Read().Vgpus.Any(vgpu => vgpu.Function == bed.Function(1, 9)),
            $"{KernelState.Read()}");
        await bed.StopAsync(vm);
        await bed.StopAsync(mapped);
        bed.CheckNothingLeft("both stopped");
    }

    /// <summary>A time-sliced type up to its maximum, and one more.</summary>
    internal static async Task ExhaustedAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        bed.EnableFunctions(0);
        foreach (var function in (int[])[1, 2, 3])
        {
            bed.MakeVgpu(bed.Function(0, function)!, 685, function);
        }

        var vm = Bed.CreateVm(101, Entry(bed.Function(0, 0), 685));
        var error = await bed.StartAsync(vm);
        bed.Report.Check("the fourth of four starts beside three of a person", error is null, error + bed.Said(vm));
        var another = Bed.CreateVm(102, Entry(bed.Function(0, 4), 685));
        await LifeScenarios.CheckRefusedAsync(bed, another, "a fifth of four", "A30-6C", "exit code 75");
        if (!bed.IsVendor)
        {
            // With the vendor's VFIO Proxmox itself takes a function that has the right type already.
            var taken = Bed.CreateVm(103, Entry(bed.Function(0, 1), 685));
            await LifeScenarios.CheckRefusedAsync(
                bed, taken, "a function that a person's vGPU has", bed.Function(0, 1)!, "exit code 75");
        }

        await bed.StopAsync(vm);
        error = await bed.StartAsync(another);
        bed.Report.Check("after a stop it starts", error is null, error + bed.Said(another));
        await bed.StopAsync(another);
        bed.Report.Check(
            "the person's vGPUs are left alone", KernelState.Read().Vgpus.Count == 3 && Bed.Claims() == (0, 0),
            $"{KernelState.Read()}");
    }

    /// <summary>The driver cannot bind one function: it is refused by name, and the others serve.</summary>
    internal static async Task FailingProbeAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        Bed.SetParameter("failing_function", 2);
        bed.EnableFunctions(0);
        bed.Report.Check(
            "the kernel has a function without a driver",
            !Path.Exists($"/sys/bus/pci/devices/{bed.Function(0, 2)}/driver"));
        var vm = Bed.CreateVm(101, Entry(bed.Function(0, 2), 685));
        await LifeScenarios.CheckRefusedAsync(
            bed, vm, "a function without a driver", bed.Function(0, 2)!, "exit code 69");
        var doctor = bed.RunHook("doctor", "FunctionUnbound");
        bed.Report.Check(
            "the doctor names it", doctor.Output.Contains(bed.Function(0, 2)!, StringComparison.Ordinal),
            doctor.Output + doctor.Error);
        var other = Bed.CreateVm(102, Entry(bed.Function(0, 3), 685));
        var error = await bed.StartAsync(other);
        bed.Report.Check("the next function serves", error is null, error + bed.Said(other));
        await bed.StopAsync(other);
        bed.CheckNothingLeft("stopped");
    }

    private static void CheckOrder(Bed bed, int count)
    {
        var shown = bed.RunHook("show", "--json");
        using var report = System.Text.Json.JsonDocument.Parse(shown.Output);
        var functions = report.RootElement.GetProperty("gpus")[1].GetProperty("functions").EnumerateArray()
            .Select(function => function.GetProperty("address").GetString()).ToList();
        bed.Report.Check(
            "the hook shows all functions in the order of their numbers",
            functions.SequenceEqual(Enumerable.Range(0, count).Select(index => bed.Function(1, index))),
            string.Join(' ', functions));
    }

    private static string Entry(string? function, uint type) =>
        string.Create(CultureInfo.InvariantCulture, $"{function ?? "mapping=pool"},mdev=nvidia-{type}");
}
