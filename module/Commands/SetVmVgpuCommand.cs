using System.Collections;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Commands;

/// <summary>Changes a vGPU that a VM's configuration requests; what is not named stays as it is.</summary>
/// <example>
/// <code>Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Set-VmVgpu 101 -Type A30-12C -PassThru</code>
/// <para>Gives VM 101 a bigger vGPU at its next start.</para>
/// </example>
/// <example>
/// <code>
/// Enable-Sriov 0; Add-VmVgpu 101 A30-6C -Parameter @{disable_vnc=1; frame_rate_limiter=0}
/// Set-VmVgpu 101 -Parameter @{frame_rate_limiter=$null}
/// </code>
/// <para>Takes one plugin parameter away; the other stays.</para>
/// </example>
/// <seealso cref="GetVgpuTypeCommand"/>
[Cmdlet(VerbsCommon.Set, "VmVgpu", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VmVgpuInfo))]
public sealed class SetVmVgpuCommand : VmChangingCommand
{
    /// <summary>The entry, hostpciN or N; the VM's only vGPU without it.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VmEntryCompleter))]
    [AllowEmptyString]
    public string? Entry { get; set; }

    /// <summary>New type by name (A30-2-12C), number or nvidia-N.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    public string? Type { get; set; }

    /// <summary>New type by GPU instance profile (2g.12gb).</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MigProfileCompleter))]
    public string? Profile { get; set; }

    /// <summary>New type by least frame buffer, such as 12GB.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MemoryCompleter))]
    public string? Memory { get; set; }

    /// <summary>New virtual function by address.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FreeFunctionCompleter))]
    public string? Function { get; set; }

    /// <summary>New cluster mapping.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MappingCompleter))]
    public string? Mapping { get; set; }

    /// <summary>Makes it the guest's primary display, or with :$false no more.</summary>
    [Parameter]
    public SwitchParameter PrimaryGpu { get; set; }

    /// <summary>Shows the guest a PCI Express device, or with :$false a PCI one.</summary>
    [Parameter]
    public SwitchParameter PciExpress { get; set; }

    /// <summary>Plugin parameters of the vGPU, such as @{enable_uvm=1}; a value of $null takes one away, $null or @{}
    /// all of them. What it has stays without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VgpuParameterCompleter))]
    [AllowNull]
    public IDictionary? Parameter { get; set; }

    private protected override bool ChangesAnyVm => false;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeVms(HostUseCases.SetVmVgpu, vm => new SetVmVgpuRequest
    {
        Vm = vm,
        Entry = string.IsNullOrWhiteSpace(Entry) ? null : Entry,
        Type = Type,
        Profile = Profile,
        MemoryMiB = MemorySize.ToMiB(Memory),
        Function = Function,
        Mapping = Mapping,
        PrimaryGpu = MyInvocation.BoundParameters.ContainsKey(nameof(PrimaryGpu)) ? (bool)PrimaryGpu : null,
        PciExpress = MyInvocation.BoundParameters.ContainsKey(nameof(PciExpress)) ? (bool)PciExpress : null,
        Parameters = MyInvocation.BoundParameters.ContainsKey(nameof(Parameter))
            ? ParameterTable.Read(Parameter) : null,
    });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).SelectMany(v => v.Vgpus)
            .Where(v => v.Entry == changed.Entry && v.State != "removing");
}
