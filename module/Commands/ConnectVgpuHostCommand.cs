using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Platform;
using VgpuPS.LabHook;

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
/// <code>Connect-VgpuHost root@pve1,root@pve2</code>
/// <para>Opens sessions with two hosts over SSH, through the system's OpenSSH client.</para>
/// </example>
/// <example>
/// <code>Connect-VgpuHost -Lab A30,A30</code>
/// <para>Opens a simulated host with two A30, four VMs and a template, in memory; it is gone with the process.</para>
/// </example>
/// <example>
/// <code>Connect-VgpuHost -Lab H100-PCIe -Name big; Get-Gpu -Session big</code>
/// <para>Opens another one under a name of its own, and looks at its GPU.</para>
/// </example>
/// <example>
/// <code>Connect-VgpuHost -Lab L40S -PveVersion 8.4 -BootLoader SystemdBoot -Cpu Amd -SecureBoot -Name other</code>
/// <para>Opens one that boots by systemd-boot, with Secure Boot and a processor of AMD's.</para>
/// </example>
/// <example>
/// <code>Connect-VgpuHost -Lab A30,A30 -Cluster lab; Connect-VgpuHost -Lab L40S -Cluster lab</code>
/// <para>Opens two simulated hosts as the nodes pve1 and pve2 of one cluster, each with GPUs of its own.</para>
/// </example>
/// <example>
/// <code>
/// $root = Get-Credential root
/// Connect-VgpuHost pve1 -Credential $root
/// </code>
/// <para>Logs in with a password, without OpenSSH; a new host's key is refused with its fingerprint, for
/// -HostKeyFingerprint.</para>
/// </example>
/// <example>
/// <code>Connect-VgpuHost pve1 -UserName root -Options @{ ProxyJump = 'bastion' } -Name far</code>
/// <para>Opens one behind a jump host, under a name of its own.</para>
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

    /// <summary>
    /// Files that describe GPU models of your own, which -Lab may name then; vgpu-lab model A30 prints one to begin
    /// with.
    /// </summary>
    [Parameter(ParameterSetName = LabSet)]
    [ValidateNotNullOrEmpty]
    public string[] LabModel { get; set; } = [];

    /// <summary>File that the simulated host is made in, and stays in after its session; memory without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>
    /// Cluster of simulated hosts that this one is a node of; the first of that name makes it. The node is named as its
    /// session: pve1, pve2 … without -Name. With -Path, the file of the first node has all.
    /// </summary>
    [Parameter(ParameterSetName = LabSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")]
    public string? Cluster { get; set; }

    /// <summary>Node of the simulated cluster in the file; the first without it.</summary>
    [Parameter(ParameterSetName = LabFileSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    /// <summary>Replaces the file of -Path where it is there, and the simulated host in it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>PCI addresses of the simulated boards, in the order of -Lab, with a domain or without.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ArgumentCompletions("0001:89:00.0")]
    public string[] Address { get; set; } = [];

    /// <summary>Simulated boards that have a display mode are in it: neither SR-IOV nor MIG.</summary>
    [Parameter(ParameterSetName = LabSet)]
    public SwitchParameter DisplayMode { get; set; }

    /// <summary>How the simulated host hands vGPUs out; vendor VFIO on Proxmox VE 9, mediated devices on 8 and on
    /// kernels before 6.8 without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ValidateSet("Mdev", "VendorVfio")]
    public string? Backend { get; set; }

    /// <summary>Release of Proxmox VE of the simulated host; 9.2 without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ValidateSet("8.2", "8.4", "9.0", "9.1", "9.2")]
    public string PveVersion { get; set; } = "9.2";

    /// <summary>Kernel of the simulated host, such as 6.14.11-4-pve; that of its Proxmox VE without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ArgumentCompletions("6.5.13-5-pve", "6.8.12-9-pve", "6.14.11-4-pve", "6.17.4-1-pve")]
    public string? Kernel { get; set; }

    /// <summary>Kernels that are installed on the simulated host besides.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ArgumentCompletions("6.5.13-5-pve", "6.8.12-9-pve", "6.14.11-4-pve", "6.17.4-1-pve")]
    public string[] OtherKernel { get; set; } = [];

    /// <summary>Version of NVIDIA's host driver there; one that builds for the kernel without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ArgumentCompletions("550.54.16", "580.105.06", "595.71.03")]
    public string? DriverVersion { get; set; }

    /// <summary>Boot loader of the simulated host, GrubEsp for GRUB on system partitions that Proxmox's tool keeps;
    /// Grub without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ValidateSet("Grub", "GrubEsp", "SystemdBoot")]
    public string BootLoader { get; set; } = "Grub";

    /// <summary>Root file system of the simulated host is on ZFS, as it always is with systemd-boot.</summary>
    [Parameter(ParameterSetName = LabSet)]
    public SwitchParameter ZfsRoot { get; set; }

    /// <summary>Maker of the simulated processor; Intel without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ValidateSet("Intel", "Amd")]
    public string Cpu { get; set; } = "Intel";

    /// <summary>
    /// Sockets, cores of each and threads of each of the simulated host; after commas nps=4, l3=8 (cores), memory=65536
    /// (MiB of a node), memory-nodes=1, smt=off, numa=unknown, isolated=4-7+52-55. 1x24x2 without it.
    /// </summary>
    [Parameter(ParameterSetName = LabSet)]
    [ArgumentCompletions("2x24x2", "1x64x2,nps=4,l3=8", "2x32x2,nps=2")]
    public string[]? Topology { get; set; }

    /// <summary>The IOMMU is off in the simulated firmware.</summary>
    [Parameter(ParameterSetName = LabSet)]
    public SwitchParameter IommuOff { get; set; }

    /// <summary>Secure Boot is on.</summary>
    [Parameter(ParameterSetName = LabSet)]
    public SwitchParameter SecureBoot { get; set; }

    /// <summary>The simulated clock's first moment; 5 January 2026, 8:00 UTC without it.</summary>
    [Parameter(ParameterSetName = LabSet)]
    [ArgumentCompleter(typeof(NoCompleter))]
    public DateTime? Clock { get; set; }

    /// <summary>
    /// The simulated host is as Proxmox's installer leaves one: no driver, nouveau with the GPUs. NVIDIA's package lies
    /// in /root.
    /// </summary>
    [Parameter(ParameterSetName = LabSet)]
    public SwitchParameter Bare { get; set; }

    /// <summary>Lets the simulated host's driver calls and programs take the time that real ones take.</summary>
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
            LabSet => (Cluster is null ? "lab" : LabHosts.NextNode(Cluster),
                MakeLab(ReadLab(), Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path))),
            LabFileSet => (Node ?? "lab", OpenFile(GetUnresolvedProviderPathFromPSPath(LabState))),
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

    private LabOptions ReadLab()
    {
        try
        {
            var release = LabRelease.Of(PveVersion);
            return new LabOptions
            {
                Gpus = Lab,
                Models = LabRequestCheck.Models(LabModel.Select(GetUnresolvedProviderPathFromPSPath)),
                Addresses = LabHosts.Check.Addresses(Address),
                IsInDisplayMode = DisplayMode,
                PveVersion = PveVersion,
                Kernel = LabHosts.Check.Kernel(Kernel),
                OtherKernels = [.. OtherKernel.Select(k => LabHosts.Check.Kernel(k, "other-kernel")!)],
                DriverVersion = LabHosts.Check.Driver(DriverVersion),
                Backend = Backend switch
                {
                    "Mdev" => LabBackend.Mdev,
                    "VendorVfio" => LabBackend.Vfio,
                    _ => release.BackendFor(Kernel),
                },
                Loader = BootLoader switch
                {
                    "GrubEsp" => LabLoader.ManagedGrub,
                    "SystemdBoot" => LabLoader.SystemdBoot,
                    _ => LabLoader.Grub,
                },
                RootIsOnZfs = ZfsRoot,
                Cpu = Cpu == "Amd" ? LabCpu.Amd : LabCpu.Intel,
                Topology = LabHosts.Check.Topology(Topology is null ? null : string.Join(',', Topology)),
                FirmwareIommuIsOff = IommuOff,
                IsSecureBoot = SecureBoot,
                Start = Clock is { } time ? new DateTimeOffset(time.ToUniversalTime()) : new LabOptions().Start,
                WithVms = true,
                IsBare = Bare,
            };
        }
        catch (VgpuException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e));
            throw;
        }
    }

    private Func<string, IHostSession> MakeLab(LabOptions options, string? path) =>
        name => LabHosts.Make(name, options, RealTiming, path, Force, Cluster);

    private Func<string, IHostSession> OpenFile(string path) => name => LabHosts.Open(name, path, RealTiming, Node);
}
