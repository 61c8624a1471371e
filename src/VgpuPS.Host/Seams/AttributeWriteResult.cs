namespace VgpuPS.Host.Seams;

/// <summary>How a write in a child process ended.</summary>
/// <param name="Finished">False when the deadline came first: the write may still happen later.</param>
/// <param name="Operation">The system call that failed (<c>open</c> or <c>write</c>); null when none did.</param>
/// <param name="Errno">Its errno; 0 when none failed.</param>
public sealed record AttributeWriteResult(bool Finished, string? Operation, int Errno)
{
    /// <summary>Whether the write was done.</summary>
    public bool Succeeded => Finished && Errno == 0;
}
