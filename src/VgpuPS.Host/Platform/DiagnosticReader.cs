using System.Text;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.Platform;

/// <summary>Reads files and output of programs for a support bundle, bounded, as text that can be shown.</summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs programs that only read.</param>
public sealed class DiagnosticReader(IHostFiles files, IProcessRunner processes)
{
    private const int FileLimit = 512 * 1024;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    /// <summary>The end of a file, from the beginning of a line on; null where there is none.</summary>
    /// <exception cref="VgpuException">It cannot be read.</exception>
    public string? FindText(string path)
    {
        try
        {
            if (files.GetInfo(path) is not { Kind: HostFileKind.File })
            {
                return null;
            }

            var content = files.ReadEnd(path, FileLimit);
            var text = VisibleText.Of(Encoding.UTF8.GetString(content), keepLines: true);
            return content.Length < FileLimit ? text : text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..];
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, $"the file {path}");
        }
    }

    /// <summary>Paths of a folder's files whose names begin and end so; none where it is not there, or may not be
    /// listed.</summary>
    public IReadOnlyList<string> List(string folder, string start, string end)
    {
        try
        {
            return
            [
                .. (files.List(folder) ?? []).Where(n => n.StartsWith(start, StringComparison.Ordinal)
                    && n.EndsWith(end, StringComparison.Ordinal)).Select(n => $"{folder}/{n}"),
            ];
        }
        catch (HostFileException)
        {
            return [];
        }
    }

    /// <summary>What a program prints, the last 64 KiB.</summary>
    /// <exception cref="HostCommandException">It failed, or is not there.</exception>
    public async Task<string> RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(
            new ProcessRequest(program, arguments, s_deadline)
            {
                Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["LC_ALL"] = "C" },
            },
            cancellationToken).ConfigureAwait(false);
        var command = string.Join(' ', arguments.Prepend(program[(program.LastIndexOf('/') + 1)..]));
        var text = VisibleText.Of(result.Output, keepLines: true);
        if (result.ExitCode == 0
            || (result is { ExitCode: 1, Error: "" } && text.StartsWith("-- No", StringComparison.Ordinal)))
        {
            return text;
        }

        var reason = result.StartErrno != 0 ? $"was not started: {Errno.Describe(result.StartErrno)}"
            : result.TimedOut ? $"had not ended after {s_deadline.TotalSeconds:0} s"
            : $"failed: {VisibleText.Of((result.Error + text).Trim().Split('\n')[0])}";
        throw new HostCommandException(
            ErrorIds.HostCommandFailed, $"{command} {reason}", $"see what it reports: {command}", command,
            result.ExitCode, result.Error, program);
    }
}
