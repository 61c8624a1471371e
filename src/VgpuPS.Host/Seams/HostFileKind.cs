namespace VgpuPS.Host.Seams;

/// <summary>Kind of a file.</summary>
public enum HostFileKind
{
    /// <summary>A regular file, or an attribute of the kernel.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A device, socket, pipe.</summary>
    Other,
}
