using System.Text;
using VgpuPS.Core.Text;

namespace VgpuPS.Host.State;

/// <summary>
/// A file of metrics for node_exporter's textfile collector, written whole, by a temporary name that the collector does
/// not read.
/// </summary>
/// <param name="files">The host's files.</param>
/// <remarks>Source: facts/metrics.md A35: names that end in <c>.prom</c> are read, others are not.</remarks>
public sealed class MetricsTextFile(IHostFiles files)
{
    private const string Ending = ".prom";
    private const string What = "the file of metrics";
    private const int MaxPath = 4096;

    /// <summary>Looks whether a file can lie there.</summary>
    /// <exception cref="InvalidRequestException">The collector would not read a file of that name, or its folder is not
    /// there.</exception>
    public void Check(string path)
    {
        if (!IsName(path))
        {
            throw new InvalidRequestException(
                ErrorIds.PathUnusable,
                $"'{path}' is not the absolute path of a file whose name ends in {Ending}, and node_exporter reads no "
                    + "others",
                "name one in its folder: vgpu-hook metrics --textfile "
                    + "/var/lib/prometheus/node-exporter/vgpups.prom", path);
        }

        var folder = path[..Math.Max(1, path.LastIndexOf('/'))];
        if (new CheckedFiles(files, What).Info(folder) is not { Kind: HostFileKind.Directory })
        {
            throw new InvalidRequestException(
                ErrorIds.PathUnusable, $"there is no folder {folder} for the file of metrics",
                "install the program that reads it: apt install prometheus-node-exporter; or name its folder, which "
                    + "ps -o args -C prometheus-node-exporter shows as --collector.textfile.directory", folder);
        }

        if (new CheckedFiles(files, What).Info(path) is { Kind: not HostFileKind.File })
        {
            throw new InvalidRequestException(
                ErrorIds.PathUnusable, $"{path} is there and is not a file", $"see what it is: ls -ld {path}",
                path);
        }
    }

    private static bool IsName(string path) => path.StartsWith('/') && path.Length <= MaxPath
        && VisibleText.Of(path) == path && !path.Split('/').Contains("..")
        && path.EndsWith(Ending, StringComparison.Ordinal)
        && !path.EndsWith($"/{Ending}", StringComparison.Ordinal);

    /// <summary>Writes it, readable by all.</summary>
    /// <exception cref="VgpuException">It cannot be written; what was there before stays.</exception>
    public void Save(string path, string text)
    {
        Check(path);
        try
        {
            files.WriteWhole(path, Encoding.UTF8.GetBytes(text), StatePaths.SharedMode);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, What);
        }
    }
}
