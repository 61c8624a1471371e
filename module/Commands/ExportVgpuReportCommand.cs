using System.ComponentModel;
using System.Text;
using VgpuPS.Core.Report;
using VgpuPS.Host;

namespace VgpuPS.Commands;

/// <summary>
/// Writes a report on hosts as one HTML file: hosts, GPUs as pictures with their slices and VMs, VMs with function,
/// licence and CPUs, capacity, licences by when they end, the doctor's findings, changes of the last days.
/// </summary>
/// <remarks>
/// The file needs no network and no script, is light or dark as its reader has it, and prints on A4. A host that cannot
/// be read is in it with its error. Names of VMs and hosts are in it: look before you send it to others.
/// </remarks>
/// <example>
/// <code>Export-VgpuReport fleet.html -PassThru</code>
/// <para>Writes a report on all connected hosts.</para>
/// </example>
/// <example>
/// <code>Get-VgpuMetric gpu_* | Export-VgpuReport fleet.html -Force</code>
/// <para>Draws charts of what was measured, too.</para>
/// </example>
/// <example>
/// <code>Import-Clixml pve1-time-sliced.xml, pve1-mig.xml | Export-VgpuReport study.html</code>
/// <para>Draws what vGPUs deliver, time-sliced beside MIG-backed, of results that were kept in files.</para>
/// </example>
/// <example>
/// <code>Export-VgpuReport fleet.html -EventDays 30 -Title 'GPUs in October' -Force -Confirm:$false</code>
/// <para>Writes it again, for a scheduled task.</para>
/// </example>
/// <seealso cref="TestVgpuHostCommand"/>
/// <seealso cref="ShowGpuCommand"/>
/// <seealso cref="CompareVgpuSharingCommand"/>
[Cmdlet(VerbsData.Export, "VgpuReport", SupportsShouldProcess = true, HelpUri = HelpPages.Reports)]
[OutputType(typeof(FileInfo))]
public sealed class ExportVgpuReportCommand : FileExportCommand
{
    private readonly List<VgpuSample> _samples = [];
    private readonly List<ReportChart> _charts = [];
    private readonly SharingReader _sharing = new();
    private bool _isWritten;

    /// <summary>
    /// Samples of Get-VgpuMetric, results of Measure-VgpuPerformance or rows of Compare-VgpuSharing, of which charts
    /// are drawn; or hosts as Get-VgpuHost writes them, or other objects of hosts: the report is on these hosts alone.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Its heading; GPU fleet without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string Title { get; set; } = "GPU fleet";

    /// <summary>How many days of changes it shows; 7 without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 3650)]
    public int EventDays { get; set; } = 7;

    /// <summary>Opens the report with what this machine opens HTML files with.</summary>
    [Parameter]
    public SwitchParameter Open { get; set; }

    private protected override string What => "report";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        if (MetricCharts.Find(InputObject) is { } sample)
        {
            _samples.Add(sample);
        }
        else if (InputObject.BaseObject is ReportChart chart)
        {
            _charts.Add(chart);
        }
        else if (SharingReader.IsMeant(InputObject))
        {
            Read(InputObject);
        }
        else if (Session is not null)
        {
            Named = [.. (Named ?? []).Union(Session, StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Run(WriteAsync);
        if (_isWritten && Open)
        {
            OpenFile();
        }
    }

    private void Read(PSObject result)
    {
        try
        {
            _sharing.Add(result);
        }
        catch (InvalidRequestException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
    }

    private async Task WriteAsync(ICommandSink sink, CancellationToken cancellationToken)
    {
        var sharing = _sharing.Compare(sink);
        var sessions = HostSessions.ForReading(Named);
        if (sharing.Count > 0 && sessions is [LocalHostSession { IsHost: false }])
        {
            // Results can be read anywhere; there is no host beside them.
            sessions = [];
        }

        if (!await ConfirmAsync(sink, sessions).ConfigureAwait(false))
        {
            return;
        }

        var now = TimeProvider.System.GetLocalNow();
        var hosts = await new FleetReader(sink, EventDays, now).ReadAsync(sessions, cancellationToken)
            .ConfigureAwait(false);
        if (hosts is [{ Failures: [{ ErrorId: ErrorIds.NotAProxmoxHost }] }])
        {
            // No host is connected, so that a report would be on nothing.
            return;
        }

        var page = ReportPage.Write(new FleetReport
        {
            Title = Title,
            Time = now,
            Version = ProgramVersion.Own,
            Hosts = hosts,
            EventDays = EventDays,
            Charts = [.. _charts, .. MetricCharts.Of(_samples)],
            Sharing = sharing,
        });
        Finish(sink, null, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
        _isWritten = true;
    }

    private void OpenFile()
    {
        try
        {
            InvokeProvider.Item.Invoke([FullPath], literalPath: true);
        }
        catch (Exception e) when (e is RuntimeException or InvalidOperationException or Win32Exception
            or NotSupportedException or IOException)
        {
            WriteWarning($"{FullPath} is written and was not opened: {e.Message}");
        }
    }
}
