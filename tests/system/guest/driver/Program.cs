using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Proxmox;
using VgpuPS.SystemTests.Guest;

// guest-channel-driver agent VGPU-BENCH QM PID-FILE-OF-102 | ssh VGPU-BENCH DESTINATION SSH-ARGUMENT…
var isAgent = args[0] == "agent";
var instead = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
{
    [isAgent ? "/usr/sbin/qm" : "/usr/bin/ssh"] = isAgent ? [args[2]] : ["/usr/bin/ssh", .. args.Skip(3)],
};
var programs = new OtherPrograms(new LinuxProcessRunner(TimeProvider.System), instead);
var channels = new GuestChannels(programs, TimeProvider.System);
var guests = new List<IGuestChannel>();
foreach (var vm in isAgent ? [101, 102] : new[] { 101 })
{
    guests.Add(channels.Open(new GuestEndpoint(
        new VmId(vm), $"VM {vm} (guest)", isAgent ? GuestVia.Agent : GuestVia.Ssh, isAgent ? null : args[2])));
    await WaitAsync(guests[^1]);
}

var measurement = new MeasurementChecks(programs, guests[0], args[1]);
if (isAgent)
{
    // Ends the second guest.
    await measurement.RunAgentAsync(args[3]);
}
else
{
    await measurement.RunSshAsync(args[2]);
}

var checks = new ChannelChecks(guests[0], args[0]);
await checks.RunAsync(isAgent);
var (passed, failed) = (measurement.Passed + checks.Passed, measurement.Failed + checks.Failed);
Console.WriteLine($"SUMMARY {passed} passed, {failed} failed");
return failed == 0 && checks.Passed > 0 && measurement.Passed > 0 ? 0 : 1;

static async Task WaitAsync(IGuestChannel channel)
{
    for (var tries = 0; tries < 120; tries++)
    {
        try
        {
            await channel.GetSystemAsync(default);
            return;
        }
        catch (HostNotReadyException e) when (e.ErrorId == ErrorIds.GuestAgentNotRunning)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }
}
