using System.Collections;
using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Commands;

/// <summary>Gives VMs a vGPU: picks GPU, virtual function and a free hostpciN, writes it through qm set, and puts the
/// hook on the VM.</summary>
/// <remarks>
/// Of -Type, -Profile and -Memory exactly one says what the VM gets; blank cells of a CSV file count as absent. Another
/// hookscript of the VM is kept: ours runs it as before.
/// </remarks>
/// <example>
/// <code>Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu -VmId 101 -Type A30-2-12C</code>
/// <para>Gives VM 101 half an A30 with memory and SMs of its own.</para>
/// </example>
/// <example>
/// <code>Enable-Sriov 1; Add-VmVgpu build -Memory 12GB -WhatIf</code>
/// <para>Shows which type with at least 12 GiB the VM named build would get, and where.</para>
/// </example>
/// <example>
/// <code>
/// Enable-Sriov 0,1
/// Set-Content vms.csv 'VmId,Type,Memory', '101,A30-8C,', '102,,8GB'
/// Import-Csv vms.csv | Add-VmVgpu
/// </code>
/// <para>Gives each VM of a file its vGPU.</para>
/// </example>
/// <example>
/// <code>Enable-MigMode 0 -Reset; Enable-Sriov 0; Add-VmVgpu 101 A30-2-12C -Parameter @{enable_uvm=1}</code>
/// <para>Gives VM 101 unified memory too, which the hook switches on before the VM starts.</para>
/// </example>
/// <seealso cref="GetVgpuTypeCommand"/>
/// <seealso cref="RegisterVgpuHookCommand"/>
[Cmdlet(VerbsCommon.Add, "VmVgpu", SupportsShouldProcess = true, HelpUri = HelpPages.PowerShell)]
[OutputType(typeof(VmVgpuInfo))]
public sealed class AddVmVgpuCommand : VmChangingCommand
{
    /// <summary>Type by name (A30-2-12C), number or nvidia-N.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("VgpuType")]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [AllowEmptyString]
    public string? Type { get; set; }

    /// <summary>GPU instance profile (2g.12gb): the type of that profile that fills an instance.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MigProfileCompleter))]
    [AllowEmptyString]
    public string? Profile { get; set; }

    /// <summary>Least frame buffer, such as 12GB: the smallest type that has it, MIG-backed only where MIG mode is
    /// on.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MemoryCompleter))]
    [AllowEmptyString]
    public string? Memory { get; set; }

    /// <summary>Virtual function by address; chosen without it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("FunctionAddress")]
    [ArgumentCompleter(typeof(FreeFunctionCompleter))]
    [AllowEmptyString]
    public string? Function { get; set; }

    /// <summary>Cluster mapping, of which Proxmox takes a function at each start.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MappingCompleter))]
    [AllowEmptyString]
    public string? Mapping { get; set; }

    /// <summary>Makes it the guest's primary display.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchText]
    public SwitchParameter PrimaryGpu { get; set; }

    /// <summary>Shows the guest a PCI Express device, or with :$false a PCI one; without it what the VM's machine
    /// can.</summary>
    [Parameter]
    public SwitchParameter PciExpress { get; set; }

    /// <summary>Plugin parameters of the vGPU, such as @{enable_uvm=1}; a value of $null takes one away, $null or @{}
    /// all of them. A cell of a table is read too (enable_uvm=1), a blank one counts as absent. What it has stays
    /// without it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ParameterText]
    [ArgumentCompleter(typeof(VgpuParameterCompleter))]
    [AllowNull]
    public IDictionary? Parameter { get; set; }

    /// <summary>Leaves the VM's hookscript as it is.</summary>
    [Parameter]
    public SwitchParameter NoHook { get; set; }

    /// <summary>Storage for the hook; the one that has it already, or local, without it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(StorageCompleter))]
    [AllowEmptyString]
    public string? Storage { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ChangeVms(HostUseCases.AddVmVgpu, vm => new AddVmVgpuRequest
    {
        Vm = vm,
        Type = Type,
        Profile = Profile,
        MemoryMiB = MemorySize.ToMiB(Memory),
        Function = Function,
        Mapping = Mapping,
        PrimaryGpu = PrimaryGpu,
        PciExpress = MyInvocation.BoundParameters.ContainsKey(nameof(PciExpress)) ? (bool)PciExpress : null,
        Parameters = MyInvocation.BoundParameters.ContainsKey(nameof(Parameter))
            && !ReferenceEquals(Parameter, ParameterTextAttribute.Absent) ? ParameterTable.Read(Parameter) : null,
        RegisterHook = !NoHook,
        Storage = Storage,
    });

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Vms.Where(v => v.Id == changed.VmId).SelectMany(v => v.Vgpus)
            .Where(v => v.Entry == changed.Entry && v.State != "removing");
}
