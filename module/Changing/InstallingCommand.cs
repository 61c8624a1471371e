using VgpuPS.Host.Operations.Setup;

namespace VgpuPS.Changing;

/// <summary>Base of commands that bring the product to hosts.</summary>
public abstract class InstallingCommand : SessionOrSshCmdlet
{
    /// <summary>The vgpu-hook to install; the one that the module brings without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Storage whose snippets folder gets the hook; the present one, or the best, without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(StorageCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Storage { get; set; }

    /// <summary>Allows a storage to hold snippets where none may.</summary>
    [Parameter]
    public SwitchParameter EnableSnippets { get; set; }

    /// <summary>Installs all other nodes of the host's cluster as well, reached by the addresses that the cluster
    /// knows.</summary>
    [Parameter(ParameterSetName = SshSet)]
    public SwitchParameter Cluster { get; set; }

    /// <summary>Writes the host as it is read back.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Whether only a host that has the product already is meant.</summary>
    private protected abstract bool IsUpdate { get; }

    private protected override void ProcessSessions()
    {
        var path = ReadPath();
        var request = MakeRequest();
        var (name, passThru) = (MyInvocation.MyCommand.Name, (bool)PassThru);
        using var client = MakeClient();
        RunOnSessions(Session, (sink, session, token) =>
        {
            // A simulated host has a program of its own; this machine gets the module's.
            var program = RequireHere(session) is LocalHostSession || path is not null ? HookProgram.Load(path) : null;
            var installer = new HostInstaller(sink, name, program ?? new HookProgram("", []), client, passThru);
            var here = request with
            {
                Program = session is LocalHostSession ? program?.Path : null,
                Sha256 = program?.Sha256,
            };
            return session is LabHostSession lab
                ? lab.RunWithAsync(program?.Content, () => installer.InstallAsync(session, here, token))
                : installer.InstallAsync(session, here, token);
        });
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Destinations.Count == 0)
        {
            return;
        }

        var path = ReadPath();
        var request = MakeRequest();
        var (name, passThru, isCluster) = (MyInvocation.MyCommand.Name, (bool)PassThru, (bool)Cluster);
        using var client = MakeClient();
        var program = new Lazy<HookProgram>(() => HookProgram.Load(path));
        RunOnEach((sink, destination, token) => new HostInstaller(sink, name, program.Value, client, passThru)
            .InstallAsync(destination, request, isCluster, token));
    }

    private string? ReadPath() => Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path);

    private InstallHostRequest MakeRequest() => new()
    {
        Storage = Storage,
        EnableSnippets = EnableSnippets,
        IsUpdate = IsUpdate,
    };

    private static IHostSession RequireHere(IHostSession session) => session.Kind == "ssh"
        ? throw new InvalidRequestException(
            ErrorIds.SessionIsRemote,
            $"session {session.Name} is one over SSH, whose program is the one that is installed already",
            $"name the host, so that the new program is uploaded there: -HostName {session.Name}", session.Name)
        : session;
}
