using System.Text.Json;

namespace VgpuPS.KernelBed.Guest;

/// <summary><c>vgpu-hook agent</c>: what the PowerShell module talks to over SSH.</summary>
internal static class AgentScenarios
{
    /// <summary>Reads the host, changes it, refuses what must not be, and ends with its input.</summary>
    internal static async Task AgentAsync(Bed bed)
    {
        bed.Reset(bed.IsVendor);
        using var agent = new AgentPeer();
        var handshake = await agent.HelloAsync();
        bed.Report.Check(
            "the agent says who it is and what it can do",
            handshake.GetProperty("protocol").GetInt32() == 2 && handshake.GetProperty("node").GetString() == "pve1"
                && handshake.GetProperty("isRoot").GetBoolean()
                && Texts(handshake.GetProperty("useCases")).Contains("applyLayout"),
            $"{handshake}");
        await CheckReadingAsync(bed, agent);
        await CheckChangingAsync(bed, agent);
        await CheckRefusingAsync(bed, agent);
        await CheckEndingAsync(bed, agent);
    }

    private static async Task CheckReadingAsync(Bed bed, AgentPeer agent)
    {
        var shown = await agent.AskAsync("showHost", "{}");
        var gpus = shown.IsResult ? shown.Body.GetProperty("gpus").EnumerateArray().ToList() : [];
        bed.Report.Check(
            "it shows the GPUs of the host",
            bed.Gpus.SequenceEqual(gpus.Select(gpu => gpu.GetProperty("address").GetString()!)), $"{shown}");
        if (gpus.Count == 0)
        {
            return;
        }

        bed.Report.Check(
            "with model, driver, kernel and numbers of functions",
            gpus[0].GetProperty("model").GetString() == "NVIDIA A30"
                && gpus[0].GetProperty("totalFunctions").GetInt32() == bed.Number(0, "sriov_totalvfs")
                && gpus[0].GetProperty("enabledFunctions").GetInt32() == 0
                && shown.Body.GetProperty("driverVersion").GetString() == "580.105.06"
                && shown.Body.GetProperty("kernel").GetString()
                    == (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease")).Trim(),
            $"{shown}");
        bed.Report.Check(
            "and profiles by name, though MIG mode is off",
            !gpus[0].GetProperty("mig").GetProperty("current").GetBoolean()
                && gpus[0].GetProperty("profiles").EnumerateArray()
                    .Any(p => p.GetProperty("name").GetString() == "2g.12gb"),
            $"{gpus[0].GetProperty("profiles")}");
        var checkedHost = await agent.AskAsync("testHost", """{"checks":["FunctionsOff","DriverNotAnswering"]}""");
        bed.Report.Check("it runs the doctor", checkedHost.IsResult, $"{checkedHost}");
        await agent.PingAsync();
    }

    private static async Task CheckChangingAsync(Bed bed, AgentPeer agent)
    {
        var planned = await agent.AskAsync("applyLayout", Layout(bed, "true", "true", "isPlanOnly"));
        bed.Report.Check("a plan changes nothing",
            planned.IsResult && KernelState.Read().Gpus[0] is { Mig: false, Functions: 0 }, $"{planned}");
        var changed = await agent.AskAsync("applyLayout", Layout(bed, "true", "true"));
        var state = KernelState.Read();
        bed.Report.Check(
            "MIG mode and functions come on, each step told, on that GPU only",
            changed is { IsResult: true, Steps: >= 2 } && state.Gpus[0] is { Mig: true, Functions: 16 }
                && state.Gpus.Skip(1).All(gpu => gpu is { Mig: false, Functions: 0 }),
            $"{changed} {state}");
        var again = await agent.AskAsync("applyLayout", Layout(bed, "true", "true"));
        bed.Report.Check("twice is once", again is { IsResult: true, Steps: 0 }, $"{again}");

        // An agent that waits must be no client of a GPU.
        var byHand = Programs.Run(Bed.SriovManage, "-e", bed.Gpus[1]);
        bed.Report.Check(
            "an idle agent keeps nobody from sriov-manage", byHand.Succeeded, byHand.Output + byHand.Error);
        PeerAnswer[] both = await Task.WhenAll(
            agent.AskAsync("createInstances", $$"""{"gpu":"{{bed.Gpus[0]}}","profiles":["2g.12gb"],"source":"bed"}"""),
            agent.AskAsync("showHost", "{}"));
        bed.Report.Check(
            "two requests at once are answered", both.All(answer => answer.IsResult), string.Join(' ', (object[])both));
        bed.Report.Check(
            "the instance is there", KernelState.Read().Instances is [{ Profile: 5 }], $"{KernelState.Read()}");
        var events = await agent.AskAsync("readEvents", "{}");
        bed.Report.Check(
            "the log of changes has it", $"{events}".Contains("createGpuInstance", StringComparison.Ordinal),
            $"{events}");
    }

    private static async Task CheckRefusingAsync(Bed bed, AgentPeer agent)
    {
        var before = Bed.Snapshot();
        var tooMuch = await agent.AskAsync(
            "createInstances", $$"""{"gpu":"{{bed.Gpus[0]}}","profiles":["4g.24gb"],"source":"bed"}""");
        bed.Report.Check("an instance without room is refused", tooMuch.HasFailed("NoFreePlacement"), $"{tooMuch}");
        var unknown = await agent.AskAsync("brewCoffee", "{}");
        bed.Report.Check("so is what it does not know", unknown.HasFailed("AgentVersionMismatch"), $"{unknown}");

        // The kernel destroys mediated devices with their functions and says nothing: the guard is the product's own.
        var function = bed.Function(0, 3)!;
        bed.MakeVgpu(function, 690);
        var asked = await agent.AskAsync("applyLayout", Layout(bed, "true", "false"));
        bed.Report.Check("functions that carry a vGPU stay on", asked.HasFailed("WouldDestroy"), $"{asked}");
        bed.Report.Check(
            "with all that is on them",
            KernelState.Read() is { Vgpus: [var left], Instances.Count: 1 } && left.Function == function,
            $"{KernelState.Read()}");
        bed.DropVgpu(function);
        bed.Report.Same("the host is as it was", before, Bed.Snapshot());

        var vm = Bed.CreateVm(101, $"{function},mdev=nvidia-690");
        var error = await bed.StartAsync(vm);
        bed.Report.Check("a VM starts on the instance", error is null, error + bed.Said(vm));
        var id = KernelState.Read().Instances[0].Id;
        before = Bed.Snapshot();
        var functions = await agent.AskAsync("applyLayout", Layout(bed, "true", "false", "force"));
        bed.Report.Check(
            "no force takes functions from a running VM", functions.HasFailed("ResourceBusy"), $"{functions}");
        var used = await agent.AskAsync(
            "removeInstances", $$"""{"gpu":"{{bed.Gpus[0]}}","gpuInstanceIds":[{{id}}],"source":"bed"}""");
        bed.Report.Check("an instance in use is not destroyed", used.HasFailed("ResourceBusy"), $"{used}");
        bed.Report.Same("the running VM's host is as it was", before, Bed.Snapshot());
        await bed.StopAsync(vm);
        var removed = await agent.AskAsync(
            "removeInstances", $$"""{"gpu":"{{bed.Gpus[0]}}","gpuInstanceIds":[{{id}}],"source":"bed"}""");
        bed.Report.Check("afterwards it is", removed.IsResult && KernelState.Read().Instances.Count == 0,
            $"{removed} {KernelState.Read()}");
    }

    private static async Task CheckEndingAsync(Bed bed, AgentPeer agent)
    {
        var off = await agent.AskAsync("applyLayout", Layout(bed, "false", "false"));
        bed.Report.Check(
            "functions and MIG mode go off", off.IsResult && KernelState.Read().Gpus[0] is { Mig: false, Functions: 0 },
            $"{off} {KernelState.Read()}");
        bed.Report.Same("the agent ends with its input", 0, await agent.EndAsync());
        bed.CheckNothingLeft("the agent is gone");
    }

    private static string Layout(Bed bed, string mig, string sriov, string? flag = null)
    {
        var more = flag is null ? "" : $",\"{flag}\":true";
        return $$"""{"gpus":[{"gpu":"{{bed.Gpus[0]}}","mig":{{mig}},"sriov":{{sriov}}}],"source":"bed"{{more}}}""";
    }

    private static IEnumerable<string?> Texts(JsonElement list) =>
        list.EnumerateArray().Select(text => text.GetString());
}
