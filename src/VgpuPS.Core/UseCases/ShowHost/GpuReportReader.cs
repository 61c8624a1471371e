using VgpuPS.Core.Contracts;
using VgpuPS.Core.Mig;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>Reports a GPU that was read, and what its guests make of their vGPUs.</summary>
internal sealed class GpuReportReader(IGpuDriverSession driver, ClaimFile file)
{
    /// <summary>Makes the report of a GPU.</summary>
    public GpuReport Read(ManagedGpu gpu) => new()
    {
        Index = gpu.Index,
        Address = gpu.Address.ToString(),
        Uuid = gpu.Uuid.Value,
        Model = gpu.Model,
        MemoryMiB = gpu.MemoryMiB,
        NumaNode = gpu.Gpu.NumaNode,
        Mig = gpu.Mig is { } mig ? new MigReport(mig.Current, mig.Pending) : null,
        MemorySlices = gpu.Profiles.SelectMany(p => p.Placements).Select(p => p.Start + p.Size).DefaultIfEmpty(0).Max(),
        Backend = NameBackend(gpu),
        TotalFunctions = gpu.Gpu.TotalFunctions,
        EnabledFunctions = gpu.Gpu.EnabledFunctions,
        MixedSizes = gpu.MixedSizes,
        CanMixSizes = gpu.CanMixSizes ?? driver.GetMixedSizeMode(gpu.Address) is not null,
        Scheduler = Report(gpu.Scheduler, gpu.SchedulerLimits),
        Profiles = [.. gpu.Profiles.Select(p => new ProfileReport(
            p.Id.Value, p.Name, p.ComputeSlices, p.MemoryMiB, p.Multiprocessors, p.MaxInstances, p.Engines,
            p.TakesMediaEngines, [.. p.Placements.Select(w => new PlacementReport(w.Start, w.Size))]))],
        Instances = [.. gpu.Instances.OrderBy(i => i.Placement).Select(i => Report(gpu, i))],
        Functions = [.. gpu.Functions.Select(f => new FunctionReport(
            f.Address.ToString(), f.Index, f.Driver, f.IommuGroup,
            (f.CurrentType ?? f.Devices.Select(d => d.Type).FirstOrDefault())?.Value))],
        Vgpus = [.. gpu.Vgpus.Select(v => new VgpuReport(
            v.Vm?.Value, v.TypeId?.Value ?? 0, v.TypeName, v.Type?.FramebufferMiB ?? 0, v.Function.ToString(),
            v.Uuid?.Value, v.Instance?.Value, v.IsRunning, v.Active is { } active ? ReadGuest(gpu, active) : null))],
        Types = [.. gpu.Types.Values.OrderBy(t => t.Id).Select(t => new VgpuTypeReport(
            t.Id.Value, t.ShortName, t.FramebufferMiB, t.Profile is { } p ? gpu.NameOf(p) : null,
            gpu.Creatable?.Contains(t.Id) == true, t.Class, t.MaxPerGpu, t.MaxPerGpuInstance, t.MaxPerVm,
            t.IsExclusiveInVm, t.License))],
    };

    private InstanceReport Report(ManagedGpu gpu, GpuInstance instance) => new(
        instance.Id.Value, gpu.NameOf(instance), instance.Profile.Value,
        new PlacementReport(instance.Placement.Start, instance.Placement.Size),
        gpu.FindProfile(instance.Profile)?.MemoryMiB ?? 0,
        [
            .. instance.ComputeInstances.Select(c => (c.Id, Name: gpu.NameOf(instance, c), Profile: gpu.FindProfile(instance, c)))
                .Select(c => new ComputeInstanceReport(
                    c.Id.Value, c.Name, c.Profile?.ComputeSlices ?? 0, c.Profile?.Multiprocessors ?? 0)),
        ],
        [.. gpu.Vgpus.Where(v => v.Instance == instance.Id).Select(v => v.Vm?.Value).OfType<int>().Distinct().Order()],
        file.Instances.Any(m => m.Gpu == gpu.Address && m.IsOurs && m.Instance == instance.Id));

    private static SchedulerReport? Report(VgpuScheduler? scheduler, VgpuSchedulerLimits? limits) =>
        scheduler is null ? null : new SchedulerReport(
            scheduler.Policy?.ToString(),
            scheduler.Policy is null or SchedulerPolicy.BestEffort ? null : Milliseconds(scheduler.TimesliceNanoseconds),
            [.. limits?.Policies.Select(p => p.ToString()) ?? []],
            limits is null ? null : Milliseconds(limits.MinTimesliceNanoseconds),
            limits is null ? null : Milliseconds(limits.MaxTimesliceNanoseconds));

    private static double Milliseconds(long nanoseconds) => nanoseconds / 1e6;

    private VgpuGuestReport? ReadGuest(ManagedGpu gpu, ActiveVgpu vgpu) =>
        driver.FindGuestState(gpu.Address, vgpu) is not { } guest ? null : new VgpuGuestReport(
            guest.FramebufferUsedMiB, guest.DriverVersion, guest.License?.Status, guest.License?.Expiry);

    private static string NameBackend(ManagedGpu gpu) =>
        gpu.Functions.Any(f => f.Backend == VgpuBackend.VendorVfio) ? "vendorVfio"
        : gpu.Functions.Any(f => f.Backend == VgpuBackend.Mdev) ? "mdev"
        : "none";
}
