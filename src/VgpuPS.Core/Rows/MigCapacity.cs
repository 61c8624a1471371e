namespace VgpuPS.Core.Rows;

/// <summary>What a GPU still has capacity for: how many of each profile, and at which placements.</summary>
internal static class MigCapacity
{
    /// <summary>Fills it in; nothing is free with MIG mode off.</summary>
    public static void Fill(GpuInfo gpu)
    {
        List<ProfileShape> shapes =
        [
            .. gpu.Profiles.Where(p => p.Placements.Count > 0).Select(p => new ProfileShape(
                p.Profile, [.. p.Placements.Select(w => w.Place).Order()], p.TakesMedia)),
        ];
        var occupancy = new Occupancy(
            gpu.Instances.Aggregate(0u, (mask, i) => mask | i.Place.Mask),
            gpu.Instances.Any(
                i => gpu.Profiles.FirstOrDefault(p => p.ProfileId == i.ProfileId) is { TakesMedia: true }));
        foreach (var profile in gpu.Profiles)
        {
            profile.VgpuTypes = [.. gpu.Types.Where(t => t.Profile == profile.Profile).Select(t => t.VgpuType)];
            if (shapes.Find(s => s.Name == profile.Profile) is { } shape)
            {
                Fill(gpu, profile, shape, occupancy);
            }
        }
    }

    private static void Fill(GpuInfo gpu, MigProfileInfo profile, ProfileShape shape, Occupancy occupancy)
    {
        var isOn = gpu.MigCurrent == true;
        profile.Free = isOn ? occupancy.Count(shape, profile.Total) : 0;
        foreach (var place in profile.Placements)
        {
            place.IsFree = isOn && occupancy.Takes(shape, place.Place);
            place.TakenBy =
                [.. gpu.Instances.Where(i => i.Place.Overlaps(place.Place)).Select(i => i.GpuInstanceId).Order()];
        }
    }
}
