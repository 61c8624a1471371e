namespace VgpuPS.Completers;

/// <summary>Completes virtual functions by address, the free ones first.</summary>
public class FunctionCompleter : HostCompleter
{
    private protected sealed override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        let configured = Configured(report)
        from function in FindGpus(report, bound).SelectMany(report.FunctionsOf)
        let isFree = function.IsFree && !configured.Contains(function.FunctionAddress)
        where IsOffered(function, isFree)
        orderby isFree descending
        select new Completion(
            function.FunctionAddress,
            $"{function.FunctionAddress}: "
                + (isFree ? "free" : function.VgpuType ?? (function.IsFree ? "in a VM's configuration" : null)
                    ?? function.Driver ?? "no driver"));

    private protected virtual bool IsOffered(SriovFunctionInfo function, bool isFree) => true;

    private static HashSet<string> Configured(HostReport report) =>
        [.. report.Vms.SelectMany(v => v.Vgpus).Select(v => v.FunctionAddress).OfType<string>()];
}

/// <summary>Completes functions that carry no vGPU and that no VM's configuration has.</summary>
public sealed class FreeFunctionCompleter : FunctionCompleter
{
    private protected override bool IsOffered(SriovFunctionInfo function, bool isFree) => isFree;
}

/// <summary>Completes functions that carry a vGPU.</summary>
public sealed class UsedFunctionCompleter : FunctionCompleter
{
    private protected override bool IsOffered(SriovFunctionInfo function, bool isFree) =>
        function.VgpuTypeId is not null;
}
