using VgpuPS.Host.Seams;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>The host's files with each call's time taken.</summary>
internal sealed class MeteredFiles(IHostFiles inner, SeamMeter meter) : IHostFiles
{
    public HostFileInfo? GetInfo(string path)
    {
        using var call = meter.Enter(nameof(GetInfo));
        return inner.GetInfo(path);
    }

    public IReadOnlyList<string>? List(string path)
    {
        using var call = meter.Enter(nameof(List));
        return inner.List(path);
    }

    public string? ReadLink(string path)
    {
        using var call = meter.Enter(nameof(ReadLink));
        return inner.ReadLink(path);
    }

    public byte[] Read(string path, int limit)
    {
        using var call = meter.Enter(nameof(Read));
        return inner.Read(path, limit);
    }

    public void WriteAttribute(string path, string value)
    {
        using var call = meter.Enter(nameof(WriteAttribute));
        inner.WriteAttribute(path, value);
    }

    public void WriteWhole(string path, ReadOnlySpan<byte> content, int mode)
    {
        using var call = meter.Enter(nameof(WriteWhole));
        inner.WriteWhole(path, content, mode);
    }

    public void Append(string path, ReadOnlySpan<byte> content, int mode)
    {
        using var call = meter.Enter(nameof(Append));
        inner.Append(path, content, mode);
    }

    public void CreateDirectory(string path, int mode)
    {
        using var call = meter.Enter(nameof(CreateDirectory));
        inner.CreateDirectory(path, mode);
    }

    public void Rename(string source, string destination)
    {
        using var call = meter.Enter(nameof(Rename));
        inner.Rename(source, destination);
    }

    public bool Delete(string path)
    {
        using var call = meter.Enter(nameof(Delete));
        return inner.Delete(path);
    }

    public IHostFileLock? TryLock(string path, int mode)
    {
        using var call = meter.Enter(nameof(TryLock));
        return inner.TryLock(path, mode);
    }

    public IHostFileLock? TryShareLock(string path, int mode)
    {
        using var call = meter.Enter(nameof(TryShareLock));
        return inner.TryShareLock(path, mode);
    }
}
