using VgpuPS.Core.Boot;

namespace VgpuPS.Host.State;

/// <summary>What the boot service last did, in <c>/run/vgpups/boot.json</c>.</summary>
/// <param name="files">The host's files.</param>
public sealed class BootStatusFile(IHostFiles files)
{
    private const int SizeLimit = 4 * 1024 * 1024;
    private const string What = "the boot service's status";

    /// <summary>Reads it; null when it has not run since the boot.</summary>
    /// <exception cref="UnreadableDataException">It is not readable as what it should be.</exception>
    public BootStatus? Load()
    {
        var own = new CheckedFiles(files, What);
        return own.Info(StatePaths.Boot) is not null && own.Find(StatePaths.Boot, SizeLimit) is { } content
            ? BootStatusFormat.Read(content, StatePaths.Boot) : null;
    }

    /// <summary>Writes it whole.</summary>
    /// <param name="status">What was done.</param>
    /// <exception cref="HostNotReadyException">The storage is full or read-only.</exception>
    public void Save(BootStatus status)
    {
        try
        {
            files.CreateDirectory(StatePaths.RunFolder, StatePaths.RunFolderMode);
            files.WriteWhole(StatePaths.Boot, BootStatusFormat.Write(status), StatePaths.SharedMode);
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, What);
        }
    }
}
