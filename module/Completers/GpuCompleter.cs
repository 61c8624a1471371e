using System.Globalization;

namespace VgpuPS.Completers;

/// <summary>Completes GPUs by index; an address, UUID or model finds them too.</summary>
public sealed class GpuCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from inventory in Read(bound)
        from gpu in inventory.Report.Gpus
        from value in new[] { gpu.Index.ToString(CultureInfo.InvariantCulture), gpu.Address, gpu.Uuid }
        select new Completion(
            value, string.Create(CultureInfo.InvariantCulture, $"GPU {gpu.Index}: {gpu.Model}, {gpu.Address}, {inventory.Name}"));
}
