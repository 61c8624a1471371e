namespace VgpuPS.Commands;

/// <summary>Opens sessions with hosts: over SSH, with this machine, or with a simulated Proxmox host to rehearse
/// on.</summary>
/// <remarks>
/// Over SSH the system's OpenSSH client connects: ~/.ssh/config, agent, jump hosts and known_hosts count, and passwords
/// are not requested. With -Credential the module logs in by itself, with a password or a key's passphrase, and of
/// OpenSSH only
/// known_hosts counts. The host needs vgpu-hook, which Install-VgpuHost brings there.
/// Sessions belong to the process: all its runspaces share them. Reading commands ask all connected hosts; a changing
/// command takes the only one, or the one that -Session names, or the one that its piped objects came from.
/// </remarks>
/// <example>
/// <code>Connect-VgpuHost -Lab A30,A30</code>
/// <para>Opens a simulated host with two A30, four VMs and a template, in memory; it is gone with the process.</para>
/// </example>
/// <example>
/// <code>Connect-VgpuHost -Lab H100-PCIe -Name big; Get-Gpu -Session big</code>
/// <para>Opens another one under a name of its own, and looks at its GPU.</para>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "VgpuHost", DefaultParameterSetName = LocalSet, HelpUri = HelpPages.Ssh)]
[OutputType(typeof(HostInfo))]
public sealed class ConnectVgpuHostCommand : SshCmdlet
{
    private const string LocalSet = "Local";
    private const string LabSet = "Lab";
    private const string LabFileSet = "LabFile";

    /// <summary>Models of the GPUs of a simulated host, in ascending address.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LabSet)]
    [ArgumentCompleter(typeof(LabModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Lab { get; set; } = [];

    /// <summary>File that a simulated host lives in; other processes may use it at the same time.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LabFileSet)]
    [ValidateNotNullOrEmpty]
    public string LabState { get; set; } = "";

    /// <summary>How the simulated host hands vGPUs out; vendor VFIO on Proxmox VE 9, mediated devices on 8 without
    /// it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ValidateSet("Mdev", "VendorVfio")]
    public string? Backend { get; set; }

    /// <summary>Release of Proxmox VE of the simulated host; 9.2 without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ValidateSet("8.4", "9.2")]
    public string PveVersion { get; set; } = "9.2";

    /// <summary>
    /// The simulated host is as Proxmox's installer leaves one: no driver, nouveau with the GPUs. NVIDIA's package lies
    /// in /root.
    /// </summary>
    [Parameter(ParameterSetName = LabSet)]
    public SwitchParameter Bare { get; set; }

    /// <summary>Lets the simulated host's driver calls take the time that hardware takes.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [Parameter(ParameterSetName = LabFileSet)]
    public SwitchParameter RealTiming { get; set; }

    /// <summary>Name of the session; without it the host's name, localhost, or lab, lab2 …</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == SshSet)
        {
            KeepDestinations();
            return;
        }

        var (stem, make) = ParameterSetName switch
        {
            LabSet => ("lab",
                (Func<string, IHostSession>)(name => LabHosts.Make(name, Lab, Backend, PveVersion, RealTiming, Bare))),
            LabFileSet => ("lab", OpenFile(GetUnresolvedProviderPathFromPSPath(LabState))),
            _ => (HostSessions.LocalName, name => new LocalHostSession(name)),
        };
        Run(async (sink, token) =>
        {
            var session = await HostSessions.AddAsync(
                Name, stem, name => Task.FromResult(make(name))).ConfigureAwait(false);
            await SshHosts.ShowAsync(sink, session, token).ConfigureAwait(false);
        });
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Name is not null && Destinations.Count > 1)
        {
            ThrowTerminatingError(ErrorRecords.From(new InvalidRequestException(
                ErrorIds.ConflictingParameters,
                $"-Name {Name} is a single name, and {Destinations.Count} hosts are to be connected",
                "omit -Name: each session is named as its host", Name)));
        }

        using var client = MakeClient();
        RunOnEach((sink, host, token) => SshHosts.ConnectAsync(sink, host, Name, client, token));
    }

    private Func<string, IHostSession> OpenFile(string path) => name => LabHosts.Open(name, path, RealTiming);
}
