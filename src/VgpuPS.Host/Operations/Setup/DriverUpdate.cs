using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Doctor;
using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Host.Operations.Setup;

/// <summary>What the exchange of a running driver for another one takes along, and what brings it back.</summary>
/// <param name="Vms">VMs that run with a vGPU and must be shut down before, ascending.</param>
/// <param name="Layouts">What is on GPUs and goes with the driver; none where nothing is.</param>
/// <remarks>Source: facts/host-behaviour.md 1 and 3: functions, instances, mixed sizes and scheduler do not outlive the
/// driver's reload.</remarks>
internal sealed record DriverUpdate(IReadOnlyList<VmSubject> Vms, IReadOnlyList<GpuLayout> Layouts)
{
    /// <summary>Reads it before anything is changed.</summary>
    public static DriverUpdate Read(HostPorts host) => new(FindVms(host), FindLayouts(host));

    /// <summary>The step that brings back what was on the GPUs, for display; null where nothing was.</summary>
    public string? RestoreText => Layouts.Count == 0 ? null
        : $"restore what is on the GPUs now: {string.Join("; ", Layouts.Select(l => l.Describe()))}";

    /// <summary>The step that is left to the user, for display; null where no VM is in the way.</summary>
    public string? ShutdownText => Vms.Count == 0 ? null
        : $"by hand, before: shut down {Names}, which {(Vms.Count == 1 ? "uses" : "use")} the driver: {Shutdown}";

    private string Names => string.Join(", ", Vms.Select(v => v.Label));

    private string Shutdown => VmNotes.Shutdown(Vms.Select(v => v.Id));

    /// <exception cref="ResourceBusyException">A VM runs, whose vGPU the installer would take away.</exception>
    public void RequireIdle()
    {
        if (Vms.Count > 0)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy, $"{Names} {(Vms.Count == 1 ? "runs" : "run")} with a vGPU, "
                    + $"and the driver cannot be replaced while {(Vms.Count == 1 ? "it runs" : "they run")}",
                $"shut down, run this again, and start them afterwards: {Shutdown}", Vms[0].Id.ToString());
        }
    }

    /// <summary>Brings back what was on the GPUs.</summary>
    public async Task RestoreAsync(
        HostPorts host, string source, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        if (Layouts.Count > 0)
        {
            await new ApplyLayout(host).RunAsync(
                new ApplyLayoutRequest { Source = source, Gpus = Layouts, Reset = true }, progress, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Compares mappings that VMs name with the hardware as it is now, as Proxmox will.</summary>
    /// <returns>What is wrong, each with the command that helps.</returns>
    public static IReadOnlyList<string> FindMappingFaults(HostPorts host) =>
    [
        .. VmSnapshot.ReadAll(host, host.Settings.Load()).Select(v => v.MappingProblem).OfType<VgpuException>()
            .Select(p => $"{p.Message}; {p.RecommendedAction}").Distinct(StringComparer.Ordinal),
    ];

    private static IReadOnlyList<VmSubject> FindVms(HostPorts host)
    {
        var gpus = host.Devices.GetGpus();
        return
        [
            .. host.Proxmox.GetReservations()
                .Where(r => r.IsHeld && gpus.Any(g => IsOf(g, r.Function))).Select(r => r.Vm).Distinct()
                .Where(host.Proxmox.IsRunning).Order().Select(v => VmFinder.Read(host, v)),
        ];
    }

    // A GPU that a VM has as a whole is not the driver's.
    private static bool IsOf(PhysicalFunction gpu, PciAddress function) =>
        gpu.IndexOf(function) is not null || (gpu.Address == function && gpu.HasMediatedTypes);

    private static IReadOnlyList<GpuLayout> FindLayouts(HostPorts host)
    {
        try
        {
            return [.. new ExportLayout(host).Run(new ExportLayoutRequest()).Gpus.Where(IsMore)];
        }
        catch (HostNotReadyException)
        {
            // No driver answers, so that it has nothing to lose.
            return [];
        }
    }

    private static bool IsMore(GpuLayout layout) => layout.Sriov == true || layout.Mig == true;
}
