using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using VgpuPS.Host.Ssh;

namespace VgpuPS.SshTests;

/// <summary>An sshd on loopback with keys and a port of its own, whose logins lead to a simulated host.</summary>
internal sealed class Sshd : IAsyncDisposable
{
    private readonly Process _process;

    private Sshd(Bed bed, string folder, string state, int port, Process process)
    {
        (Bed, Folder, State, Port, _process) = (bed, folder, state, port, process);
    }

    public Bed Bed { get; }

    public string Folder { get; }

    /// <summary>The simulated host's file.</summary>
    public string State { get; }

    public int Port { get; }

    /// <summary>The listener; each connection is a child of its.</summary>
    public int ProcessId => _process.Id;

    public SshDestination Destination => SshDestination.Parse($"root@127.0.0.1:{Port}");

    public SshOptions Options => new()
    {
        KeyFilePath = Bed.KeyPath,
        Options = new Dictionary<string, string> { ["UserKnownHostsFile"] = Path.Combine(Folder, "known_hosts") },
    };

    /// <summary>Starts one; <paramref name="mode"/> is what <c>lab-host</c> does at a login.</summary>
    public static async Task<Sshd> StartAsync(Bed bed, string mode = "quiet", string? state = null, bool isBare = false)
    {
        var folder = Directory.CreateDirectory(Path.Combine(bed.Folder, Path.GetRandomFileName())).FullName;
        var file = state ?? await bed.MakeHostAsync(folder, isBare);
        var port = FreePort();
        await Bed.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(folder, "host_key"));
        var sshd = new Sshd(bed, folder, file, port, Launch(bed, folder, file, port, mode));
        sshd.Trust();
        await sshd.WaitAsync();
        return sshd;
    }

    /// <summary>Lets the client know the host's key.</summary>
    public void Trust() => File.WriteAllText(
        Path.Combine(Folder, "known_hosts"),
        string.Create(CultureInfo.InvariantCulture, $"[127.0.0.1]:{Port} ")
        + string.Join(' ', File.ReadAllText(Path.Combine(Folder, "host_key.pub")).Split(' ').Take(2)) + "\n");

    /// <summary>Lets the client know another key than the host's.</summary>
    public void TrustAnother() => File.WriteAllText(
        Path.Combine(Folder, "known_hosts"),
        string.Create(CultureInfo.InvariantCulture, $"[127.0.0.1]:{Port} ")
        + string.Join(' ', File.ReadAllText(Bed.KeyPath + ".pub").Split(' ').Take(2)) + "\n");

    /// <summary>Lets the client know no key.</summary>
    public void Forget() => File.WriteAllText(Path.Combine(Folder, "known_hosts"), "");

    public Task<SshHostSession> OpenAsync(string? name = null, SshOptions? options = null) =>
        new SshConnector(TimeProvider.System, new Random(1)).OpenAsync(
            Destination, name ?? Destination.Name, new OpenSshClient(options ?? Options), SshHostSession.AgentCommand, null,
            CancellationToken.None);

    /// <summary>Processes of agents on this host.</summary>
    public IReadOnlyList<int> Agents() =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(n => n!.All(char.IsAsciiDigit))
            .Select(n => int.Parse(n!, CultureInfo.InvariantCulture)).Where(IsAgent),
    ];

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Launch(Bed bed, string folder, string state, int port, string mode)
    {
        var config = Path.Combine(folder, "sshd_config");
        File.WriteAllText(config, $"""
            ListenAddress 127.0.0.1:{port}
            HostKey {folder}/host_key
            AuthorizedKeysFile {bed.KeyPath}.pub
            PidFile none
            UsePAM no
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            ForceCommand {bed.LabHost} {bed.Lab} {state} {mode}

            """);
        var start = new ProcessStartInfo("/usr/sbin/sshd") { RedirectStandardError = true };
        foreach (var argument in (string[])["-D", "-f", config, "-E", Path.Combine(folder, "log")])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private async Task WaitAsync()
    {
        for (var tries = 0; tries < 200; tries++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException($"sshd does not answer: {await File.ReadAllTextAsync(Path.Combine(Folder, "log"))}");
    }

    private bool IsAgent(int pid)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return words.Contains("agent") && words.Any(w => w.StartsWith(State, StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
