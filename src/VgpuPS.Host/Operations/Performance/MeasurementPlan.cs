using VgpuPS.Core.Performance;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Operations.Guests;

namespace VgpuPS.Host.Operations.Performance;

/// <summary>Which vGPUs are measured, and how.</summary>
/// <param name="Groups">VMs by the GPU that they share; empty where none can be measured.</param>
/// <param name="Refused">Why others are not, and why a mode is not.</param>
internal sealed record MeasurementPlan(IReadOnlyList<MeasuredGroup> Groups, IReadOnlyList<HostProblem> Refused)
{
    // Setting up and reading results, beside what is measured.
    private const int OverheadSeconds = 20;

    /// <summary>All VMs, in the order in which they were named.</summary>
    public IReadOnlyList<MeasuredVm> Vms => [.. Groups.SelectMany(g => g.Vms).OrderBy(v => v.Order)];

    /// <summary>How many measurements there are.</summary>
    public int CountRuns(MeasurementChoice choice) => choice.Workloads.Count * choice.Repeat
        * Groups.Sum(g => (g.Modes.Contains(LoadMode.Idle) ? g.Vms.Count : 0)
            + (g.Modes.Contains(LoadMode.Loaded) ? 1 : 0));

    /// <summary>The plan for display.</summary>
    public ChangePlan ToChangePlan(MeasurementChoice choice, FoundBench program, string node)
    {
        var target = string.Join(", ", Vms.Select(v => v.Label));
        var steps = new List<string>();
        if (program.Upload is { } upload)
        {
            steps.Add(upload.Describe(node));
        }

        steps.AddRange(Vms.Select(v => string.Create(CultureInfo.InvariantCulture,
            $"upload {BenchProgram.Name} ({program.Size / 1048576.0:0.0} MiB) into {v.Label}, "
                + $"{v.Os.Guest.System.Name}, and remove it afterwards")));
        var names = string.Join(", ", choice.Workloads.Select(w => w.Name));
        foreach (var group in Groups)
        {
            steps.AddRange(group.Modes.Select(mode => string.Create(CultureInfo.InvariantCulture,
                $"measure {names} on {group.Gpu.Text}: {Describe(mode, group)}, {choice.Seconds} s each"
                    + $"{(choice.Repeat > 1 ? $", {choice.Repeat} times" : "")}"
                    + $"{(choice.IsCuda ? ", with the guest's own CUDA programs" : "")}")));
        }

        var minutes = Math.Max(1, Math.Ceiling(CountRuns(choice) * (choice.Seconds + OverheadSeconds) / 60.0));
        return new ChangePlan(target, steps, [])
        {
            Afterwards = [string.Create(CultureInfo.InvariantCulture, $"it takes about {minutes:0} minutes")],
        };
    }

    private static string Describe(LoadMode mode, MeasuredGroup group) =>
        mode == LoadMode.Loaded ? string.Create(
            CultureInfo.InvariantCulture, $"Loaded, the vGPUs of {group.Vms.Count} VMs at once")
        : group.Vms.Count == 1 ? $"Idle, the vGPU of {group.Vms[0].Label} alone"
        : string.Create(CultureInfo.InvariantCulture, $"Idle, the vGPUs of {group.Vms.Count} VMs one after the other");
}

/// <summary>VMs that share a GPU.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Vms">The VMs, in the order in which they were named.</param>
/// <param name="Modes">What is measured, idle first.</param>
internal sealed record MeasuredGroup(
    MeasuredGpu Gpu, IReadOnlyList<MeasuredVm> Vms, IReadOnlyList<LoadMode> Modes);

/// <summary>A GPU whose vGPUs are measured.</summary>
/// <param name="Function">The GPU as PCI shows it.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Model">Its model.</param>
/// <param name="Text">It for display.</param>
internal sealed record MeasuredGpu(PhysicalFunction Function, string Uuid, string Model, string Text)
{
    public PciAddress Address => Function.Address;

    /// <summary>Its peaks; null where no table has them.</summary>
    public GpuPeak? Peak => GpuPeak.Find(Function.DeviceId);

    /// <summary>Version of the host's driver.</summary>
    public required string HostDriver { get; init; }

    /// <summary>Scheduler of time-sliced vGPUs; null with MIG mode on, or where there is none.</summary>
    public required string? Scheduler { get; init; }

    /// <summary>Whether ECC is on; null where it is not known.</summary>
    public required bool? Ecc { get; init; }

    /// <summary>How much its vGPUs did before, by their handle, 0 to 1; those without a figure are missing.</summary>
    public required IReadOnlyDictionary<uint, double> Loads { get; init; }

    /// <summary>VMs of its running vGPUs by their handle, for display.</summary>
    public required IReadOnlyDictionary<uint, string> Users { get; init; }
}

/// <summary>A VM whose vGPU is measured.</summary>
/// <param name="Os">Its guest.</param>
/// <param name="Vgpu">Its vGPU.</param>
/// <param name="Gpu">The GPU.</param>
/// <param name="Order">Its place among those that were named.</param>
internal sealed record MeasuredVm(LinuxGuest Os, GuestVgpu Vgpu, MeasuredGpu Gpu, int Order)
{
    public VmId Id => Os.Guest.Vm.Id;

    public string Label => Os.Guest.Vm.Label;

    /// <summary>What its GPU instance has of the GPU; null for a time-sliced vGPU, or where it is not known.</summary>
    public required InstanceShare? Share { get; init; }

    /// <summary>Version of the guest's driver.</summary>
    public required string? GuestDriver { get; init; }

    /// <summary>CPUs that the VM is pinned to; empty for none.</summary>
    public required string Affinity { get; init; }

    /// <summary>Plugin parameters of the vGPU; empty for none.</summary>
    public required string Parameters { get; init; }

    /// <summary>What may spoil its figures.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether its vGPU is on a GPU instance.</summary>
    public bool IsMigBacked => Vgpu.Active.GpuInstance is not null;
}
