using VgpuPS.Core.Cpu;
using VgpuPS.Host.Operations.Affinity;

namespace VgpuPS.Commands;

/// <summary>
/// Pins VMs to whole cores next to their GPUs, each with all its threads and apart from other pinned VMs. Several VMs
/// are planned together: name them in one call. It takes effect at their next start.
/// </summary>
/// <example>
/// <code>Connect-VgpuHost -Lab A30,A30 -Topology 2x24x2 -Name pve4; Enable-Sriov 0 -Session pve4
/// Add-VmVgpu 101,102 A30-6C -Session pve4; Set-VmVgpuAffinity 101,102 -Session pve4 -PassThru</code>
/// <para>Gives both VMs cores of the socket that the GPU is on.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "VmVgpuAffinity", SupportsShouldProcess = true, HelpUri = HelpPages.Placing)]
[OutputType(typeof(VmVgpuAffinityInfo))]
public sealed class SetVmVgpuAffinityCommand : VmChangingCommand
{
    private readonly List<string> _vms = [];

    /// <summary>
    /// How far from the GPU the CPUs may be: Required, its NUMA node only; Socket, other nodes of its socket where that
    /// has too few cores; Preferred, any node then. Socket without it.
    /// </summary>
    [Parameter]
    public AffinityPolicy Policy { get; set; } = AffinityPolicy.Socket;

    /// <summary>
    /// How the memory is kept near: Bind, or the VM does not start; Preferred, as far as there is some; None, left to
    /// the kernel. None without it.
    /// </summary>
    [Parameter]
    public MemoryPolicy Memory { get; set; } = MemoryPolicy.None;

    /// <summary>CPUs of the host by hand, such as 0-5,48-53; chosen without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? HostCpu { get; set; }

    /// <summary>CPUs and memory are read back.</summary>
    private protected override ReadHostRequest ReadBack { get; } = new(DriverMayBeMissing: true, WithAffinity: true);

    private protected override bool ChangesAnyVm => false;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _vms.AddRange(VmId.Select(v => v.Trim()));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        VmId = [.. _vms];
        if (_vms.Count > 0)
        {
            ChangeVmsOfHosts(HostUseCases.SetVmVgpuAffinity, vms =>
            [
                new SetVmVgpuAffinityRequest
                {
                    Vms = vms, Policy = Policy, Memory = Memory,
                    HostCpu = HostCpu is null ? null : string.Join(',', HostCpu),
                },
            ]);
        }

        base.EndProcessing();
    }

    private protected override IEnumerable<HostObject> Pick(HostReport report, ChangedObject changed) =>
        report.Affinity!.Where(a => a.VmId == changed.VmId);
}
