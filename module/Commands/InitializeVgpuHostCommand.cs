using VgpuPS.Host.Operations.Setup;

namespace VgpuPS.Commands;

/// <summary>Makes a Proxmox host ready for vGPUs: kernel, headers, IOMMU, nouveau, NVIDIA's host driver,
/// services.</summary>
/// <remarks>
/// What is so already is left alone; a second run does nothing. What needs a restart of the host is said once at the
/// end, as a warning. After the restart run the same command again: it looks at the host and goes on with what is left;
/// a restart that was tried and did not help is refused. With GRUB, kernel parameters go into
/// /etc/default/grub.d/zz-vgpups.cfg, tried as GRUB's generator would
/// before anything is generated; with systemd-boot, into the first line of /etc/kernel/cmdline, whose first original
/// stays beside it as cmdline.vgpups.bak. What will boot is read back. What was left from passing GPUs through is taken
/// out, or named. The driver package is yours, from NVIDIA's licensing portal: a file of this machine is uploaded
/// in parts, its SHA-256 compared, and removed after use. Its name and head are compared, and it is run with --silent
/// --dkms. A kernel that the driver is not reported on is exchanged
/// for one that it is, which is pinned; with root on ZFS an older one is refused without -Force. With Secure Boot the
/// key of DKMS must be enrolled first; the command says how. On a host that works it makes the monthly update: VMs that
/// run with a vGPU are named and must be shut down first, a newer kernel that boots next gets its module, what was on
/// the GPUs is restored, and mappings are compared.
/// </remarks>
/// <example>
/// <code>Initialize-VgpuHost -WhatIf</code>
/// <para>Shows what is missing; on a host that is ready nothing is.</para>
/// </example>
/// <example>
/// <code>
/// Connect-VgpuHost -Lab A30,A30 -Name bare -Bare
/// Initialize-VgpuHost -Session bare -DriverPath /root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run -Restart -Confirm:$false
/// Initialize-VgpuHost -Session bare -DriverPath /root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run
/// Test-VgpuHost -Session bare | Where-Object -Not Passed
/// </code>
/// <para>Prepares a simulated host that Proxmox's installer left a minute ago, in two runs with a restart between
/// them.</para>
/// </example>
[Cmdlet(VerbsData.Initialize, "VgpuHost", SupportsShouldProcess = true, HelpUri = HelpPages.BareHost)]
[OutputType(typeof(HostInfo))]
public sealed class InitializeVgpuHostCommand : ChangingCommand
{
    /// <summary>NVIDIA's host driver package, NVIDIA-Linux-x86_64-VERSION-vgpu-kvm.run, or NVIDIA's zip that has it: a
    /// file of this machine, which is uploaded, or an absolute path on the host. The driver is left as it is without
    /// it.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(HostDriverCompleter))]
    [ValidateNotNullOrEmpty]
    public string? DriverPath { get; set; }

    /// <summary>Which machine has the file: Host or Workstation. Without it, the one that does; where both have one
    /// the host's is used, and a warning says so.</summary>
    [Parameter]
    public FilePlace? PathOn { get; set; }

    /// <summary>Name of the package within a zip, where it has several; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ZipEntry { get; set; }

    /// <summary>Restarts the host at the end where something needs it; running VMs are shut down with it.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <summary>
    /// Goes on where the driver is not reported to work on the kernel, which stays then; with root on ZFS, goes back to
    /// an older kernel that the driver is reported on, although its ZFS may not know the pool's features.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var file = DriverPath is { } path ? ChooseFile(path.Trim(), PathOn, ZipEntry, isHost: true) : null;
        Change(
            HostUseCases.InitializeHost,
            () =>
            [
                new InitializeHostRequest
                {
                    DriverPath = file?.HostPath is { Length: > 0 } onHost ? onHost : null,
                    Offers = file?.Offers ?? [],
                    Restart = Restart,
                    Force = Force,
                },
            ]);
    }

    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true);

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        [report.ToHost(HostSessions.Find(report.VgpuHost).Kind)];
}
