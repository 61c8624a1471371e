using VgpuPS.Core.Performance;

namespace VgpuPS.Commands;

/// <summary>
/// Compares what vGPUs deliver on two sides, such as time-sliced and MIG-backed: per vGPU, together, of the board's
/// peak, the price of context switching. Needs no host.
/// </summary>
/// <remarks>
/// Values are means over the VMs; a VM that was measured again is pooled. Noise is half the distance of the quartiles
/// of what was measured, or what repeats differ by where that is more: a change that is less is none. What the sides
/// differ in beside their sharing (host, board, GPU, tool, number of vGPUs, driver) is a warning, and in Notes.
/// </remarks>
/// <example>
/// <code>
/// Enable-Sriov 0
/// Add-VmVgpu 101, 102 A30-6C
/// Start-LabVm 101, 102
/// New-LabToken ./lab.tok
/// Set-GridLicense 101, 102 -TokenPath ./lab.tok
/// $one = Measure-VgpuPerformance 101, 102 -Workload SmallGemm
/// $two = Measure-VgpuPerformance 101, 102 -Workload SmallGemm -Repeat 3
/// $two | Compare-VgpuSharing $one
/// </code>
/// <para>Compares two runs: what differs between them is noise.</para>
/// </example>
/// <example>
/// <code>Compare-VgpuSharing (Import-Clixml pve1-time-sliced.xml) (Import-Clixml pve1-mig.xml)</code>
/// <para>Compares results that were kept in files.</para>
/// </example>
/// <seealso cref="MeasureVgpuPerformanceCommand"/>
/// <seealso cref="ExportVgpuReportCommand"/>
[Cmdlet(VerbsData.Compare, "VgpuSharing", HelpUri = HelpPages.Measuring)]
[OutputType(typeof(VgpuSharingInfo))]
public sealed class CompareVgpuSharingCommand : VgpuCmdlet
{
    private readonly MeasurementReader _reference = new("-Reference");
    private readonly MeasurementReader _difference = new("-Difference");

    /// <summary>Results of Measure-VgpuPerformance that others are compared with, of one run or several.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("ReferenceObject")]
    [ArgumentCompleter(typeof(NoCompleter))]
    [AllowNull]
    [AllowEmptyCollection]
    public PSObject?[]? Reference { get; set; }

    /// <summary>Results that are compared with these, of one run or several.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [Alias("DifferenceObject")]
    [ArgumentCompleter(typeof(NoCompleter))]
    [AllowNull]
    [AllowEmptyCollection]
    public PSObject?[]? Difference { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => Read(_reference, Reference);

    /// <inheritdoc/>
    protected override void ProcessRecord() => Read(_difference, Difference);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            var comparison = SharingComparison.Of(_reference.Results, _difference.Results);
            foreach (var warning in comparison.Warnings)
            {
                WriteWarning(warning);
            }

            WriteObject(comparison.Rows, enumerateCollection: true);
        }
        catch (VgpuException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
    }

    private void Read(MeasurementReader reader, PSObject?[]? values)
    {
        try
        {
            foreach (var value in values ?? [])
            {
                reader.Add(value);
            }
        }
        catch (InvalidRequestException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
    }
}
