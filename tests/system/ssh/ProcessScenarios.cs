using System.Diagnostics;
using CliWrap;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Operations.Layout;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.Ssh;

namespace VgpuPS.SshTests;

/// <summary>What happens when one of the processes of a session dies, stops, or is told to.</summary>
internal static class ProcessScenarios
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(90);

    public static IReadOnlyList<(string Name, Func<SshBed, Task> Run)> All { get; } =
    [
        .. Both("an agent that is killed half way", KilledAgentAsync),
        .. Both("a change that is cancelled", CancelAsync),
        .. Both("an agent that stands still", StalledAgentAsync),
        .. Both("a connection that is cut", CutAsync),
        ("a client that is killed", KilledClientAsync),
    ];

    /// <summary>A scenario by the OpenSSH client, and by the library with a password.</summary>
    public static IReadOnlyList<(string Name, Func<SshBed, Task> Run)> Both(
        string name, Func<SshBed, Account?, Task> run) =>
        [(name, bed => run(bed, null)), ($"by password: {name}", bed => run(bed, Account.ByPassword()))];

    /// <summary>Holds a session until it is killed; what <see cref="KilledClientAsync"/> starts.</summary>
    public static async Task<int> HoldAsync(string port, string knownHosts, string key)
    {
        var options = new SshCommandLine
        {
            KeyFilePath = key,
            Options = new Dictionary<string, string> { ["UserKnownHostsFile"] = knownHosts },
        };
        await using var session = await new SshConnector(TimeProvider.System, new Random(1)).OpenAsync(
            SshDestination.Parse($"root@127.0.0.1:{port}"), "held", new OpenSshClient(options),
            SshHostSession.AgentCommand, null, CancellationToken.None);
        Console.WriteLine("held");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    private static async Task KilledAgentAsync(SshBed bed, Account? account)
    {
        await using var host = await Sshd.StartAsync(bed, "slow", account: account);
        await using var session = await host.OpenAsync();
        var observer = new Observer(() => Kill(host, "-KILL"));
        await ExpectLossAsync(bed, session, observer, "a killed agent");
        await using var quick = await Sshd.StartAsync(bed, "quiet", host.State);
        await using var again = await quick.OpenAsync();
        await ChangeAsync(again, new Observer(), CancellationToken.None);
        bed.Check((await SshBed.ShowAsync(again)).Gpus.All(g => g.EnabledFunctions == 16),
            "the next change finishes the work");
    }

    private static async Task CancelAsync(SshBed bed, Account? account)
    {
        await using var host = await Sshd.StartAsync(bed, "slow", account: account);
        await using var session = await host.OpenAsync();
        using var stop = new CancellationTokenSource();
        try
        {
            await ChangeAsync(session, new Observer(stop.Cancel), stop.Token);
            bed.Check(false, "it is stopped");
        }
        catch (OperationCanceledException)
        {
            bed.Check(true, "it is stopped");
        }

        bed.Check(!(await SshBed.ShowAsync(session)).Gpus.Any(g => g.EnabledFunctions == 16),
            "the step that ran is taken back, and the other not begun");
    }

    private static async Task StalledAgentAsync(SshBed bed, Account? account)
    {
        await using var host = await Sshd.StartAsync(bed, "slow", account: account);
        await using var other = await Sshd.StartAsync(bed);
        var session = await host.OpenAsync();
        await using var neighbour = await other.OpenAsync();
        var started = Stopwatch.GetTimestamp();
        var observer = new Observer(() => Kill(host, "-STOP"));
        await ExpectLossAsync(bed, session, observer, "an agent that stands still");
        bed.Check(Stopwatch.GetElapsedTime(started) < s_timeout,
            $"it is noticed after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        bed.Check((await SshBed.ShowAsync(neighbour)).Gpus.Count == 2, "the other host goes on");
        await session.DisposeAsync();
        Kill(host, "-CONT");
        await bed.CheckSoonAsync(() => host.Agents().Count == 0, "it ends once it runs again");
    }

    private static async Task CutAsync(SshBed bed, Account? account)
    {
        await using var host = await Sshd.StartAsync(bed, "slow", account: account);
        var session = await host.OpenAsync();
        await ExpectLossAsync(bed, session, new Observer(
            () => SshBed.RunAsync("pkill", "-KILL", "-P", $"{host.ProcessId}").Wait()), "a cut connection");
        await session.DisposeAsync();
        await bed.CheckSoonAsync(() => host.Agents().Count == 0, "the agent there ends");
    }

    private static async Task KilledClientAsync(SshBed bed)
    {
        await using var host = await Sshd.StartAsync(bed);
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in (string[])[bed.Lab, bed.LabHost, "hold", $"{host.Port}",
            Path.Combine(host.Folder, "known_hosts"), bed.KeyPath])
        {
            start.ArgumentList.Add(argument);
        }

        using var client = Process.Start(start)!;
        var line = await client.StandardOutput.ReadLineAsync();
        bed.Check(line == "held" && host.Agents().Count > 0, "a process holds a session");
        client.Kill();
        await client.WaitForExitAsync();
        await bed.CheckSoonAsync(() => host.Agents().Count == 0, "no agent is left after it was killed");
        var left = await SshBed.RunAsync("sh", "-c", $"pgrep -x ssh -a | grep -c -- '-p {host.Port} ' || true");
        bed.Check(left.Trim() == "0", "no ssh is left either");
    }

    private static async Task ExpectLossAsync(SshBed bed, SshHostSession session, Observer observer, string what)
    {
        try
        {
            await ChangeAsync(session, observer, CancellationToken.None).WaitAsync(s_timeout);
            bed.Check(false, $"{what} is noticed");
        }
        catch (VgpuException e)
        {
            bed.Check(
                e.ErrorId == ErrorIds.ConnectionLost && e.Message.Contains(session.Name, StringComparison.Ordinal),
                $"{what} is noticed: {e.ErrorId}: {e.Message}; {e.RecommendedAction}");
        }
    }

    private static Task<ChangeResult> ChangeAsync(
        SshHostSession session, Observer observer, CancellationToken cancellationToken) =>
        session.RunAsync(
            HostUseCases.ApplyLayout,
            new ApplyLayoutRequest
            {
                Source = "Enable-Sriov",
                Gpus = [new GpuLayout { Gpu = "0000:4b:00.0", Sriov = true },
                    new GpuLayout { Gpu = "0000:ca:00.0", Sriov = true }],
            },
            observer, cancellationToken);

    private static void Kill(Sshd host, string signal)
    {
        foreach (var pid in host.Agents())
        {
            // One that has ended by itself in the meantime is no failure.
            Cli.Wrap("kill").WithArguments([signal, $"{pid}"]).WithValidation(CommandResultValidation.None)
                .ExecuteAsync().Task.Wait();
        }
    }
}
