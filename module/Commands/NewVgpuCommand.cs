using VgpuPS.Host.Operations.Vgpus;

namespace VgpuPS.Commands;

/// <summary>Creates a vGPU by hand, on a function or on the first free one of a GPU, whichever way the host hands them
/// out.</summary>
/// <remarks>VMs need none created by hand: the hook makes theirs at each start.</remarks>
/// <example>
/// <code>
/// Enable-MigMode 0 -Reset
/// Enable-Sriov 0
/// New-MigInstance 0 -Profile 2g.12gb
/// New-Vgpu -Gpu 0 -Type A30-2-12C
/// </code>
/// <para>Creates one on the first free function of GPU 0.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 0; Get-SriovFunction -Gpu 0 -Free | Select-Object -First 1 | New-Vgpu -Type A30-8C</code>
/// <para>Creates one on that function.</para>
/// </example>
/// <seealso cref="GetVgpuTypeCommand"/>
/// <seealso cref="GetSriovFunctionCommand"/>
[Cmdlet(VerbsCommon.New, "Vgpu", SupportsShouldProcess = true, DefaultParameterSetName = GpuSet,
    HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VgpuInfo))]
public sealed class NewVgpuCommand : ChangingCommand
{
    private const string GpuSet = "Gpu";
    private const string FunctionSet = "Function";

    /// <summary>The GPU: by index, UUID, address in any form, or model.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = GpuSet, ValueFromPipeline = true)]
    [Alias("GpuUuid")]
    [Identity("GpuUuid", Of = nameof(GpuInfo))]
    [ArgumentCompleter(typeof(GpuCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Gpu { get; set; }

    /// <summary>The function, by address in any form.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FunctionSet, ValueFromPipelineByPropertyName = true)]
    [Alias("FunctionAddress")]
    [ArgumentCompleter(typeof(FreeFunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Function { get; set; }

    /// <summary>Its type, by name (A30-2-12C) or number (690, nvidia-690).</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string Type { get; set; } = "";

    /// <summary>UUID of the mediated device, where the host uses these; a new one without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    public Guid? Uuid { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Gpu is { } gpu)
        {
            ChangeGpus(HostUseCases.CreateVgpu, [gpu], Request);
        }
        else
        {
            Change(HostUseCases.CreateVgpu, () => [Request(null)]);
        }
    }

    private protected override bool IsCreating => true;

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Gpus.SelectMany(report.VgpusOf)
            .Where(v => v.FunctionAddress == changed.FunctionAddress && v.MdevUuid == changed.MdevUuid);

    private CreateVgpuRequest Request(string? gpu) => new()
    {
        Gpu = gpu,
        FunctionAddress = Function,
        Type = Type,
        Uuid = (Uuid ?? Guid.NewGuid()).ToString("D"),
    };
}
