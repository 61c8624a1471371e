namespace VgpuPS.Completers;

/// <summary>Completes virtual functions by address, the free ones first.</summary>
public class FunctionCompleter : HostCompleter
{
    private protected sealed override IEnumerable<Completion> Complete(IReadOnlyDictionary<string, object?> bound) =>
        from report in Read(bound)
        from function in FindGpus(report, bound).SelectMany(report.FunctionsOf)
        where IsOffered(function)
        orderby function.IsFree descending
        select new Completion(
            function.FunctionAddress,
            $"{function.FunctionAddress}: "
                + (function.IsFree ? "free"
                    : function.VgpuType ?? (function.VmId is { } vm ? $"in the configuration of VM {vm}" : null)
                    ?? function.Driver ?? "no driver"));

    private protected virtual bool IsOffered(SriovFunctionInfo function) => true;
}

/// <summary>Completes functions that carry no vGPU and that no VM's configuration has.</summary>
public sealed class FreeFunctionCompleter : FunctionCompleter
{
    private protected override bool IsOffered(SriovFunctionInfo function) => function.IsFree;
}

/// <summary>Completes functions that carry a vGPU.</summary>
public sealed class UsedFunctionCompleter : FunctionCompleter
{
    private protected override bool IsOffered(SriovFunctionInfo function) => function.VgpuTypeId is not null;
}
