using System.Globalization;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Layout;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.Inventory;

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

/// <summary>A compute instance.</summary>
/// <param name="Id">Its id within the GPU instance.</param>
/// <param name="Profile">Name of its profile, such as <c>1c.2g.12gb</c>.</param>
/// <param name="ComputeSlices">Compute slices.</param>
/// <param name="Multiprocessors">SMs.</param>
public sealed record ComputeInstanceReport(uint Id, string Profile, int ComputeSlices, int Multiprocessors)
{
    /// <summary>Its id.</summary>
    public override string ToString() => Id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Where an instance sits, in memory slices.</summary>
/// <param name="Start">First slice, from 0.</param>
/// <param name="Size">Number of slices.</param>
public sealed record PlacementReport(int Start, int Size);

/// <summary>The scheduler of a GPU's time-sliced vGPUs.</summary>
/// <param name="Policy"><c>BestEffort</c>, <c>EqualShare</c>, <c>FixedShare</c>; null when the driver reports
/// none.</param>
/// <param name="TimesliceMilliseconds">Length of a slice; null where the policy has none.</param>
/// <param name="Policies">Policies that can be set.</param>
/// <param name="MinTimesliceMilliseconds">Shortest slice; null when unknown.</param>
/// <param name="MaxTimesliceMilliseconds">Longest slice; null when unknown.</param>
public sealed record SchedulerReport(
    string? Policy, double? TimesliceMilliseconds, IReadOnlyList<string> Policies, double? MinTimesliceMilliseconds,
    double? MaxTimesliceMilliseconds);

/// <summary>What the host's driver sees of the guest behind a running vGPU.</summary>
/// <param name="FramebufferUsedMiB">Frame buffer in use, in MiB; null when unknown.</param>
/// <param name="DriverVersion">Version of the guest's driver; null until it is up.</param>
/// <param name="LicenseStatus">State of its licence, such as <c>Licensed</c>; null until its driver is up.</param>
/// <param name="LicenseExpiry">When its licence ends; null for none, a permanent one, or when unknown.</param>
public sealed record VgpuGuestReport(
    long? FramebufferUsedMiB, string? DriverVersion, string? LicenseStatus, DateTimeOffset? LicenseExpiry);
