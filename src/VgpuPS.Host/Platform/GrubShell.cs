using System.Text;
using System.Text.RegularExpressions;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Platform;

/// <summary>Has the host's shell say what GRUB's files mean: no reader of ours would know all that a shell
/// does.</summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs the shell.</param>
/// <remarks>
/// Source: facts/proxmox-reservations.md, GRUB 1: the generator is <c>/bin/sh</c> with <c>set -e</c> and sources the
/// files in the order of their bytes; recipes on Debian 12 and 13: what the shell says and what grub.cfg gets agree but
/// for line breaks and carriage returns in a value, and for <c>exit</c>, all of which are faults here.
/// </remarks>
internal sealed partial class GrubShell(IHostFiles files, IProcessRunner processes)
{
    private const string Folder = "/etc/default/grub.d";
    private const string Environment = "/usr/bin/env";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly PlatformReader _reader = new(files);

    /// <summary>Reads the files as they are.</summary>
    public Task<GrubEvaluation> ReadAsync(CancellationToken cancellationToken) =>
        RunAsync(ListSources(), null, cancellationToken);

    /// <summary>Reads the files as they would be with another drop-in of ours.</summary>
    /// <param name="dropIn">Its text; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<GrubEvaluation> ReadWithAsync(string? dropIn, CancellationToken cancellationToken)
    {
        var others = ListSources().Where(p => p != GrubDropIn.Path);
        return RunAsync(
            dropIn is null ? [.. others]
                : [.. others.Append(GrubDropIn.Path).OrderBy(Place, Comparer<string>.Create(CompareBytes))],
            dropIn, cancellationToken);
    }

    /// <summary>The files in the order of sourcing.</summary>
    public List<string> ListSources()
    {
        List<string> found = _reader.Info(BootFacts.GrubPath) is { Kind: HostFileKind.File }
            ? [BootFacts.GrubPath] : [];
        found.AddRange(_reader.List(Folder)
            .Where(n => n.EndsWith(".cfg", StringComparison.Ordinal) && n[0] != '.').Select(n => $"{Folder}/{n}")
            .Where(_reader.Exists).Order(Comparer<string>.Create(CompareBytes)));
        return found;
    }

    // GRUB's own file goes before the folder.
    private static string Place(string path) => path == BootFacts.GrubPath ? "" : path;

    private static int CompareBytes(string? left, string? right) =>
        Encoding.UTF8.GetBytes(left ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right ?? ""));

    private async Task<GrubEvaluation> RunAsync(
        List<string> sources, string? dropIn, CancellationToken cancellationToken)
    {
        // What the files themselves print goes to standard error, so that the answer is ours alone.
        var script = new StringBuilder("exec 3>&1 >&2\n");
        foreach (var source in sources)
        {
            script.Append(source == GrubDropIn.Path && dropIn is not null
                ? $"eval {ShellText.Quote(dropIn)}\n" : $". {ShellText.Quote(source)}\n")
                .Append("printf '%s\\n' ").Append(ShellText.Quote($"@ {source}"))
                .Append(
                    $" \"${{#{GrubDropIn.Linux}}}\" \"${GrubDropIn.Linux}\" @ \"${{#{GrubDropIn.Default}}}\" "
                        + $"\"${GrubDropIn.Default}\" @ >&3\n");
        }

        var result = await AskAsync(script.ToString(), isTraced: false, cancellationToken).ConfigureAwait(false);
        if (result.StartErrno != 0)
        {
            throw new HostCommandException(
                ErrorIds.HostCommandFailed,
                $"{Environment} /bin/sh was not started: {Errno.Describe(result.StartErrno)}",
                "see what is there: ls -l /usr/bin/env /bin/sh", Environment, null, "", null);
        }

        var (read, fault) = Parse(sources, result.Output);
        if (fault is null && (read.Count < sources.Count || result.ExitCode != 0))
        {
            fault = await ExplainAsync(
                sources, read.Count, script.ToString(), result, cancellationToken).ConfigureAwait(false);
        }

        return new GrubEvaluation(read, fault);
    }

    private Task<ProcessResult> AskAsync(string script, bool isTraced, CancellationToken cancellationToken) =>
        processes.RunAsync(
        new ProcessRequest(
            Environment, ["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "/bin/sh", isTraced
                ? "-ex" : "-e", "-c", script, "sh"], s_limit),
        cancellationToken);

    /// <summary>Reads the answer: for each file its path, and both values with their lengths in bytes, each ended by a
    /// line of its own.</summary>
    private (List<GrubSource> Read, GrubFault? Fault) Parse(List<string> sources, string output)
    {
        var read = new List<GrubSource>();
        var lines = output.Split('\n');
        var at = 0;
        foreach (var source in sources)
        {
            if (at >= lines.Length || lines[at] != $"@ {source}")
            {
                break;
            }

            at++;
            var (line, text) = FindLine(source);
            if (TakeValue(lines, ref at) is not { } linux || TakeValue(lines, ref at) is not { } normal)
            {
                return (read, BrokenValue(source, line, text));
            }

            read.Add(new GrubSource(source, line, linux, normal));
        }

        return (read, null);
    }

    /// <summary>
    /// A value of one line that is as long as the shell says; null otherwise: of all control characters only a carriage
    /// return before the line's end reaches us.
    /// </summary>
    private static string? TakeValue(string[] lines, ref int at)
    {
        if (at + 2 >= lines.Length || lines[at + 2] != "@"
            || !int.TryParse(lines[at], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || Encoding.UTF8.GetByteCount(lines[at + 1]) != length
            || lines[at + 1].Contains('\r', StringComparison.Ordinal))
        {
            return null;
        }

        at += 3;
        return lines[at - 2];
    }

    private static GrubFault BrokenValue(string source, int? line, string text)
    {
        var lines = text.Split('\n');
        var carriage = Array.FindIndex(lines, l => l.EndsWith('\r') && VariableName().IsMatch(l));
        return carriage >= 0
            ? new GrubFault(source, carriage + 1, "a carriage return (Windows line ending) is part of the value; "
                + "it would become part of the kernel's parameters")
            : new GrubFault(source, line, "the value has a line break or another control character; "
                + "GRUB would cut off the kernel's parameters there without a warning");
    }

    /// <summary>What ended the shell, and where.</summary>
    private async Task<GrubFault> ExplainAsync(
        List<string> sources, int count, string script, ProcessResult result, CancellationToken cancellationToken)
    {
        var guilty = count < sources.Count ? sources[count] : sources[^1];
        if (result.TimedOut)
        {
            return new GrubFault(guilty, null, $"a shell that reads it does not end within {s_limit.TotalSeconds:0} s");
        }

        var messages = PlatformReader.Lines(result.Error).ToList();
        if (messages.Exists(m => m.Contains("is read only", StringComparison.Ordinal))
            && FindReadOnly(sources) is { } readOnly)
        {
            return readOnly;
        }

        if (messages.Select(m => Message().Match(m)).LastOrDefault(m => m.Success) is { } match)
        {
            return new GrubFault(
                match.Groups[2].Value, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
                $"the shell reports: {match.Groups[3].Value}");
        }

        var ends = result.ExitCode == 0
            ? "it ends the shell (exit), so that grub-mkconfig reports success and writes nothing"
            : $"the shell ends there with {(result.ExitCode is { } code ? $"exit code {code}" : "a signal")}, and with "
                + "it grub-mkconfig";
        var trace = await AskAsync(script, isTraced: true, cancellationToken).ConfigureAwait(false);
        var last = PlatformReader.Lines(trace.Error).LastOrDefault(l => l.StartsWith('+'))?.TrimStart('+').Trim();
        var line = last is null ? -1 : Array.FindLastIndex(
            (_reader.FindText(guilty) ?? "").Split('\n'),
            l => !l.TrimStart().StartsWith('#') && l.Contains(last, StringComparison.Ordinal));
        return new GrubFault(
            guilty, line < 0 ? null : line + 1, messages.Count > 0 && line < 0 ? $"{ends}: {messages[^1]}" : ends);
    }

    private GrubFault? FindReadOnly(List<string> sources) => sources.Where(s => s != GrubDropIn.Path)
        .Select(s => (Path: s, Line: Array.FindIndex(
            (_reader.FindText(s) ?? "").Split('\n'),
            l => l.TrimStart().StartsWith("readonly ", StringComparison.Ordinal) && VariableName().IsMatch(l))))
        .Where(f => f.Line >= 0)
        .Select(f =>
            new GrubFault(f.Path, f.Line + 1, "it makes the variable readonly, so that no later file can add to it"))
        .FirstOrDefault();

    /// <summary>The last line of a file that names one of the two variables, and its text.</summary>
    private (int? Line, string Text) FindLine(string source)
    {
        var text = _reader.FindText(source) ?? "";
        var line = Array.FindLastIndex(
            text.Split('\n'), l => !l.TrimStart().StartsWith('#') && VariableName().IsMatch(l));
        return (line < 0 ? null : line + 1, text);
    }

    [GeneratedRegex("(?<![A-Za-z0-9_])GRUB_CMDLINE_LINUX(?:_DEFAULT)?(?![A-Za-z0-9_])", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();

    /// <remarks>Source: dash 0.5.12, run: name of the shell, line, file, message.</remarks>
    [GeneratedRegex("^[^:]+: ([0-9]+): (/[^:]+): (.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Message();
}
