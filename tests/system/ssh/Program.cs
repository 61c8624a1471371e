using VgpuPS.Host.Ssh;
using VgpuPS.SshTests;

// Started by ssh, to answer for a guest's password.
if (AskPassCommand.TryRun(args, Console.Out) is { } answered)
{
    return answered;
}

// usage: ssh-scenarios VGPU_LAB LAB_HOST [NAME | bench | hold PORT FOLDER KEY]
if (args is [_, _, "hold", var port, var folder, var key])
{
    return await ProcessScenarios.HoldAsync(port, folder, key);
}

using var bed = new SshBed(args[0], args[1]);
await bed.StartAsync();
if (args is [_, _, "bench"])
{
    return await Benchmark.RunAsync(bed);
}

var wanted = args.ElementAtOrDefault(2) ?? "";
foreach (var (name, run) in ConnectScenarios.All.Concat(LoginScenarios.All).Concat(GuestScenarios.All)
    .Concat(ProcessScenarios.All).Concat(BoundScenarios.All).Concat(StoryScenarios.All))
{
    if (!name.Contains(wanted, StringComparison.OrdinalIgnoreCase))
    {
        continue;
    }

    Console.WriteLine($"-- {name}");
    try
    {
        await run(bed);
    }
    catch (Exception e)
    {
        bed.Check(false, $"{name}: {e}");
    }
}

Console.WriteLine($"{bed.Passed} checks passed, {bed.Failed} failed");
return bed.Failed == 0 && bed.Passed > 0 ? 0 : 1;
