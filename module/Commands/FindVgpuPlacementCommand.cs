using VgpuPS.Host.Operations.Capacity;

namespace VgpuPS.Commands;

/// <summary>Shows where the next vGPUs of a type should go, with cost, runner-up and reason; changes nothing.</summary>
/// <remarks>
/// Each place counts beside all VMs that run, all that are configured and stopped, and the places before it. For GPU
/// instances the cost is the planner's price of the slices; vGPUs of one size go together, so that empty GPUs stay free
/// for others.
/// </remarks>
/// <example>
/// <code>Enable-Sriov 0,1; Find-VgpuPlacement A30-6C -Count 3</code>
/// <para>Shows where three vGPUs should go.</para>
/// </example>
/// <example>
/// <code>Enable-MigMode 0 -Reset; Enable-Sriov 0; Find-VgpuPlacement -Profile 2g.12gb | Add-VmVgpu 101</code>
/// <para>Gives VM 101 the best place.</para>
/// </example>
/// <seealso cref="GetVgpuCapacityCommand"/>
/// <seealso cref="OptimizeVgpuPlacementCommand"/>
/// <seealso cref="AddVmVgpuCommand"/>
[Cmdlet(VerbsCommon.Find, "VgpuPlacement", HelpUri = HelpPages.Placing)]
[OutputType(typeof(VgpuPlacementInfo))]
public sealed class FindVgpuPlacementCommand : SessionCommand
{
    /// <summary>Type by name (A30-2-12C), number or nvidia-N.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("VgpuType")]
    [ArgumentCompleter(typeof(VgpuTypeCompleter))]
    [AllowEmptyString]
    public string? Type { get; set; }

    /// <summary>GPU instance profile (2g.12gb): the type of that profile that fills an instance.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MigProfileCompleter))]
    [AllowEmptyString]
    public string? Profile { get; set; }

    /// <summary>Least frame buffer, such as 12GB: the smallest type that has it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MemoryCompleter))]
    [AllowEmptyString]
    public string? Memory { get; set; }

    /// <summary>How many; 1 without it.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 1024)]
    public int Count { get; set; } = 1;

    /// <summary>Cluster mapping: only the functions that it has on each host count, and Proxmox chooses among
    /// them.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MappingCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Mapping { get; set; }

    /// <summary>Memory of each VM, such as 16GB; the host's memory is left aside without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MemoryCompleter))]
    [ValidateNotNullOrEmpty]
    public string? VmMemory { get; set; }

    /// <summary>CPUs of each VM; left aside without it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NoCompleter))]
    [ValidateRange(1, 8192)]
    public int? VmCpu { get; set; }

    /// <summary>Leaves stopped VMs aside: their vGPUs may be in the way when they start.</summary>
    [Parameter]
    public SwitchParameter IgnoreStopped { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (sink, token) =>
    {
        var request = new FindPlacementRequest
        {
            Type = Type,
            Profile = Profile,
            MemoryMiB = MemorySize.ToMiB(Memory),
            Count = Count,
            Mapping = Mapping,
            VmMemoryMiB = MemorySize.ToMiB(VmMemory),
            VmCpus = VmCpu,
            IgnoreStopped = IgnoreStopped,
        };
        Write(sink, await ReadingRunner.GatherAsync(
            sink, HostSessions.ForReading(Session), HostUseCases.FindPlacement, request, token).ConfigureAwait(false));
    });

    private void Write(ICommandSink sink, IReadOnlyList<(string Host, PlacementReport Report)> reports)
    {
        var places = PlacementMerge.Of(reports.Select(r => r.Report.Places), Count);
        foreach (var place in places)
        {
            sink.WriteObject(place);
        }

        if (places.Count == Count || reports.Count == 0)
        {
            return;
        }

        var name = Type ?? Profile ?? Memory;
        sink.WriteFailure(new CapacityException(
            ErrorIds.PlacementsExceedCapacity,
            $"{places.Count} of {Count} vGPUs of {name} fit: " + string.Join(
                "; ", reports.Select(r => $"{r.Host}: {r.Report.Refusal ?? "no more are free"}")),
            reports.Any(r => r.Report.MovesHelp)
                ? "one more would fit if VMs were started again elsewhere: Optimize-VgpuPlacement "
                    + (Profile is null ? $"-Type {Type ?? "<type>"}" : $"-Profile {Profile}") + " -WhatIf"
                : "no other order of the VMs makes more fit; choose another size, or stop VMs: Get-VgpuCapacity",
            name));
    }
}
