namespace VgpuPS.Commands;

/// <summary>Shows vGPUs, running or prepared: type, function, GPU instance, VM, frame buffer, licence, guest
/// driver.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Get-Vgpu</code>
/// <para>Shows all vGPUs of all connected hosts.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Get-Vgpu -VmId 101 | Format-List</code>
/// <para>Shows everything about the vGPUs of VM 101.</para>
/// </example>
/// <seealso cref="GetVmVgpuCommand"/>
[Cmdlet(VerbsCommon.Get, "Vgpu", HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VgpuInfo))]
public sealed class GetVgpuCommand : GpuReadingCommand
{
    /// <summary>Functions by address, in any form.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("FunctionAddress")]
    [ArgumentCompleter(typeof(UsedFunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Function { get; set; }

    /// <summary>Only vGPUs of these VMs, by id or name; wildcards allowed.</summary>
    [Parameter]
    [Alias("VmName")]
    [Identity(nameof(VmId))]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? VmId { get; set; }

    /// <summary>Only vGPUs of these types, by name; wildcards allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Type { get; set; }

    private protected override IEnumerable<object> Select(
        HostReport report, GpuInfo gpu, Action<VgpuException> fail) =>
        report.VgpusOf(gpu).Where(v => IsWantedType(Type, v.VgpuType)
            && (Function is null || Function.Any(f => Addresses.AreSame(f, v.FunctionAddress)))
            && (VmId is null || (v.VmId is { } vm && (IsWanted(VmId, Number(vm)) || IsWanted(VmId, v.VmName)))));

    private protected override IEnumerable<VgpuException> FindMissing(HostReport report) => Addresses.FindMissing(
        Function, report.Gpus.SelectMany(report.FunctionsOf).Select(f => f.FunctionAddress));
}
