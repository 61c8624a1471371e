using VgpuPS.Core.Claims;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Makes the rows of a GPU that was read, and of what its guests make of their vGPUs.</summary>
internal sealed class GpuRowReader(IGpuDriverSession driver, ClaimFile file)
{
    /// <summary>Makes the rows of a GPU.</summary>
    public GpuInfo Read(ManagedGpu gpu) => new()
    {
        GpuIndex = gpu.Index,
        GpuAddress = gpu.Address.ToString(),
        GpuUuid = gpu.Uuid.Value,
        Model = gpu.Model,
        MemoryMiB = gpu.MemoryMiB,
        NumaNode = gpu.Gpu.NumaNode,
        Mig = gpu.Mig is { } mig ? new MigReport(mig.Current, mig.Pending) : null,
        MemorySlices = gpu.Profiles.SelectMany(p => p.Placements).Select(p => p.Start + p.Size).DefaultIfEmpty(0).Max(),
        Backend = NameBackend(gpu),
        TotalFunctions = gpu.Gpu.TotalFunctions,
        EnabledFunctions = gpu.Gpu.EnabledFunctions,
        HasMixedSizes = gpu.MixedSizes,
        CanMixSizes = gpu.CanMixSizes ?? driver.GetMixedSizeMode(gpu.Address) is not null,
        Scheduler = Read(gpu.Scheduler, gpu.SchedulerLimits),
        Profiles = [.. gpu.Profiles.Select(Read)],
        Instances = [.. gpu.Instances.OrderBy(i => i.Placement).Select(i => Read(gpu, i))],
        Functions = [.. gpu.Functions.Select(f => new SriovFunctionInfo
        {
            FunctionAddress = f.Address.ToString(),
            FunctionIndex = f.Index,
            Driver = f.Driver,
            IommuGroup = f.IommuGroup,
            HasTypes = f.Backend != VgpuBackend.None,
            VgpuTypeId = (f.CurrentType ?? f.Devices.Select(d => d.Type).FirstOrDefault())?.Value,
        })],
        Vgpus = [.. gpu.Vgpus.Select(v => new VgpuInfo
        {
            VmId = v.Vm?.Value,
            VgpuTypeId = v.TypeId?.Value ?? 0,
            VgpuType = v.TypeName,
            FramebufferMiB = v.Type?.FramebufferMiB ?? 0,
            FunctionAddress = v.Function.ToString(),
            MdevUuid = v.Uuid?.Value,
            GpuInstanceId = v.Instance?.Value,
            IsRunning = v.IsRunning,
            Guest = v.Active is { } active ? ReadGuest(gpu, active) : null,
        })],
        Types = [.. gpu.Types.Values.OrderBy(t => t.Id).Select(t => Read(gpu, t))],
    };

    private static MigProfileInfo Read(GpuInstanceProfile profile) => new()
    {
        ProfileId = profile.Id.Value,
        Profile = profile.Name,
        ComputeSlices = profile.ComputeSlices,
        MemoryMiB = profile.MemoryMiB,
        Multiprocessors = profile.Multiprocessors,
        Total = profile.MaxInstances,
        Engines = profile.Engines,
        TakesMedia = profile.TakesMediaEngines,
        Placements = [.. profile.Placements.Select(w => new MigPlacementInfo { Start = w.Start, Size = w.Size })],
    };

    private static VgpuTypeInfo Read(ManagedGpu gpu, VgpuType type) => new()
    {
        VgpuTypeId = type.Id.Value,
        VgpuType = type.ShortName,
        FramebufferMiB = type.FramebufferMiB,
        Profile = type.Profile is { } profile ? gpu.NameOf(profile) : null,
        IsCreatable = gpu.Creatable?.Contains(type.Id) == true,
        Class = type.Class,
        MaxPerGpu = type.MaxPerGpu,
        MaxPerGpuInstance = type.MaxPerGpuInstance,
        MaxPerVm = type.MaxPerVm,
        IsExclusiveInVm = type.IsExclusiveInVm,
        License = type.License,
    };

    private MigInstanceInfo Read(ManagedGpu gpu, GpuInstance instance) => new()
    {
        GpuInstanceId = instance.Id.Value,
        Profile = gpu.NameOf(instance),
        ProfileId = instance.Profile.Value,
        Place = instance.Placement,
        MemoryMiB = gpu.FindProfile(instance.Profile)?.MemoryMiB ?? 0,
        Compute = [.. instance.ComputeInstances.Select(c => (Instance: c, Profile: gpu.FindProfile(instance, c)))
            .Select(c => new MigComputeInstanceInfo
            {
                ComputeInstanceId = c.Instance.Id.Value,
                ComputeProfile = gpu.NameOf(instance, c.Instance),
                ComputeSlices = c.Profile?.ComputeSlices ?? 0,
                Multiprocessors = c.Profile?.Multiprocessors ?? 0,
            })],
        VmIds =
        [
            .. gpu.Vgpus.Where(v => v.Instance == instance.Id).Select(v => v.Vm?.Value).OfType<int>().Distinct()
                .Order(),
        ],
        IsMadeByHook = file.Instances.Any(m => m.Gpu == gpu.Address && m.IsOurs && m.Instance == instance.Id),
    };

    private static VgpuSchedulerInfo? Read(VgpuScheduler? scheduler, VgpuSchedulerLimits? limits) =>
        scheduler is null ? null : new VgpuSchedulerInfo
        {
            Policy = scheduler.Policy?.ToString(),
            TimesliceMilliseconds = scheduler.Policy is null or SchedulerPolicy.BestEffort
                ? null : Milliseconds(scheduler.TimesliceNanoseconds),
            Policies = [.. limits?.Policies.Select(p => p.ToString()) ?? []],
            MinTimesliceMilliseconds = limits is null ? null : Milliseconds(limits.MinTimesliceNanoseconds),
            MaxTimesliceMilliseconds = limits is null ? null : Milliseconds(limits.MaxTimesliceNanoseconds),
        };

    private static double Milliseconds(long nanoseconds) => nanoseconds / 1e6;

    private VgpuGuestReport? ReadGuest(ManagedGpu gpu, ActiveVgpu vgpu) =>
        driver.FindGuestState(gpu.Address, vgpu) is not { } guest ? null : new VgpuGuestReport(
            guest.FramebufferUsedMiB, guest.DriverVersion, guest.License?.Status, guest.License?.Expiry);

    private static string NameBackend(ManagedGpu gpu) =>
        gpu.Functions.Any(f => f.Backend == VgpuBackend.VendorVfio) ? "vendorVfio"
        : gpu.Functions.Any(f => f.Backend == VgpuBackend.Mdev) ? "mdev"
        : "none";
}
