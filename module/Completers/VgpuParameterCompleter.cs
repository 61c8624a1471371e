using VgpuPS.Core.Gpu;

namespace VgpuPS.Completers;

/// <summary>Completes plugin parameters of vGPUs.</summary>
public sealed class VgpuParameterCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        VgpuParameter.All.Select(p => new Completion(
            $"@{{'{p.Name}'={(p.Name == "frame_rate_limiter" ? 0 : 1)}}}", $"{p.Effect} ({p.Values})")
        {
            IsExpression = true,
        });
}
