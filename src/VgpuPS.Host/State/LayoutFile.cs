using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Ports;
using VgpuPS.Host.Seams;

namespace VgpuPS.Host.State;

/// <summary>The host's layout in <c>/etc/vgpups/layout.json</c>.</summary>
/// <param name="files">The host's files.</param>
public sealed class LayoutFile(IHostFiles files) : ILayoutFile
{
    private const int SizeLimit = 1024 * 1024;

    /// <summary>Reads and checks it; null when there is none.</summary>
    /// <exception cref="UnreadableDataException">Not JSON, an unknown member, a newer version.</exception>
    public HostLayout? Load()
    {
        try
        {
            return LayoutFormat.Read(files.Read(StatePaths.Layout, SizeLimit), StatePaths.Layout);
        }
        catch (HostFileException failure) when (failure.Number is Errno.ENOENT or Errno.ENOTDIR)
        {
            return null;
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForRead(failure, "The layout");
        }
    }
}
