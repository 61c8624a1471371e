using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Proxmox;
using VgpuPS.SystemTests.Guest;

// guest-channel-driver agent QM | ssh DESTINATION SSH-ARGUMENT…
var isAgent = args[0] == "agent";
var instead = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
{
    [isAgent ? "/usr/sbin/qm" : "/usr/bin/ssh"] = isAgent ? [args[1]] : ["/usr/bin/ssh", .. args.Skip(2)],
};
var channels = new GuestChannels(
    new OtherPrograms(new LinuxProcessRunner(TimeProvider.System), instead), TimeProvider.System);
var way = new GuestEndpoint(
    new VmId(101), "VM 101 (guest)", isAgent ? GuestVia.Agent : GuestVia.Ssh, isAgent ? null : args[1]);
var channel = channels.Open(way);
for (var tries = 0; isAgent && tries < 120; tries++)
{
    try
    {
        await channel.GetSystemAsync(default);
        break;
    }
    catch (HostNotReadyException e) when (e.ErrorId == ErrorIds.GuestAgentNotRunning)
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
    }
}

var checks = new ChannelChecks(channel, args[0]);
await checks.RunAsync(isAgent);
Console.WriteLine($"SUMMARY {checks.Passed} passed, {checks.Failed} failed");
return checks.Failed == 0 && checks.Passed > 0 ? 0 : 1;
