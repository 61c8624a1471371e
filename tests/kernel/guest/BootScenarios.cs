using System.Globalization;
using System.Text.Json;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.KernelBed.Guest;

/// <summary><c>vgpu-hook boot</c>, <c>doctor</c> and <c>sweep</c>.</summary>
internal static class BootScenarios
{
    private const string LayoutFile = "/etc/vgpups/layout.json";

    /// <summary>A layout is put back, twice is once, a killed boot is gone on with, and its instances are VMs' to
    /// use.</summary>
    internal static async Task BootAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, Bed.WithoutMig);
        var nothing = bed.RunHook("boot");
        bed.Report.Check("without a layout there is nothing to do", nothing.Succeeded
            && KernelState.Read().Gpus.All(gpu => gpu.Functions == 0), nothing.Output + nothing.Error);
        await File.WriteAllTextAsync(LayoutFile, Layout(bed));
        var random = new Random(1);
        for (var kill = 0; kill < 3; kill++)
        {
            var moment = (1 + random.Next(60)).ToString(CultureInfo.InvariantCulture);
            await Programs.RunAsync(KernelMachine.KillAt, [moment, KernelMachine.Moments, Bed.Hook, "boot"], null);
        }

        CheckBooted(bed, "after three that were killed", bed.RunHook("boot"));
        var generation = Generations();
        var again = bed.RunHook("boot");
        CheckBooted(bed, "again", again);
        bed.Report.Check(
            "it finds all as the layout says, and binds no driver anew",
            again.Output.Contains("matches the layout", StringComparison.Ordinal)
                && !again.Output.Contains("after", StringComparison.Ordinal) && generation == Generations(),
            $"{again.Output} {generation} {Generations()}");

        var vm = Bed.CreateVm(101, $"{bed.Function(0, 10)},mdev=nvidia-690");
        var error = await bed.StartAsync(vm);
        bed.Report.Check("a VM starts on the layout's instance", error is null, error + bed.Said(vm));
        bed.Report.Same("no other was made", 2, KernelState.Read().Instances.Count);
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped, the layout's instances apart", instances: 2);

        // What a driver reload loses.
        bed.TurnOff();
        CheckBooted(bed, "after a driver reload", bed.RunHook("boot", "--timeout", "600"));
    }

    /// <summary>What the doctor finds is what is wrong, and what a sweep gives back is what nobody needs.</summary>
    internal static async Task DoctorAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor, $$"""{"sriov":"never",{{Bed.Patient}}}""");
        var vm = Bed.CreateVm(101, $"{bed.FutureFunction(0, 9)},mdev=nvidia-690");
        var off = bed.RunHook("doctor", "FunctionsOff", "DriverNotAnswering", "NoGpu", "DriverNotLoaded");
        bed.Report.Check(
            "the doctor finds functions off, and a driver that answers",
            off.Output.Contains("warning FunctionsOff", StringComparison.Ordinal)
                && off.Output.Contains("4 checks, 3 passed, 1 warning", StringComparison.Ordinal),
            $"{off.ExitCode} {off.Output}{off.Error}");
        bed.Prepare(0);
        bed.EnableFunctions(1);
        var whole = bed.RunHook("doctor", "--json");
        bed.Report.Check(
            "it looks at the whole host",
            whole.ExitCode is 0 or 1 && Verdict(whole.Output, "FunctionsIncomplete") == "Passed"
                && Verdict(whole.Output, "DriverLibraryMismatch") == "Passed"
                && Verdict(whole.Output, "IommuOff") == "Passed",
            $"{whole.ExitCode} {whole.Output}{whole.Error}");

        var prepared = bed.RunHook("101", "pre-start");
        bed.Report.Check("a start that Proxmox gave up leaves a vGPU",
            prepared.Succeeded && KernelState.Read() is { Instances.Count: 1 }, prepared.Error);
        var left = bed.RunHook("doctor", "StaleClaim", "IdleHookInstance", "VgpuLeftOver");
        bed.Report.Check("the doctor finds what it left", left.Output.Contains("warning", StringComparison.Ordinal)
            || left.ExitCode == 1, left.Output + left.Error);
        bed.Report.Say(left.Output.Trim());
        var swept = bed.RunHook("sweep");
        bed.Report.Check(
            "the sweep says what it gave back",
            swept.Succeeded && swept.Output.Contains("VM 101", StringComparison.Ordinal), swept.Output + swept.Error);
        bed.CheckNothingLeft("swept");
        var clean = bed.RunHook("doctor", "StaleClaim", "IdleHookInstance", "VgpuLeftOver", "FunctionsOff",
            "FunctionsIncomplete", "FunctionUnbound");
        bed.Report.Check("then there is nothing to find", clean.ExitCode == 0
            && !clean.Output.Contains("warning", StringComparison.Ordinal), clean.Output + clean.Error);
        var error = await bed.StartAsync(vm);
        bed.Report.Check("the VM starts", error is null, error + bed.Said(vm));
        var running = Bed.Snapshot();
        bed.RunHook("sweep");
        bed.Report.Same("a sweep takes nothing from a running VM", running, Bed.Snapshot());
        await bed.StopAsync(vm);
        bed.CheckNothingLeft("stopped");
    }

    private static string? Verdict(string json, string check)
    {
        using var report = JsonDocument.Parse(json);
        return report.RootElement.GetProperty("checks").EnumerateArray()
            .First(found => found.GetProperty("id").GetString() == check).GetProperty("verdict").GetString();
    }

    private static string Layout(Bed bed) => $$"""
        {"version":1,"gpus":[
          {"gpu":"{{bed.Gpus[0]}}","sriov":true,"mig":true,
           "instances":[{"profile":"2g.12gb","placement":"2:2"},{"profile":"1g.6gb"}]},
          {"gpu":"{{bed.Gpus[1]}}","sriov":true,"mixedSizes":true,"scheduler":{"policy":"equalShare"} } ] }
        """;

    private static string Generations() =>
        string.Join(
            ' ', File.ReadAllLines(KernelState.Node).Where(line => line.StartsWith("gpu ", StringComparison.Ordinal)));

    private static void CheckBooted(Bed bed, string when, LabHookResult result)
    {
        var state = KernelState.Read();
        bed.Report.Check(
            $"boot {when}: the host matches the layout",
            result.Succeeded
                && state.Gpus[0].Mig && state.Gpus[0].Functions == bed.Number(0, "sriov_totalvfs")
                && !state.Gpus[1].Mig && state.Gpus[1].Functions == bed.Number(1, "sriov_totalvfs")
                && state.Gpus[1].IsMixed
                && state.Instances.All(instance => instance.Gpu == bed.Gpus[0])
                && state.Instances.Select(instance => instance.Profile).Order().SequenceEqual([5, 14])
                && state.Instances.Any(instance => instance is { Profile: 5, Id: 2 }),
            $"{result.Output}{result.Error} {string.Join(' ', state.Gpus)} {state}");
    }
}
