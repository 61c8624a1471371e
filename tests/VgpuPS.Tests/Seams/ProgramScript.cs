using VgpuPS.Host.Seams;

namespace VgpuPS.Tests.Seams;

/// <summary>Programs and blocking writes that end as a test says.</summary>
internal sealed class ProgramScript : IProcessRunner
{
    public List<ProcessRequest> Requests { get; } = [];

    public List<(string Path, string Value, TimeSpan Deadline)> Writes { get; } = [];

    public Func<ProcessRequest, ProcessResult> Run { get; set; } = _ => Ended(0);

    public Action? OnWrite { get; set; }

    public AttributeWriteResult WriteResult { get; set; } = new(true, null, 0);

    public static ProcessResult Ended(int exitCode, string error = "") => new(exitCode, null, false, 0, "", error);

    public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        return Task.FromResult(Run(request));
    }

    public Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken)
    {
        Writes.Add((path, value, deadline));
        OnWrite?.Invoke();
        return Task.FromResult(WriteResult);
    }
}
