using VgpuPS.Core.Gpu;
using VgpuPS.Core.Rows;

namespace VgpuPS.Host.Operations.Inventory;

public sealed partial class HostInventory
{
    /// <summary>Profiles of a GPU's instances with what is free of each now, none with MIG mode off, in the driver's order.</summary>
    public IEnumerable<MigProfileInfo> ProfilesOf(GpuReport gpu)
    {
        var shapes = ShapesOf(gpu);
        var occupancy = OccupancyOf(gpu);
        return gpu.Profiles.Select(profile => new MigProfileInfo
        {
            VgpuHost = session,
            GpuUuid = gpu.Uuid,
            GpuAddress = gpu.Address,
            Profile = profile.Name,
            ProfileId = profile.Id,
            Free = gpu.Mig is { Current: true } ? CountFree(shapes, occupancy, profile) : 0,
            Total = profile.MaxInstances,
            MemoryMiB = profile.MemoryMiB,
            ComputeSlices = profile.ComputeSlices,
            MemorySlices = profile.Placements.Count == 0 ? 0 : profile.Placements[0].Size,
            Multiprocessors = profile.Multiprocessors,
            CopyEngines = profile.Engines.Copy,
            Decoders = profile.Engines.Decoder,
            Encoders = profile.Engines.Encoder,
            JpegEngines = profile.Engines.Jpeg,
            OpticalFlowEngines = profile.Engines.OpticalFlow,
            VgpuTypes = [.. gpu.Types.Where(t => t.Profile == profile.Name).Select(t => t.Name)],
        });
    }

    /// <summary>Places of all profiles of a GPU, by profile in the driver's order, ascending start; none is free with MIG mode off.</summary>
    public IEnumerable<MigPlacementInfo> PlacementsOf(GpuReport gpu)
    {
        var shapes = ShapesOf(gpu);
        var occupancy = OccupancyOf(gpu);
        return
            from profile in gpu.Profiles
            let shape = shapes.FirstOrDefault(s => s.Name == profile.Name)
            where shape is not null
            from window in shape.Windows
            select new MigPlacementInfo
            {
                VgpuHost = session,
                GpuUuid = gpu.Uuid,
                GpuAddress = gpu.Address,
                Profile = profile.Name,
                Placement = window.ToString(),
                Start = window.Start,
                Size = window.Size,
                IsFree = gpu.Mig is { Current: true } && occupancy.Takes(shape, window),
                TakenBy = [.. gpu.Instances.Where(i => PlaceOf(i).Overlaps(window)).Select(i => i.Id).Order()],
            };
    }

    /// <summary>GPU instances of a GPU, ascending placement.</summary>
    public IEnumerable<MigInstanceInfo> InstancesOf(GpuReport gpu) => gpu.Instances.Select(instance => new MigInstanceInfo
    {
        VgpuHost = session,
        GpuUuid = gpu.Uuid,
        GpuAddress = gpu.Address,
        GpuInstanceId = instance.Id,
        Profile = instance.Profile,
        ProfileId = instance.ProfileId,
        Placement = PlaceOf(instance).ToString(),
        MemoryMiB = instance.MemoryMiB,
        ComputeInstances = [.. instance.ComputeInstances.Select(c => c.Profile)],
        VmIds = instance.VmIds,
        IsMadeByHook = instance.IsMadeByHook,
    });

    /// <summary>Compute instances of a GPU, by GPU instance in the order of their placement.</summary>
    public IEnumerable<MigComputeInstanceInfo> ComputeInstancesOf(GpuReport gpu) =>
        from instance in gpu.Instances
        from compute in instance.ComputeInstances
        select new MigComputeInstanceInfo
        {
            VgpuHost = session,
            GpuUuid = gpu.Uuid,
            GpuAddress = gpu.Address,
            GpuInstanceId = instance.Id,
            ComputeInstanceId = compute.Id,
            ComputeProfile = compute.Profile,
            ComputeSlices = compute.ComputeSlices,
            Multiprocessors = compute.Multiprocessors,
            VmIds = instance.VmIds,
        };

    private static Placement PlaceOf(InstanceReport instance) => new(instance.Placement.Start, instance.Placement.Size);

    private static List<ProfileShape> ShapesOf(GpuReport gpu) =>
    [
        .. gpu.Profiles.Where(p => p.Placements.Count > 0).Select(p => new ProfileShape(
            p.Name, [.. p.Placements.Select(w => new Placement(w.Start, w.Size)).Order()], p.TakesMedia)),
    ];

    private static Occupancy OccupancyOf(GpuReport gpu) => new(
        gpu.Instances.Aggregate(0u, (mask, i) => mask | PlaceOf(i).Mask),
        gpu.Instances.Any(i => gpu.Profiles.FirstOrDefault(p => p.Id == i.ProfileId) is { TakesMedia: true }));

    /// <summary>How many of a profile fit beside what is there: windows of one profile are laid from the left.</summary>
    private static int CountFree(List<ProfileShape> shapes, Occupancy occupancy, ProfileReport profile)
    {
        if (shapes.FirstOrDefault(s => s.Name == profile.Name) is not { } shape)
        {
            return 0;
        }

        var count = 0;
        foreach (var window in shape.Windows)
        {
            if (occupancy.Takes(shape, window) && count < profile.MaxInstances)
            {
                occupancy = occupancy.With(shape, window);
                count++;
            }
        }

        return count;
    }
}

/// <summary>A GPU instance.</summary>
/// <param name="Id">Its id on the GPU.</param>
/// <param name="Profile">Name of its profile, such as <c>2g.12gb</c>.</param>
/// <param name="ProfileId">The profile's number, as nvidia-smi prints it.</param>
/// <param name="Placement">Where it sits, in memory slices.</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
/// <param name="ComputeInstances">Its compute instances, ascending id.</param>
/// <param name="VmIds">VMs with a running vGPU on it, ascending.</param>
/// <param name="IsMadeByHook">Whether the hook made it, and will destroy it when it is no longer needed.</param>
public sealed record InstanceReport(
    uint Id, string Profile, uint ProfileId, PlacementReport Placement, long MemoryMiB,
    IReadOnlyList<ComputeInstanceReport> ComputeInstances, IReadOnlyList<int> VmIds, bool IsMadeByHook);

/// <summary>A size in which a GPU can be cut.</summary>
/// <param name="Id">Its number, as nvidia-smi prints it.</param>
/// <param name="Name">Its name, such as <c>2g.12gb</c>.</param>
/// <param name="ComputeSlices">Compute slices.</param>
/// <param name="MemoryMiB">Memory in MiB.</param>
/// <param name="Multiprocessors">SMs.</param>
/// <param name="MaxInstances">How many fit on an empty GPU.</param>
/// <param name="Engines">Fixed-function engines.</param>
/// <param name="TakesMedia">Whether it needs the media engines, which one instance of a GPU can have.</param>
/// <param name="Placements">Where it may sit, ascending start; none where the driver reports none (MIG mode
/// off).</param>
public sealed record ProfileReport(
    uint Id, string Name, int ComputeSlices, long MemoryMiB, int Multiprocessors, int MaxInstances, EngineCounts Engines,
    bool TakesMedia, IReadOnlyList<PlacementReport> Placements);
