using VgpuPS.Core.Layout;

namespace VgpuPS.Host.Operations;

/// <summary>A GPU instance that is requested, checked against what the GPU offers.</summary>
/// <param name="Profile">Its profile.</param>
/// <param name="Placement">Where it must go; null where the planner chooses.</param>
/// <param name="ComputeInstances">Names of its compute instances; null for one that fills it, empty for none.</param>
internal sealed record InstanceRequest(
    GpuInstanceProfile Profile, Placement? Placement, IReadOnlyList<string>? ComputeInstances)
{
    /// <summary>Names of the compute instances that it shall have.</summary>
    public IReadOnlyList<string> Compute => ComputeInstances ?? [Profile.Name];

    /// <summary>For display: <c>2g.12gb at 0:2</c>.</summary>
    public string Text => Placement is { } place ? $"{Profile.Name} at {place}" : Profile.Name;

    /// <summary>Reads and checks one.</summary>
    /// <exception cref="ObjectNotFoundException">The GPU has no such profile.</exception>
    /// <exception cref="InvalidRequestException">The placement or a compute instance is none of the
    /// profile's.</exception>
    public static InstanceRequest Read(
        ManagedGpu gpu, InstanceLayout layout, Func<PciAddress, string, string?> findOtherOwner)
    {
        var profile = gpu.FindProfile(layout.Profile)
            ?? throw Unknown(gpu, layout.Profile, findOtherOwner(gpu.Address, layout.Profile));
        return new InstanceRequest(
            profile, layout.Placement is { } text ? ReadPlacement(gpu, profile, text) : null,
            layout.ComputeInstances is { } compute ? ReadCompute(gpu, profile, compute) : null);
    }

    private static ObjectNotFoundException Unknown(ManagedGpu gpu, string name, string? other)
    {
        var names = string.Join(", ", gpu.Profiles.Select(p => p.Name));
        return new ObjectNotFoundException(
            ErrorIds.ProfileNotFound,
            $"{gpu.Text} has no GPU instance profile {name}{(other is null ? "" : $", which {other} has")}; it has "
                + $"{names}",
            other is null ? $"choose one of them: Get-MigProfile -Gpu {gpu.Address}" : "name that GPU, "
                + "or choose a profile of this one", name);
    }

    private static Placement ReadPlacement(ManagedGpu gpu, GpuInstanceProfile profile, string text)
    {
        var parts = text.Trim().Split(':');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && size is > 0 and <= 31 && start + size <= 32
            && (profile.Placements.Count == 0 || profile.Placements.Contains(new Placement(start, size))))
        {
            return new Placement(start, size);
        }

        var legal = profile.Placements.Count == 0 ? "start:size, such as 0:2" : string.Join(", ", profile.Placements);
        throw new InvalidRequestException(
            ErrorIds.IllegalPlacement, $"{profile.Name} cannot be placed at {text} on {gpu.Text}; possible placements: "
                + $"{legal}",
            $"choose one of them: Get-MigPlacement -Gpu {gpu.Address} -Profile {profile.Name}", text);
    }

    /// <remarks>Source: facts/host-behaviour.md 4 and mig-profiles.json: <c>1c.2g.12gb</c>, or the GPU instance's own
    /// name.</remarks>
    private static IReadOnlyList<string> ReadCompute(
        ManagedGpu gpu, GpuInstanceProfile profile, IReadOnlyList<string> names)
    {
        var slices = names.Select(n => SlicesOf(profile, n.Trim()) ?? throw new InvalidRequestException(
            ErrorIds.ComputeProfileNotFound,
            $"{n} is not a compute instance of a {profile.Name} on {gpu.Text}: "
                + $"its compute instances are {profile.Name}, or 1c.{profile.Name} and the like",
            $"name them like this, or omit them for one that fills the GPU instance: Get-MigProfile -Gpu {gpu.Address}",
            n)).Sum();
        return slices <= profile.ComputeSlices
            ? [.. names.Select(n => Full(profile, n.Trim()))] : throw new CapacityException(
            ErrorIds.NoFreePlacement,
            $"the compute instances {string.Join(", ", names)} take {slices} compute slices, and a {profile.Name} on "
                + $"{gpu.Text} has {profile.ComputeSlices}",
            "request fewer or smaller ones", profile.Name);
    }

    /// <summary>The driver names the compute instance that fills a GPU instance like the latter.</summary>
    private static string Full(GpuInstanceProfile profile, string name) =>
        SlicesOf(profile, name) == profile.ComputeSlices ? profile.Name : name;

    private static int? SlicesOf(GpuInstanceProfile profile, string name)
    {
        if (ProfileNames.Find([profile], name) is not null)
        {
            return profile.ComputeSlices;
        }

        var end = name.IndexOf("c.", StringComparison.Ordinal);
        return end > 0 && ProfileNames.Find([profile], name[(end + 2)..]) is not null
            && int.TryParse(name.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var slices)
            && slices >= 1 && slices <= profile.ComputeSlices ? slices : null;
    }
}
