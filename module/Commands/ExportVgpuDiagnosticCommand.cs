using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using VgpuPS.Core.Diagnostics;
using VgpuPS.Host;
using VgpuPS.Host.Operations.Diagnostics;

namespace VgpuPS.Commands;

/// <summary>
/// Writes a support bundle of hosts as a zip: the doctor's findings, GPUs, configuration, layout, claims, events, lines
/// of journals and of the kernel log, versions, PCI. Writes what is inside, file by file.
/// </summary>
/// <remarks>
/// Passwords, tokens and keys are taken out on the host, by the form that they have and by the names that stand before
/// them; of a VM's configuration only lines about devices, CPUs and memory are taken. Names of VMs and hosts stay
/// without -Anonymize. MANIFEST.txt in the bundle says what is inside, and why something is not. Look through it before
/// you send it.
/// </remarks>
/// <example>
/// <code>Export-VgpuDiagnostic bundle.zip -Anonymize</code>
/// <para>Writes a bundle of all connected hosts that names no VM and no host.</para>
/// </example>
/// <example>
/// <code>Export-VgpuDiagnostic bundle.zip -Force | Where-Object Problem</code>
/// <para>Shows what could not be read.</para>
/// </example>
/// <seealso cref="TestVgpuHostCommand"/>
/// <seealso cref="ExportVgpuReportCommand"/>
[Cmdlet(VerbsData.Export, "VgpuDiagnostic", SupportsShouldProcess = true, HelpUri = HelpPages.Reports)]
[OutputType(typeof(VgpuDiagnosticInfo), typeof(FileInfo))]
public sealed class ExportVgpuDiagnosticCommand : FileExportCommand
{
    private const string Manifest = "MANIFEST.txt";

    private readonly HashSet<string> _folders = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _salt = Convert.ToHexString(
        System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    /// <summary>
    /// Replaces names of VMs and containers by their numbers, and names of hosts, UUIDs, serial numbers of GPUs, mail
    /// and network addresses by words that are the same in all files of the bundle. Numbers of VMs and
    /// containers, and PCI addresses, stay.
    /// </summary>
    [Parameter]
    public SwitchParameter Anonymize { get; set; }

    private protected override string What => "support bundle";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (MyInvocation.ExpectingInput && Session is not null)
        {
            Named = [.. (Named ?? []).Union(Session, StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(WriteAsync);

    private async Task WriteAsync(ICommandSink sink, CancellationToken cancellationToken)
    {
        var sessions = HostSessions.ForReading(Named);
        if (!await ConfirmAsync(sink, sessions).ConfigureAwait(false))
        {
            return;
        }

        var read = new DiagnosticReport?[sessions.Count];
        var failures = new VgpuException?[sessions.Count];
        var request = new ReadDiagnosticRequest { Salt = Anonymize ? _salt : null };
        await ReadingRunner.ForEachAsync(
            sink, sessions,
            async (session, token) =>
            {
                var at = sessions.ToList().IndexOf(session);
                try
                {
                    read[at] = await session.RunAsync(
                        HostUseCases.ReadDiagnostic, request, new SinkObserver(sink, session.Name), token)
                        .ConfigureAwait(false);
                }
                catch (VgpuException failure)
                {
                    failures[at] = failure;
                    throw;
                }

                return [];
            },
            cancellationToken).ConfigureAwait(false);
        if (failures is [{ ErrorId: ErrorIds.NotAProxmoxHost }])
        {
            return;
        }

        var files = sessions.SelectMany((s, at) => FilesOf(s, read[at], failures[at])).ToList();
        Finish(
            sink, UnixFileMode.UserRead | UnixFileMode.UserWrite,
            stream => Write(stream, [.. files, Client(sessions)]));
        foreach (var file in PassThru ? [] : files)
        {
            sink.WriteObject(file.Row);
        }
    }

    private IEnumerable<(VgpuDiagnosticInfo Row, string? Text)> FilesOf(
        IHostSession session, DiagnosticReport? report, VgpuException? failure)
    {
        var name = Anonymize ? report?.Host ?? new Anonymizer(_salt).HostWord(session.Name) : session.Name;
        var folder = FolderOf(name);
        if (report is null)
        {
            // The text of a failure names the host.
            var problem = failure is null ? "its answer cannot be used"
                : Anonymize ? failure.ErrorId : $"{failure.ErrorId}: {Redaction.Of(failure.Message)}";
            yield return (Row($"{folder}/host", "the host", problem, 0), null);
            yield break;
        }

        foreach (var file in report.Files)
        {
            yield return (Row(
                $"{folder}/{file.Name}", file.Source, file.Problem, Encoding.UTF8.GetByteCount(file.Text ?? "")),
                file.Text);
        }

        VgpuDiagnosticInfo Row(string path, string source, string? problem, long size) => new()
        {
            VgpuHost = session.Name,
            Name = path,
            Source = source,
            Problem = problem,
            Size = size,
        };
    }

    /// <summary>A folder of the bundle for a host; nodes of two clusters may have one name.</summary>
    private string FolderOf(string name)
    {
        var word = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        var folder = word;
        for (var number = 2; !_folders.Add(folder); number++)
        {
            folder = string.Create(CultureInfo.InvariantCulture, $"{word}-{number}");
        }

        return folder;
    }

    private static (VgpuDiagnosticInfo Row, string? Text) Client(IReadOnlyList<IHostSession> sessions)
    {
        var text = $"VgpuPS {ProgramVersion.Own}\nPowerShell {PSVersionInfo()}\n"
            + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}\n"
            + string.Concat(sessions.Select((s, at) => string.Create(
                CultureInfo.InvariantCulture, $"session {at + 1}: {s.Kind}\n")));
        return (new VgpuDiagnosticInfo
        {
            Name = "client.txt",
            Source = "the machine that the bundle was made on",
            Problem = null,
            Size = text.Length,
        }, text);
    }

    private static string PSVersionInfo() => typeof(PSObject).Assembly.GetName().Version?.ToString() ?? "unknown";

    private void Write(Stream stream, IReadOnlyList<(VgpuDiagnosticInfo Row, string? Text)> files)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Add(zip, Manifest, Describe(files.Select(f => f.Row)));
        foreach (var (row, text) in files.Where(f => f.Text is not null))
        {
            Add(zip, row.Name, text!);
        }
    }

    private string Describe(IEnumerable<VgpuDiagnosticInfo> rows) =>
        "Support bundle of VgpuPS. Passwords, tokens and keys were taken out where they were read"
            + $" ({Redaction.Mark}).\n"
            + (Anonymize ? "Names of VMs, containers and hosts, UUIDs, serial numbers of GPUs, mail and network "
                + "addresses\nare replaced, the same ones by the same words. Numbers of VMs and containers, and PCI "
                + "addresses, are as\nthey are.\n"
                : "Names of VMs and hosts are as they are; -Anonymize replaces them.\n")
            + "\nbytes     file                                        from, or why it is missing\n"
            + string.Concat(rows.Select(r => string.Create(
                CultureInfo.InvariantCulture,
                $"{r.Size,-9} {r.Name,-43} {(r.Problem is { } problem ? $"MISSING: {problem}" : r.Source)}\n")));

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.Optimal).Open();
        entry.Write(Encoding.UTF8.GetBytes(text));
    }
}
