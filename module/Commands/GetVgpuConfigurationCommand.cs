namespace VgpuPS.Commands;

/// <summary>Shows the hook's configuration, /etc/vgpups/config.json, with the defaults of what it leaves out.</summary>
/// <example>
/// <code>Get-VgpuConfiguration | Format-List</code>
/// <para>Shows every member.</para>
/// </example>
/// <example>
/// <code>
/// (Get-VgpuConfiguration).Text | Set-Content ./config.json
/// Get-Item ./config.json
/// </code>
/// <para>Writes the file's text into a file of this machine.</para>
/// </example>
/// <seealso cref="SetVgpuConfigurationCommand"/>
/// <seealso cref="TestVgpuConfigurationCommand"/>
[Cmdlet(VerbsCommon.Get, "VgpuConfiguration", HelpUri = HelpPages.Configuration)]
[OutputType(typeof(VgpuConfigurationInfo))]
public sealed class GetVgpuConfigurationCommand : ReadingCommand
{
    private protected override ReadHostRequest Request { get; } =
        new(DriverMayBeMissing: true, WithConfiguration: true, Gpus: []);

    private protected override IEnumerable<object> Select(HostReport report, Action<VgpuException> fail) =>
        [report.Configuration!];
}
