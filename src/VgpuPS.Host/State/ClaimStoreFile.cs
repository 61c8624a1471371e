using VgpuPS.Core.Claims;

namespace VgpuPS.Host.State;

/// <summary>Claims in <c>/run/vgpups/claims.json</c>, written whole; used under the host lock only.</summary>
/// <param name="files">The host's files.</param>
public sealed class ClaimStoreFile(IHostFiles files)
{
    private const int SizeLimit = 16 * 1024 * 1024;
    private const string What = "the claims file";

    /// <summary>Reads it; an absent file is an empty one.</summary>
    /// <exception cref="UnreadableDataException">It is corrupt, or of a newer version.</exception>
    public ClaimFile Load() => new CheckedFiles(files, What).Find(StatePaths.Claims, SizeLimit) is { } content
        ? ClaimFileFormat.Read(content, StatePaths.Claims) : ClaimFile.Empty;

    /// <summary>Writes it whole, and reads it back: hardware is touched on the strength of it.</summary>
    /// <param name="claims">The claims.</param>
    /// <exception cref="HostNotReadyException">The storage is full or read-only, or did not keep it.</exception>
    public void Save(ClaimFile claims) => new CheckedFiles(files, What).Write(
        StatePaths.Claims, ClaimFileFormat.Write(claims), StatePaths.PrivateMode, StatePaths.RunFolderMode);

    /// <summary>Renames a corrupt file to the first free <c>claims.json.corrupt-N</c> and says where it lies
    /// now.</summary>
    /// <exception cref="HostNotReadyException">The storage is full or read-only.</exception>
    public string SetAside()
    {
        var number = 1;
        try
        {
            while (files.GetInfo(Aside(number)) is not null)
            {
                number++;
            }

            files.Rename(StatePaths.Claims, Aside(number));
            if (files.GetInfo(Aside(number)) is null)
            {
                throw HostFileErrors.NotKept(Aside(number), What);
            }
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, What);
        }

        return Aside(number);
    }

    private static string Aside(int number) => $"{StatePaths.Claims}.corrupt-{number}";
}
