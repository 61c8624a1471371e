namespace VgpuPS.Commands;

/// <summary>Shows the drivers of guests that have a vGPU beside the host's driver, with a verdict; touches no
/// guest.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Get-VmVgpuDriver</code>
/// <para>Shows the drivers of all guests with a vGPU.</para>
/// </example>
/// <example>
/// <code>
/// Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101
/// Set-LabGuest 101 -Driver '550.54.14'
/// Get-VmVgpuDriver | Where-Object IsCompatible -eq $false
/// </code>
/// <para>Shows the guests whose driver is missing, or of another branch than the host's.</para>
/// </example>
/// <seealso cref="GetGridLicenseCommand"/>
[Cmdlet(VerbsCommon.Get, "VmVgpuDriver", HelpUri = HelpPages.Licensing)]
[OutputType(typeof(VmVgpuDriverInfo))]
public sealed class GetVmVgpuDriverCommand : VmReadingCommand
{
    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) => report.DriversOf(vm);
}
