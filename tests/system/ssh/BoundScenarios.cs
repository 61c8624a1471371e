using System.Diagnostics;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.Inventory;
using VgpuPS.Host.Sessions;

namespace VgpuPS.SshTests;

/// <summary>Hosts that answer wrongly, or not: each is told in time and by its name, and the others' answers
/// come.</summary>
internal static class BoundScenarios
{
    public static IReadOnlyList<(string Name, Func<SshBed, Task> Run)> All { get; } =
    [
        ("an answer that cannot be read", bed => AskAsync(bed, "unreadable", ErrorIds.AgentFault, TimeSpan.Zero)),
        ("an answer that lacks members", bed => AskAsync(bed, "short", ErrorIds.AgentVersionMismatch, TimeSpan.Zero)),
        ("an agent that answers pings only", bed => AskAsync(bed, "mute", ErrorIds.Timeout, AgentProtocol.MaxReadTime)),
        ("a stop that an agent does not answer", StopAsync),
    ];

    private static async Task AskAsync(SshBed bed, string mode, string errorId, TimeSpan least)
    {
        await using var bad = await Sshd.StartAsync(bed, mode);
        await using var good = await Sshd.StartAsync(bed);
        await using var session = await bad.OpenAsync("bad");
        await using var neighbour = await good.OpenAsync("good");
        var started = Stopwatch.GetTimestamp();
        var asked = SshBed.ShowAsync(session);
        bed.Check((await SshBed.ShowAsync(neighbour)).Gpus.Count == 2, "the other host answers");
        try
        {
            await asked;
            bed.Check(false, "it is noticed");
        }
        catch (VgpuException e)
        {
            var took = Stopwatch.GetElapsedTime(started);
            bed.Check(
                e.ErrorId == errorId && e.Message.Contains("host bad", StringComparison.Ordinal)
                && took >= least - TimeSpan.FromSeconds(2) && took < least + TimeSpan.FromSeconds(30),
                $"it is noticed after {took.TotalSeconds:0} s: {e.ErrorId}: {e.Message}; {e.RecommendedAction}");
        }
    }

    private static async Task StopAsync(SshBed bed)
    {
        await using var host = await Sshd.StartAsync(bed, "mute");
        await using var session = await host.OpenAsync("bad");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var started = Stopwatch.GetTimestamp();
        try
        {
            await session.RunAsync(HostUseCases.ReadHost, new ReadHostRequest(), new Observer(), stop.Token);
            bed.Check(false, "it ends");
        }
        catch (VgpuException e)
        {
            var took = Stopwatch.GetElapsedTime(started);
            bed.Check(e.ErrorId == ErrorIds.Timeout && took < TimeSpan.FromSeconds(40),
                $"it ends after {took.TotalSeconds:0} s: {e.Message}");
        }
    }
}
