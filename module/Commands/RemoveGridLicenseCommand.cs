using VgpuPS.Host.Operations.Licensing;

namespace VgpuPS.Commands;

/// <summary>Removes the tokens of guests and restarts their licence service, which gives the licence back.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; New-LabToken ./lab.tok; Set-GridLicense 101 -TokenPath ./lab.tok; Remove-GridLicense 101</code>
/// <para>Licenses the guest of VM 101 and takes its licence away again.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "GridLicense", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Licensing)]
[OutputType(typeof(GridLicenseInfo))]
public sealed class RemoveGridLicenseCommand : GuestChangingCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeGuests(
        HostUseCases.RemoveGridLicense,
        vm => new RemoveGridLicenseRequest
        {
            Vm = vm,
            Via = Via,
            GuestAddress = GuestAddress,
            GuestLogin = Credentials.ToGuestLogin(GuestCredential),
        });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).SelectMany(v => report.LicensesOf(v));
}
