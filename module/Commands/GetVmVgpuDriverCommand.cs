namespace VgpuPS.Commands;

/// <summary>Shows the drivers of guests that have a vGPU beside the host's driver, with a verdict; touches no
/// guest.</summary>
/// <example>
/// <code>Get-VmVgpuDriver</code>
/// <para>Shows the drivers of all guests with a vGPU.</para>
/// </example>
/// <example>
/// <code>Get-VmVgpuDriver | Where-Object IsCompatible -eq $false</code>
/// <para>Shows the guests whose driver is missing, or of another branch than the host's.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "VmVgpuDriver", HelpUri = HelpPages.Licensing)]
[OutputType(typeof(VmVgpuDriverInfo))]
public sealed class GetVmVgpuDriverCommand : VmReadingCommand
{
    private protected override IEnumerable<object> Select(HostReport report, VmReport vm) => report.DriversOf(vm);
}
