using VgpuPS.Host.Seams;

namespace VgpuPS.SystemTests.Guest;

/// <summary>Runs programs, some of them from elsewhere.</summary>
/// <param name="inner">Runs them.</param>
/// <param name="instead">What is run instead, by path, with arguments that come first.</param>
internal sealed class OtherPrograms(IProcessRunner inner, IReadOnlyDictionary<string, IReadOnlyList<string>> instead)
    : IProcessRunner
{
    public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken) =>
        inner.RunAsync(
            instead.TryGetValue(request.FileName, out var other)
                ? request with { FileName = other[0], Arguments = [.. other.Skip(1), .. request.Arguments] }
                : request,
            cancellationToken);

    public Task<AttributeWriteResult> WriteAttributeAsync(
        string path, string value, TimeSpan deadline, CancellationToken cancellationToken) =>
        inner.WriteAttributeAsync(path, value, deadline, cancellationToken);
}
