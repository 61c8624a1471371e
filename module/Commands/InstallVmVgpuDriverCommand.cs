using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Commands;

/// <summary>
/// Installs the vGPU driver in the guests of running VMs: uploads the file into the guest, keeps nouveau out, installs
/// without
/// questions, restarts the guest, and sees with nvidia-smi that the driver runs.
/// </summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Set-LabGuest 101 -Driver ''; Install-VmVgpuDriver 101 -Path /root/NVIDIA-Linux-x86_64-580.105.08-grid.run -Confirm:$false</code>
/// <para>Installs the driver that lies on the simulated host in the guest of VM 101, which has none.</para>
/// </example>
/// <seealso cref="SetGridLicenseCommand"/>
[Cmdlet(VerbsLifecycle.Install, "VmVgpuDriver", SupportsShouldProcess = true, HelpUri = HelpPages.Licensing)]
[OutputType(typeof(VmVgpuDriverInfo))]
public sealed class InstallVmVgpuDriverCommand : GuestChangingCommand
{
    private DriverChoice? _file;

    /// <summary>
    /// The guest driver's file (.run, .deb, or .exe for Windows), or NVIDIA's zip that has it: a file of this machine,
    /// which is uploaded to the host, or an absolute path on the host. It goes from there into the guest.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(GuestDriverCompleter))]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Which machine has the file: Host or Workstation. Without it, the one that does; where both have one
    /// the host's is used, and a warning says so.</summary>
    [Parameter]
    public FilePlace? PathOn { get; set; }

    /// <summary>Name of the file within a zip, where several fit; wildcards are allowed. Without it, Windows guests get
    /// the .exe, and Linux guests the .run.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ZipEntry { get; set; }

    /// <summary>Installs a driver that is newer than the host's; nothing else is overridden.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _file = ChooseFile(Path.Trim(), PathOn, ZipEntry, isHost: false);

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeGuests(
        HostUseCases.InstallGuestDriver,
        vm => new InstallGuestDriverRequest
        {
            Vm = vm,
            Path = _file!.HostPath,
            Offers = _file.Offers,
            Force = Force,
            Via = Via,
            GuestAddress = GuestAddress,
            GuestLogin = Credentials.ToGuestLogin(GuestCredential),
        });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).SelectMany(report.DriversOf);
}
