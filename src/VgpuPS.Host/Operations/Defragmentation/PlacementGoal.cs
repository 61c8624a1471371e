using VgpuPS.Host.Operations.VmVgpus;

namespace VgpuPS.Host.Operations.Defragmentation;

/// <summary>What shall fit, and on which GPUs.</summary>
/// <param name="Name">Profile or type, for display.</param>
/// <param name="Targets">GPUs that it may be on, each with its own profile and type of that name.</param>
internal sealed record PlacementGoal(string Name, IReadOnlyList<PlacementTarget> Targets)
{
    /// <summary>Whether it is a type that needs no GPU instance.</summary>
    public bool IsTimeSliced => Targets[0].Profile is null;

    /// <summary>Whether a GPU is one of those.</summary>
    public bool Includes(PciAddress gpu) => Targets.Any(t => t.Gpu.Address == gpu);

    /// <summary>Finds what a request means.</summary>
    /// <exception cref="ObjectNotFoundException">No GPU has it.</exception>
    /// <exception cref="HostNotReadyException">GPUs have it, and their MIG mode rules it out.</exception>
    /// <exception cref="InvalidRequestException">Not exactly one of profile and type is named.</exception>
    public static PlacementGoal Find(
        GpuReader reader, IReadOnlyList<ManagedGpu> all, OptimizePlacementRequest request)
    {
        var (type, profile) = (VgpuRequest.Text(request.Type), VgpuRequest.Text(request.Profile));
        if (type is null == profile is null)
        {
            throw new InvalidRequestException(
                type is null ? ErrorIds.MissingParameter : ErrorIds.ConflictingParameters,
                type is null ? "neither a profile nor a type is named that shall fit"
                    : $"both a profile ({profile}) and a type ({type}) are named",
                "name one of them: -Profile 2g.12gb, or -Type A30-6C; Get-MigProfile and Get-VgpuType list them");
        }

        var addresses = request.Gpus.SelectMany(reader.Find).Select(g => g.Address).ToHashSet();
        var gpus = request.Gpus.Count == 0 ? all : [.. all.Where(g => addresses.Contains(g.Address))];
        if (gpus.Count == 0)
        {
            throw new ObjectNotFoundException(
                ErrorIds.DeviceNotFound,
                $"no GPU is meant by {string.Join(", ", request.Gpus.DefaultIfEmpty("nothing: the driver has none"))}",
                "see the GPUs: Get-Gpu");
        }

        return type is null ? ByProfile(profile!, gpus) : ByType(type, gpus);
    }

    private static PlacementGoal ByProfile(string name, IReadOnlyList<ManagedGpu> gpus)
    {
        var found = gpus.Where(IsReady).Select(g => (Gpu: g, Profile: g.FindProfile(name)))
            .Where(g => g.Profile is not null).Select(g => new PlacementTarget(g.Gpu, null, g.Profile)).ToList();
        if (found.Count > 0)
        {
            return new PlacementGoal(found[0].Profile!.Name, found);
        }

        // With MIG mode off a GPU does not say which profiles it has.
        if (gpus.FirstOrDefault(g => g.MayHaveProfile(name) && !IsReady(g)
            && !gpus.Any(o => IsReady(o) && o.Model == g.Model)) is { } off)
        {
            throw ModeIsOff(name, off);
        }

        var all = gpus.SelectMany(g => g.Profiles).Select(p => p.Name).Distinct().ToList();
        throw new ObjectNotFoundException(
            ErrorIds.ProfileNotFound,
            $"no GPU instance profile {name} is known to {string.Join(" and ", gpus.Select(g => g.Text))}",
            all.Count == 0 ? "name a type that they have instead: Get-VgpuType"
                : $"use one of these: {string.Join(", ", all)}", name);
    }

    private static PlacementGoal ByType(string name, IReadOnlyList<ManagedGpu> gpus)
    {
        var known = VgpuTypeChoice.Find(new VgpuRequest(name, null, null), gpus);
        var found = known.Where(k => k.Gpu.FitsMode(k.Type) && (!k.Type.IsMigBacked || IsReady(k.Gpu)))
            .Select(k => new PlacementTarget(
                gpus.First(g => g.Address == k.Gpu.Address), k.Type,
                k.Type.Profile is { } id ? k.Gpu.FindProfile(id) : null)).ToList();
        return found.Count > 0 ? new PlacementGoal(found[0].Type!.ShortName, found)
            : throw ModeIsOff(name, gpus.First(g => g.Address == known[0].Gpu.Address));
    }

    private static bool IsReady(GpuState gpu) => gpu.Mig is { Current: true, Pending: true };

    private static HostNotReadyException ModeIsOff(string name, ManagedGpu gpu) => new(
        ErrorIds.MigModeMismatch,
        $"{name} needs MIG mode, and {gpu.Text} has it off"
            + (gpu.Mig!.Current != gpu.Mig.Pending ? " or changes it at its next reset" : ""),
        $"enable it while no VM uses the GPU: Enable-MigMode {gpu.Address}", gpu.Address.ToString());
}

/// <summary>A GPU on which something shall fit.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Type">The type; null where only a profile was named.</param>
/// <param name="Profile">The profile; null for a time-sliced type.</param>
internal sealed record PlacementTarget(ManagedGpu Gpu, VgpuType? Type, GpuInstanceProfile? Profile);
