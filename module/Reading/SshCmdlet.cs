using System.Collections;
using System.Globalization;
using VgpuPS.Host.Ssh;

namespace VgpuPS.Reading;

/// <summary>
/// Base of commands that reach hosts over SSH, with New-PSSession's parameters: through the system's OpenSSH client, or
/// with -Credential without it.
/// </summary>
public abstract class SshCmdlet : VgpuCmdlet
{
    /// <summary>Parameter set of a connection over SSH.</summary>
    private protected const string SshSet = "Ssh";

    private const int DefaultConnectingTimeout = 30_000;

    private readonly List<SshDestination> _destinations = [];

    /// <summary>
    /// Hosts: a name, an address or an alias of ~/.ssh/config, as HOST, USER@HOST or USER@HOST:PORT; [ADDRESS]:PORT for
    /// IPv6.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SshSet, ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [Alias("ComputerName")]
    [ArgumentCompleter(typeof(SshHostCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] HostName { get; set; } = [];

    /// <summary>User that logs in; root is needed. What ~/.ssh/config says without it.</summary>
    [Parameter(ParameterSetName = SshSet, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? UserName { get; set; }

    /// <summary>Port of sshd; what ~/.ssh/config says without it.</summary>
    [Parameter(ParameterSetName = SshSet, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>
    /// User and password to log in with, or with -KeyFilePath the passphrase of that key: without OpenSSH, its
    /// configuration and its agent. A password is sent once; nothing keeps it when the command has ended.
    /// </summary>
    [Parameter(ParameterSetName = SshSet, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>
    /// Fingerprints (SHA256:…) of host keys to trust with -Credential, instead of what known_hosts says; for many hosts
    /// one each.
    /// </summary>
    [Parameter(ParameterSetName = SshSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] HostKeyFingerprint { get; set; } = [];

    /// <summary>Private key to log in with; what the client finds without it.</summary>
    [Parameter(ParameterSetName = SshSet, ValueFromPipelineByPropertyName = true)]
    [Alias("IdentityFilePath")]
    [ValidateNotNullOrEmpty]
    public string? KeyFilePath { get; set; }

    /// <summary>
    /// Options of the OpenSSH client, as in ssh_config: @{ ProxyJump = 'bastion' }. With -Credential only
    /// UserKnownHostsFile, GlobalKnownHostsFile, HostKeyAlias and StrictHostKeyChecking (yes, ask).
    /// </summary>
    [Parameter(ParameterSetName = SshSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNull]
    public Hashtable Options { get; set; } = [];

    /// <summary>Most hosts that are connected to at once; 16 without it.</summary>
    [Parameter(ParameterSetName = SshSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = ReadingRunner.ThrottleLimit;

    /// <summary>Longest time to connect to a host, in milliseconds; 30000 without it.</summary>
    [Parameter(ParameterSetName = SshSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, int.MaxValue)]
    public int ConnectingTimeout { get; set; } = DefaultConnectingTimeout;

    /// <summary>The hosts that were named so far.</summary>
    private protected IReadOnlyList<SshDestination> Destinations => _destinations;

    /// <summary>
    /// Keeps the hosts of one pipeline object; a name that is none is reported, and the others go on.
    /// </summary>
    private protected void KeepDestinations()
    {
        foreach (var name in HostName)
        {
            try
            {
                _destinations.Add(Credentials.NameUser(SshDestination.Parse(name, UserName, Port), Credential));
            }
            catch (VgpuException failure)
            {
                WriteError(ErrorRecords.From(failure));
            }
        }
    }

    /// <summary>What connects, as the parameters say; ends the command where they cannot be.</summary>
    private protected ISshClient MakeClient()
    {
        try
        {
            var options = new SshCommandLine
            {
                ConnectingTimeout = TimeSpan.FromMilliseconds(ConnectingTimeout),
                KeyFilePath = KeyFilePath is null ? null : GetUnresolvedProviderPathFromPSPath(KeyFilePath),
                Options = Options.Cast<DictionaryEntry>().ToDictionary(
                    e => Convert.ToString(e.Key, CultureInfo.InvariantCulture) ?? "",
                    e => Convert.ToString(e.Value, CultureInfo.InvariantCulture) ?? "",
                    StringComparer.OrdinalIgnoreCase),
            };
            return Credential is { } credential && _destinations.Count > 0
                ? Credentials.MakeClient(credential, options, HostKeyFingerprint)
                : HostKeyFingerprint.Length == 0 ? new OpenSshClient(options) : throw new InvalidRequestException(
                    ErrorIds.ConflictingParameters,
                    "-HostKeyFingerprint is for -Credential; OpenSSH checks host keys itself",
                    "omit it, and accept the host's key once: ssh root@HOST", nameof(HostKeyFingerprint));
        }
        catch (VgpuException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
            throw;
        }
    }

    /// <summary>Works on each session, one after the other; one that fails is reported, and the others go on.</summary>
    /// <param name="names">The sessions; null for the only one, or this machine.</param>
    /// <param name="work">The work.</param>
    private protected void RunOnSessions(
        IReadOnlyList<string>? names,
        Func<ICommandSink, IHostSession, CancellationToken, Task> work) => Run(async (sink, token) =>
    {
        foreach (var session in HostSessions.ForChanging(names))
        {
            await sink.TryAsync(() => work(sink, session, token)).ConfigureAwait(false);
        }
    });

    /// <summary>
    /// Works on each host that was named, several at once; one that fails is reported, and the others go on.
    /// </summary>
    private protected void RunOnEach(Func<ICommandSink, SshDestination, CancellationToken, Task> work)
    {
        if (_destinations.Count == 0)
        {
            return;
        }

        var limit = ThrottleLimit;
        Run((sink, token) => Parallel.ForEachAsync(
            _destinations,
            new ParallelOptions { MaxDegreeOfParallelism = limit, CancellationToken = token },
            async (destination, stop) =>
                await sink.TryAsync(() => work(sink, destination, stop)).ConfigureAwait(false)));
    }
}
