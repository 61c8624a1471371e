using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.VmVgpus;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.Ssh;

namespace VgpuPS.SshTests;

/// <summary>Connecting, and each way in which it fails.</summary>
internal static class ConnectScenarios
{
    public static IReadOnlyList<(string Name, Func<SshBed, Task> Run)> All { get; } =
    [
        .. ProcessScenarios.Both("a session works and leaves nothing", WorkAsync),
        ("every failure to connect is its own error", FailAsync),
        .. ProcessScenarios.Both("a login that prints", NoiseAsync),
        .. ProcessScenarios.Both("forty sessions at once", ManyAsync),
    ];

    private static async Task WorkAsync(SshBed bed, Account? account)
    {
        await using var host = await Sshd.StartAsync(bed, account: account);
        var session = await host.OpenAsync();
        var reports = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => SshBed.ShowAsync(session)));
        bed.Check(reports.All(r => r.Gpus.Count == 2), "16 requests at once are answered");
        try
        {
            await session.RunAsync(
                HostUseCases.TestVmVgpu, new TestVmVgpuRequest { Vm = "4711" }, new Observer(), CancellationToken.None);
            bed.Check(false, "a failure arrives");
        }
        catch (VgpuException e)
        {
            bed.Check(
                e is ObjectNotFoundException { ErrorId: ErrorIds.VmNotFound, Target: "4711" }
                    && e.Message.Contains(session.Name, StringComparison.Ordinal)
                && e.RecommendedAction.Length > 0,
                $"a failure arrives with id, target, host and action: {e.Message}; {e.RecommendedAction}");
        }

        await session.DisposeAsync();
        await bed.CheckSoonAsync(() => host.Agents().Count == 0, "no agent is left after the session is closed");
    }

    private static async Task FailAsync(SshBed bed)
    {
        await using var host = await Sshd.StartAsync(bed);
        await ExpectAsync(bed, host, ErrorIds.HostKeyUnknown, h => h.Forget());
        await ExpectAsync(bed, host, ErrorIds.HostKeyChanged, h => h.TrustAnother());
        host.Trust();
        await ExpectAsync(bed, host, ErrorIds.AuthenticationFailed, null,
            host.Options with { KeyFilePath = Path.Combine(host.Folder, "host_key") });
        foreach (var (mode, id) in ((string, string)[])[
            ("none", ErrorIds.AgentNotFound), ("old", ErrorIds.AgentVersionMismatch),
            ("newer", ErrorIds.AgentVersionMismatch),
            ("user", ErrorIds.NotRoot), ("chatter", ErrorIds.AgentFault), ("full", ErrorIds.WriteFailed)])
        {
            await using var other = await Sshd.StartAsync(bed, mode, host.State);
            await ExpectAsync(bed, other, id, null);
        }

        await using var silent = await Sshd.StartAsync(bed, "silent", host.State);
        await ExpectAsync(bed, silent, ErrorIds.HostUnreachable, null,
            silent.Options with { ConnectingTimeout = TimeSpan.FromSeconds(5) });

        // A connection that is taken and never answered: half open.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = host.Options with { ConnectingTimeout = TimeSpan.FromSeconds(3) };
        await ExpectAsync(
            bed, ErrorIds.HostUnreachable, () => new SshConnector(TimeProvider.System, new Random(1)).OpenAsync(
                SshDestination.Parse($"root@127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), "half",
                new OpenSshClient(options), SshHostSession.AgentCommand, null, CancellationToken.None));
        bed.Check(host.Agents().Count == 0, "no agent is left of all these");
    }

    private static async Task NoiseAsync(SshBed bed, Account? account)
    {
        await using var host = await Sshd.StartAsync(bed, "noisy", account: account);
        await using var session = await host.OpenAsync();
        bed.Check(session.UnexpectedOutput is ["Last login: yesterday", "no end of line:"],
            $"it is skipped and kept: {string.Join(" | ", session.UnexpectedOutput)}");
        bed.Check((await SshBed.ShowAsync(session)).Gpus.Count == 2, "the session works");
    }

    /// <remarks>Source: sshd_config(5): MaxStartups 10:30:100 by default drops connections from the eleventh
    /// on.</remarks>
    private static async Task ManyAsync(SshBed bed, Account? account)
    {
        const int Count = 40;
        await using var host = await Sshd.StartAsync(bed, "many", account: account);
        using var client = host.MakeClient(TimeSpan.FromMinutes(3));
        var started = Stopwatch.GetTimestamp();
        var sessions = await Task.WhenAll(
            Enumerable.Range(0, Count).Select(n => host.ConnectAsync(client, $"host{n}")));
        Console.WriteLine($"     connected after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        var log = await File.ReadAllTextAsync(Path.Combine(host.Folder, "log"));
        Console.WriteLine($"     sshd dropped {log.Split("drop connection").Length - 1} connections meanwhile");
        var reports = await Task.WhenAll(sessions.Select(SshBed.ShowAsync));
        bed.Check(
            reports.Length == Count && reports.All(r => r.Gpus.Count == 2), $"{Count} sessions are open and answer");
        await Task.WhenAll(sessions.Select(s => s.DisposeAsync().AsTask()));
        await bed.CheckSoonAsync(() => host.Agents().Count == 0, "no agent is left");
    }

    private static Task ExpectAsync(
        SshBed bed, Sshd host, string id, Action<Sshd>? prepare, SshCommandLine? options = null)
    {
        prepare?.Invoke(host);
        return ExpectAsync(bed, id, () => host.OpenAsync(options: options));
    }

    /// <summary>Checks that no session comes about, with which error, and that its text names what it is
    /// about.</summary>
    public static async Task ExpectAsync(
        SshBed bed, string id, Func<Task<SshHostSession>> open, string named = "127.0.0.1")
    {
        try
        {
            await using var session = await open();
            bed.Check(false, $"{id}: a session was opened");
        }
        catch (VgpuException e)
        {
            bed.Check(
                e.ErrorId == id
                    && (e.Message.Contains(named, StringComparison.Ordinal) || id == ErrorIds.HostUnreachable),
                $"{id}: {e.ErrorId}: {e.Message}; {e.RecommendedAction}");
        }
    }
}
