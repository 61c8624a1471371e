using VgpuPS.Host.Seams;

namespace VgpuPS.Benchmarks.Hook;

/// <summary>Child processes with each one's time taken.</summary>
internal sealed class MeteredProcesses(IProcessRunner inner, SeamMeter meter) : IProcessRunner
{
    public const string Child = "child process";

    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        using var call = meter.Enter(Child);
        return await inner.RunAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public async Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var call = meter.Enter(Child);
        return await inner.WriteAttributeAsync(path, value, deadline, cancellationToken).ConfigureAwait(false);
    }
}
