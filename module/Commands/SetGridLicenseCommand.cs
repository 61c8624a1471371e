using VgpuPS.Core.Guests;
using VgpuPS.Host.Operations.Licensing;

namespace VgpuPS.Commands;

/// <summary>
/// Licenses the guests of running VMs: writes the token and the configuration into the guest, restarts the licence
/// service, and waits until the licence is really there. A guest that gets none is left as it was, and the error says
/// why.
/// </summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; New-LabToken ./lab.tok; Set-GridLicense 101 -TokenPath ./lab.tok -PassThru</code>
/// <para>Licenses the guest of VM 101, with a token made for the simulated host.</para>
/// </example>
/// <example>
/// <code>New-LabToken ./lab.tok; Get-GridLicense | Where-Object LicenseStatus -ne Licensed | Set-GridLicense -TokenPath ./lab.tok -WhatIf</code>
/// <para>Shows what licensing all vGPUs that have no licence would do.</para>
/// </example>
/// <seealso cref="NewLabTokenCommand"/>
/// <seealso cref="GetVmVgpuDriverCommand"/>
[Cmdlet(VerbsCommon.Set, "GridLicense", SupportsShouldProcess = true, HelpUri = HelpPages.Licensing)]
[OutputType(typeof(GridLicenseInfo))]
public sealed class SetGridLicenseCommand : GuestChangingCommand
{
    private string? _token;

    /// <summary>The token's file on this machine, client_configuration_token_….tok. It is never printed.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string TokenPath { get; set; } = "";

    /// <summary>
    /// Which licence the guest requests: Vgpu (1, that of its vGPU), VirtualWorkstation (2), VirtualComputeServer (4)
    /// or
    /// Unlicensed (0). Without it what the guest requests already, or Vgpu.
    /// </summary>
    [Parameter]
    public LicenseFeature? FeatureType { get; set; }

    /// <summary>The licence server that the token must be for; a token for another is refused.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    /// <summary>Leaves the new configuration in a guest that gets no licence.</summary>
    [Parameter]
    public SwitchParameter KeepOnFailure { get; set; }

    /// <summary>How long to wait for a licence, in seconds; 120 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public int TimeoutSeconds { get; set; } = 120;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            TokenFiles.RequirePath(TokenPath);
            _token = TokenFiles.Read(GetUnresolvedProviderPathFromPSPath(TokenPath));
        }
        catch (VgpuException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
    }

    private protected override bool ChangesAnyVm => false;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeGuests(HostUseCases.SetGridLicense, vm => new SetGridLicenseRequest
    {
        Vm = vm,
        Token = _token!,
        TokenName = Path.GetFileName(TokenPath),
        FeatureType = (int?)FeatureType,
        Server = Server,
        Via = Via,
        GuestAddress = GuestAddress,
        GuestLogin = Credentials.ToGuestLogin(GuestCredential),
        KeepOnFailure = KeepOnFailure,
        TimeoutSeconds = TimeoutSeconds,
    });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).SelectMany(v => report.LicensesOf(v));
}
