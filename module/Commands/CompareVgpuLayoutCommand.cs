namespace VgpuPS.Commands;

/// <summary>Shows what would change hosts to match a layout; changes nothing.</summary>
/// <example>
/// <code>Export-VgpuLayout -Save; Enable-Sriov 0; Compare-VgpuLayout</code>
/// <para>Compares each connected host with its own layout.</para>
/// </example>
/// <example>
/// <code>
/// Export-VgpuLayout -Path ./layout.json
/// Compare-VgpuLayout ./layout.json | Select-Object -ExpandProperty Steps
/// </code>
/// <para>Shows the steps from the host to that layout.</para>
/// </example>
[Cmdlet(VerbsData.Compare, "VgpuLayout", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(LayoutComparisonInfo))]
public sealed class CompareVgpuLayoutCommand : LayoutComparison;
