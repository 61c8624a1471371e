namespace VgpuPS.Host.Operations.VmVgpus;

/// <summary>Finds the type that a request means on each GPU.</summary>
/// <remarks>
/// Of several types that a profile or a memory size means, one without media engines comes first, then one with fewer
/// compute slices, then by the letter at the end of its name: Q, C, B, A. A vGPU of class Q does what one of class C
/// does and has displays as well (assumed, NVIDIA's vGPU user guide); where a GPU has C alone, such as an A30, it is C.
/// </remarks>
internal static class VgpuTypeChoice
{
    private const string Classes = "QCBA";

    /// <summary>The type on each GPU that has it, and whose MIG mode does not rule it out.</summary>
    /// <param name="request">Exactly one of type, profile and memory.</param>
    /// <param name="gpus">The GPUs that are allowed.</param>
    /// <exception cref="ObjectNotFoundException">No GPU has such a type.</exception>
    /// <exception cref="HostNotReadyException">GPUs have it, and their MIG mode rules it out.</exception>
    public static IReadOnlyList<(GpuState Gpu, VgpuType Type)> Find(VgpuRequest request, IReadOnlyList<GpuState> gpus)
    {
        if (gpus.All(o => o.Types.Count == 0))
        {
            throw new HostNotReadyException(
                ErrorIds.DriverNotReady, "no GPU of this host gpus vGPU types",
                "install NVIDIA's vGPU host driver (the vgpu-kvm package), then look again: vgpu-hook show");
        }

        return request.Type is { } text ? ByName(text, gpus)
            : request.Profile is { } profile ? ByProfile(profile, gpus)
            : ByMemory(request.MemoryMiB!.Value, gpus);
    }

    /// <summary>Types of a GPU that a name or number means.</summary>
    public static IReadOnlyList<VgpuType> FindNamed(string text, GpuState gpu) =>
        [.. gpu.Types.Values.Where(t => t.IsNamed(text))];

    /// <summary>The one of several types that a request for their size or profile gets.</summary>
    public static VgpuType? Best(GpuState gpu, IEnumerable<VgpuType> types) => Best(gpu, types.OrderBy(_ => 0));

    private static List<(GpuState Gpu, VgpuType Type)> ByName(string text, IReadOnlyList<GpuState> gpus)
    {
        var found = gpus.SelectMany(o => o.Types.Values.Where(t => t.IsNamed(text)).Select(t => (Gpu: o, Type: t)))
            .ToList();
        if (found.Count == 0)
        {
            throw new ObjectNotFoundException(
                ErrorIds.VgpuTypeNotFound, $"no vGPU type {text} is known to {Labels(gpus)}",
                $"use one of these: {Names(gpus)}", text);
        }

        var able = found.Where(f => f.Type.IsMigBacked || !f.Gpu.MigIsOn).ToList();
        if (able.Count > 0)
        {
            return able;
        }

        var (gpu, type) = found[0];
        throw new HostNotReadyException(
            ErrorIds.MigModeMismatch,
            $"type {type.ShortName} is time-sliced, and MIG mode is on on "
                + $"{string.Join(" and ", found.Select(f => f.Gpu.Text))}",
            $"use a type that needs a GPU instance ({Names([gpu])}), or disable MIG mode: Disable-MigMode {gpu.Index}",
            type.ShortName);
    }

    private static List<(GpuState Gpu, VgpuType Type)> ByProfile(string text, IReadOnlyList<GpuState> gpus)
    {
        var name = text.StartsWith("MIG ", StringComparison.OrdinalIgnoreCase) ? text[4..] : text;
        var owners = gpus.Select(o => (Gpu: o, Profile: ProfileNames.Find(o.Profiles, name)))
            .Where(o => o.Profile is not null).ToList();
        if (owners.Count == 0 && gpus.FirstOrDefault(
            o => o.Profiles.Count == 0 && o.MayHaveProfile(name)) is { } off)
        {
            throw new HostNotReadyException(
                ErrorIds.MigModeMismatch,
                $"{off.Text} has MIG mode off, and reports no GPU instance profiles then; {name} cannot be looked up",
                $"enable MIG mode (Enable-MigMode {off.Index}), or request a type: {Names([off])}", name);
        }

        if (owners.Count == 0)
        {
            var all = gpus.SelectMany(o => o.Profiles).Select(p => p.Name).Distinct().ToList();
            throw new ObjectNotFoundException(
                ErrorIds.ProfileNotFound, $"no GPU instance profile {name} is known to {Labels(gpus)}",
                all.Count == 0 ? "request a type or memory; these GPUs have no MIG: Get-VgpuType"
                    : $"use one of these: {string.Join(", ", all)}", name);
        }

        var found = owners.Select(o => (o.Gpu, Type: Best(
            o.Gpu, o.Gpu.Types.Values.Where(t => t.Profile == o.Profile!.Id).OrderByDescending(t => t.FramebufferMiB))))
            .Where(o => o.Type is not null).Select(o => (o.Gpu, o.Type!)).ToList();
        return found.Count > 0 ? found : throw new ObjectNotFoundException(
            ErrorIds.VgpuTypeNotFound, $"{Labels(gpus)} has the profile {name}, and no vGPU type for it",
            $"use a profile that has one: {string.Join(", ", gpus.SelectMany(WithTypes).Distinct())}", name);
    }

    private static IEnumerable<string> WithTypes(GpuState gpu) =>
        gpu.Profiles.Where(p => gpu.Types.Values.Any(t => t.Profile == p.Id)).Select(p => p.Name);

    private static List<(GpuState Gpu, VgpuType Type)> ByMemory(long memoryMiB, IReadOnlyList<GpuState> gpus)
    {
        var found = gpus.Select(o => (Gpu: o, Type: Best(
            o, o.Types.Values.Where(t => o.FitsMode(t) && t.FramebufferMiB >= memoryMiB)
                .OrderBy(t => t.FramebufferMiB))))
            .Where(o => o.Type is not null).Select(o => (o.Gpu, Type: o.Type!)).ToList();
        if (found.Count > 0)
        {
            var least = found.Min(f => f.Type.FramebufferMiB);
            return [.. found.Where(f => f.Type.FramebufferMiB == least)];
        }

        var largest = gpus.SelectMany(o => o.Types.Values.Where(o.FitsMode)).MaxBy(t => t.FramebufferMiB);
        throw new ObjectNotFoundException(
            ErrorIds.VgpuTypeNotFound,
            $"no vGPU type with {memoryMiB} MiB is available in the present MIG mode of {Labels(gpus)}; "
                + $"the largest is {largest?.ShortName ?? "none"} with {largest?.FramebufferMiB ?? 0} MiB",
            "request less, or change the MIG mode: Get-VgpuType");
    }

    /// <summary>The first by the order given; among those equal in it by the rule of this class.</summary>
    private static VgpuType? Best(GpuState gpu, IOrderedEnumerable<VgpuType> types) => types
        .ThenBy(t => ProfileOf(gpu, t) is { TakesMediaEngines: true })
        .ThenBy(t => ProfileOf(gpu, t)?.ComputeSlices ?? 0)
        .ThenBy(ClassRank).ThenBy(t => t.Id).FirstOrDefault();

    private static GpuInstanceProfile? ProfileOf(GpuState gpu, VgpuType type) =>
        type.Profile is { } id ? gpu.FindProfile(id) : null;

    private static int ClassRank(VgpuType type)
    {
        var name = type.ShortName;
        var digits = name.AsSpan().LastIndexOfAnyInRange('0', '9');
        var rank = digits + 1 < name.Length ? Classes.IndexOf(name[digits + 1], StringComparison.Ordinal) : -1;
        return rank < 0 ? Classes.Length : rank;
    }

    private static string Labels(IReadOnlyList<GpuState> gpus) => string.Join(" and ", gpus.Select(o => o.Text));

    private static string Names(IReadOnlyList<GpuState> gpus) => string.Join(
        ", ", gpus.SelectMany(o => o.Types.Values.Where(t => t.IsMigBacked || !o.MigIsOn)).Select(t => t.ShortName)
            .Distinct());
}
