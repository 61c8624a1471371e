namespace VgpuPS.Host.Seams;

/// <summary>Runs programs on the host. Their output is captured apart, never inherited, and never ties us to their children.</summary>
public interface IProcessRunner
{
    /// <summary>Runs a program; every outcome but cancellation is in the result.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the program was ended unless it may not be.</exception>
    Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Writes an attribute of the kernel in a child process, for writes that can block for as long as somebody holds a
    /// device (<c>remove</c> of a mediated device).
    /// </summary>
    /// <remarks>
    /// Source: facts/linux-and-build.md B.3: <c>remove</c> with the device open blocks until it is closed, and cannot be
    /// killed meanwhile.
    /// </remarks>
    Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken);
}
