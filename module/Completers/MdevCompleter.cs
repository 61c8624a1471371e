namespace VgpuPS.Completers;

/// <summary>Completes mediated devices by UUID.</summary>
public sealed class MdevCompleter : HostCompleter
{
    private protected override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from vgpu in FindGpus(report, bound).SelectMany(report.VgpusOf)
        where vgpu.MdevUuid is not null
        select new Completion(
            vgpu.MdevUuid!, $"{vgpu.VgpuType} on {vgpu.FunctionAddress}{(vgpu.VmId is { } vm ? $", VM {vm}" : "")}");
}
