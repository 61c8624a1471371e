namespace VgpuPS.Commands;

/// <summary>Shows virtual functions: what is on them, whose they are, what can be created on them.</summary>
/// <example>
/// <code>Enable-Sriov 0; Get-SriovFunction -Free | Select-Object -First 1</code>
/// <para>Shows the first free function.</para>
/// </example>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset; Enable-Sriov 0
/// New-MigInstance 0 -Profile 2g.12gb
/// Get-SriovFunction -Gpu 0 -Type A30-2-12C
/// </code>
/// <para>Shows the functions of GPU 0 that carry the type, or on which it can be created now.</para>
/// </example>
/// <seealso cref="EnableSriovCommand"/>
/// <seealso cref="NewVgpuCommand"/>
[Cmdlet(VerbsCommon.Get, "SriovFunction", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(SriovFunctionInfo))]
public sealed class GetSriovFunctionCommand : GpuReadingCommand
{
    /// <summary>Functions by address, in any form.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("FunctionAddress")]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Function { get; set; }

    /// <summary>Only functions that have no vGPU, are not reserved, and that no VM's configuration names.</summary>
    [Parameter]
    public SwitchParameter Free { get; set; }

    /// <summary>Only functions that carry a vGPU type, or on which it can be created now; wildcards allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Type { get; set; }

    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) =>
        report.FunctionsOf(gpu)
            .Where(f => Function is null || Function.Any(a => Addresses.AreSame(a, f.FunctionAddress)))
            .Where(f => !Free || f.IsFree)
            .Where(f => IsWantedType(Type, f.VgpuType) || f.CreatableTypes.Any(t => IsWantedType(Type, t)));

    private protected override IEnumerable<VgpuException> FindMissing(HostReport report) => Addresses.FindMissing(
        Function, report.Gpus.SelectMany(report.FunctionsOf).Select(f => f.FunctionAddress));
}
