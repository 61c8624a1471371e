using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes GPUs by index; an address, UUID or model finds them too.</summary>
public sealed class GpuCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from gpu in report.Gpus
        from value in new[] { gpu.GpuIndex.ToString(CultureInfo.InvariantCulture), gpu.GpuAddress, gpu.GpuUuid }
        select new Completion(
            value, string.Create(
                CultureInfo.InvariantCulture, $"GPU {gpu.GpuIndex}: {gpu.Model}, {gpu.GpuAddress}, {report.VgpuHost}"));
}
