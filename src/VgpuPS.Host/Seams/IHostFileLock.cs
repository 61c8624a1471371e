namespace VgpuPS.Host.Seams;

/// <summary>An exclusive flock on a file; disposing gives it back.</summary>
public interface IHostFileLock : IDisposable
{
    /// <summary>Replaces the lock file's text, so that waiters can say who holds it.</summary>
    void WriteHolder(string text);
}
