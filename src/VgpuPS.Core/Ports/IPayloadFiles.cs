using VgpuPS.Core.Errors;

namespace VgpuPS.Core.Ports;

/// <summary>Large files of the host that are carried into guests, part by part.</summary>
public interface IPayloadFiles
{
    /// <summary>Size of a file in bytes.</summary>
    /// <param name="path">Absolute path on the host.</param>
    /// <exception cref="ObjectNotFoundException">There is none.</exception>
    /// <exception cref="InvalidRequestException">It is no file, or the path is not absolute.</exception>
    long GetSize(string path);

    /// <summary>Reads a part; shorter than asked at the file's end only.</summary>
    /// <exception cref="UnreadableDataException">It cannot be read.</exception>
    byte[] Read(string path, long offset, int count);
}
