namespace VgpuPS.Reading;

/// <summary>Base of commands that work on hosts over SSH, or on sessions that are open.</summary>
public abstract class SessionOrSshCmdlet : SshCmdlet
{
    /// <summary>Parameter set of hosts that a session is open with.</summary>
    private protected const string SessionSet = "Session";

    /// <summary>
    /// Sessions with this machine or a simulated host, wildcards allowed, instead of a host over SSH; without it and
    /// -HostName the only one that is connected, or this machine.
    /// </summary>
    [Parameter(ParameterSetName = SessionSet, ValueFromPipelineByPropertyName = true)]
    [Alias("VgpuHost")]
    [Identity("VgpuHost")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Session { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        if (ParameterSetName == SshSet)
        {
            KeepDestinations();
        }
        else
        {
            ProcessSessions();
        }
    }

    /// <summary>Works on the sessions; hosts over SSH are worked on at the end.</summary>
    private protected abstract void ProcessSessions();
}
