using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.Ssh;
using VgpuPS.Ssh;

namespace VgpuPS.SshTests;

/// <summary>An sshd on loopback with keys and a port of its own, whose logins lead to a simulated host.</summary>
internal sealed class Sshd : IAsyncDisposable
{
    private readonly Process _process;

    private Sshd(SshBed bed, string folder, string state, int port, Account? account, Process process)
    {
        (Bed, Folder, State, Port, Account, _process) = (bed, folder, state, port, account, process);
    }

    public SshBed Bed { get; }

    public string Folder { get; }

    /// <summary>The simulated host's file.</summary>
    public string State { get; }

    public int Port { get; }

    /// <summary>Who may log in with a password; null where only the bed's key opens.</summary>
    public Account? Account { get; }

    /// <summary>The listener; each connection is a child of its.</summary>
    public int ProcessId => _process.Id;

    public SshDestination Destination => SshDestination.Parse($"{Account?.User ?? "root"}@127.0.0.1:{Port}");

    public SshCommandLine Options => new()
    {
        KeyFilePath = Bed.KeyPath,
        Options = new Dictionary<string, string> { ["UserKnownHostsFile"] = Path.Combine(Folder, "known_hosts") },
    };

    /// <summary>Lets a key log in.</summary>
    public void Accept(string keyPath) =>
        File.AppendAllText(Path.Combine(Folder, "accepted"), File.ReadAllText(keyPath + ".pub"));

    /// <summary>Gives the host one more key, and has sshd read its configuration again.</summary>
    public async Task AddHostKeyAsync(string type)
    {
        var path = Path.Combine(Folder, $"host_key_{type}");
        await SshBed.RunAsync("ssh-keygen", "-q", "-t", type, "-N", "", "-f", path);
        await File.AppendAllTextAsync(Path.Combine(Folder, "sshd_config"), $"HostKey {path}\n");
        await SshBed.RunAsync("kill", "-HUP", $"{ProcessId}");
        await Task.Delay(200);
        await WaitAsync();
    }

    /// <summary>How the library logs in: with the account's password, and the host's key in a file of known
    /// hosts.</summary>
    public SshNetOptions LoginOptions => new()
    {
        Password = Account!.Secret,
        UserKnownHostsFiles = [Path.Combine(Folder, "known_hosts")],
        GlobalKnownHostsFiles = [],
    };

    /// <summary>The client that this host is for: OpenSSH's, or the library where there is an account.</summary>
    public ISshClient MakeClient(TimeSpan? limit = null)
    {
        var max = limit ?? Options.ConnectingTimeout;
        return Account is null
            ? new OpenSshClient(Options with { ConnectingTimeout = max })
            : new SshNetClient(LoginOptions with { ConnectingTimeout = max });
    }

    /// <summary>Starts one; <paramref name="mode"/> is what <c>lab-host</c> does at a login.</summary>
    public static async Task<Sshd> StartAsync(
        SshBed bed, string mode = "quiet", string? state = null, bool isBare = false, Account? account = null,
        string hostKeyType = "ed25519")
    {
        var folder = Directory.CreateDirectory(Path.Combine(bed.Folder, Path.GetRandomFileName())).FullName;
        var file = state ?? await bed.MakeHostAsync(folder, isBare);
        var port = FreePort();
        await SshBed.RunAsync("ssh-keygen", "-q", "-t", hostKeyType, "-N", "", "-f", Path.Combine(folder, "host_key"));
        Account.Prepare(folder, account);
        var sshd = new Sshd(bed, folder, file, port, account, Launch(bed, folder, file, port, mode, account));
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

    public Task<SshHostSession> OpenAsync(string? name = null, SshCommandLine? options = null) =>
        OpenAsync(options is null ? MakeClient() : new OpenSshClient(options), name);

    /// <summary>Opens a session by a client, which is disposed of afterwards as a command's end does.</summary>
    public async Task<SshHostSession> OpenAsync(ISshClient client, string? name = null)
    {
        using (client)
        {
            return await ConnectAsync(client, name);
        }
    }

    /// <summary>Opens a session by a client that others use as well.</summary>
    public Task<SshHostSession> ConnectAsync(ISshClient client, string? name = null) =>
        new SshConnector(TimeProvider.System, new Random(1)).OpenAsync(
            Destination, name ?? Destination.Name, client, SshHostSession.AgentCommand, null, CancellationToken.None);

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

    private static Process Launch(SshBed bed, string folder, string state, int port, string mode, Account? account)
    {
        var config = Path.Combine(folder, "sshd_config");
        File.WriteAllText(config, $"""
            ListenAddress 127.0.0.1:{port}
            HostKey {folder}/host_key
            AuthorizedKeysFile {bed.KeyPath}.pub {folder}/accepted
            PidFile none
            StrictModes no
            {account?.Config ?? Account.KeysOnly}
            ForceCommand {bed.LabHost} {bed.Lab} {state} {mode}

            """);
        var command = Account.Wrap(folder, ["/usr/sbin/sshd", "-D", "-f", config, "-E", Path.Combine(folder, "log")]);
        var start = new ProcessStartInfo(command[0]) { RedirectStandardError = true };
        foreach (var argument in command[1..])
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

        throw new InvalidOperationException(
            $"sshd does not answer: {await File.ReadAllTextAsync(Path.Combine(Folder, "log"))}");
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

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
