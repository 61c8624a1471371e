using VgpuPS.Core.Layout;
using VgpuPS.Host.Linux;

namespace VgpuPS.Host.State;

/// <summary>The host's layout in <c>/etc/vgpups/layout.json</c>.</summary>
/// <param name="files">The host's files.</param>
public sealed class LayoutFile(IHostFiles files)
{
    private const int SizeLimit = 1024 * 1024;

    /// <summary>Reads and checks it; null when there is none.</summary>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member, a newer version.</exception>
    /// <exception cref="HostNotReadyException">Others than root can change it.</exception>
    public HostLayout? Load()
    {
        try
        {
            var content = files.Read(StatePaths.Layout, SizeLimit);
            FileTrustReader.Require(files, StatePaths.Layout, "the layout");
            return LayoutFormat.Read(content, StatePaths.Layout);
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, "the layout");
        }
    }

    /// <summary>Writes it whole, and reads it back.</summary>
    /// <param name="layout">The layout.</param>
    /// <exception cref="HostNotReadyException">The storage is full or read-only, or did not keep it.</exception>
    public void Save(HostLayout layout) => new CheckedFiles(files, "the layout")
        .Write(StatePaths.Layout, LayoutFormat.Write(layout), StatePaths.SharedMode);
}
