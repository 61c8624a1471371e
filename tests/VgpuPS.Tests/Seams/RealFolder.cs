using VgpuPS.Host.Linux;

namespace VgpuPS.Tests.Seams;

/// <summary>An empty folder that the real file adapter takes for the host's root; gone with the test.</summary>
internal sealed class RealFolder : IDisposable
{
    // Locks are looked up by device and inode: on a stacked file system the kernel's list names those below it.
    private readonly string _path = Directory
        .CreateDirectory(Path.Combine(
            Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"vgpups-{Guid.NewGuid():N}"))
        .FullName;

    public RealFolder() => Files = new LinuxHostFiles(_path);

    public LinuxHostFiles Files { get; }

    public string Real(string path) => _path + path;

    public void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Real(path))!);
        File.WriteAllText(Real(path), text);
    }

    public void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Real(path))!);
        File.CreateSymbolicLink(Real(path), target);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
