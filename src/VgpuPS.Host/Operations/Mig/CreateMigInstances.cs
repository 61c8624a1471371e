using VgpuPS.Core.Layout;
using VgpuPS.Host.Operations.Layout;

namespace VgpuPS.Host.Operations.Mig;

/// <summary>Creates GPU instances that are placed together, so that what fits is found, beside those that are
/// there.</summary>
internal sealed class CreateMigInstances(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">It cannot be done; nothing is left of what was begun.</exception>
    public Task<ChangeResult> RunAsync(
        CreateMigInstancesRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var there = new HashSet<Placement>();
        return new GpuChange(host, request, progress).RunAsync(
            reader => reader.Find(request.Gpu),
            (reader, gpu) =>
            {
                there = [.. gpu.Instances.Select(i => i.Placement)];
                return Plan(reader.Placer, gpu, request);
            },
            (reader, gpu) =>
                reader.ReadInstances(gpu).Where(i => !there.Contains(i.Placement)).Select(i => new ChangedObject
                {
                    GpuAddress = gpu.Address.ToString(),
                    GpuInstanceId = i.Id.Value,
                }),
            cancellationToken);
    }

    private static HostChange Plan(InstancePlacer placer, ManagedGpu gpu, CreateMigInstancesRequest request)
    {
        if (!gpu.MigIsOn)
        {
            throw LayoutPlanner.MigIsOff(gpu);
        }

        var requests = Expand(gpu, request).Select(l => placer.Read(gpu, l)).ToList();
        var places = placer.Place(gpu, gpu.Instances, [.. requests.Select(w => (w.Profile, w.Placement))])
            ?? throw CapacityRefusal.Of(placer, gpu, gpu.Instances, requests);
        return HostChange.Of(gpu, [.. requests.Zip(places).OrderByDescending(p => p.Second.Placement.Size)
            .ThenBy(p => p.Second.Placement).Select(p => LayoutPlanner.Create(gpu, p.First, p.Second))]);
    }

    private static IEnumerable<InstanceLayout> Expand(ManagedGpu gpu, CreateMigInstancesRequest request)
    {
        if (request.Profiles.Count == 0)
        {
            throw Invalid(
                ErrorIds.MissingParameter, gpu, "no profile is specified",
                $"name one: Get-MigProfile -Gpu {gpu.Address}");
        }

        if (request.Count != 1 && request.Profiles.Count > 1)
        {
            throw Invalid(
                ErrorIds.ConflictingParameters, gpu, $"a count of {Text(request.Count)} requires exactly one profile, "
                    + $"and {Text(request.Profiles.Count)} are specified",
                "list each profile as often as needed, or name one with a count");
        }

        if (request.Placement is not null && (request.Count != 1 || request.Profiles.Count != 1))
        {
            throw Invalid(
                ErrorIds.ConflictingParameters, gpu, "a placement requires exactly one instance",
                "create them one by one, or omit the placement");
        }

        CheckCount(gpu, request);
        return Enumerable.Repeat(request.Profiles, request.Count).SelectMany(p => p)
            .Select(p => new InstanceLayout(p, request.Placement, request.ComputeInstances));
    }

    private static void CheckCount(ManagedGpu gpu, CreateMigInstancesRequest request)
    {
        if (request.Count < 1)
        {
            throw Invalid(
                ErrorIds.CountOutOfRange, gpu, $"the count is {Text(request.Count)}; it must be at least 1",
                "request one or more");
        }

        if (gpu.FindProfile(request.Profiles[0]) is { } profile && request.Count > profile.MaxInstances)
        {
            throw Invalid(
                ErrorIds.CountOutOfRange, gpu, $"{Text(request.Count)} instances of {profile.Name} are requested, "
                    + $"and the maximum of {gpu.Text} is {Text(profile.MaxInstances)}",
                $"see what fits: Get-MigProfile -Gpu {gpu.Address}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static InvalidRequestException Invalid(string errorId, ManagedGpu gpu, string what, string action) =>
        new(errorId, what, action, gpu.Address.ToString());
}

/// <summary>Requests GPU instances on one GPU, all or none.</summary>
public sealed record CreateMigInstancesRequest : ChangeRequest
{
    /// <summary>The GPU, by index, UUID, address or model.</summary>
    public required string Gpu { get; init; }

    /// <summary>Profiles by name (<c>2g.12gb</c>) or number; one instance each.</summary>
    public required IReadOnlyList<string> Profiles { get; init; }

    /// <summary>How many, for one profile.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Where it goes, <c>start:size</c>, for exactly one instance; null where the planner chooses.</summary>
    public string? Placement { get; init; }

    /// <summary>Compute instance profiles in each; null for one that fills it, empty for none.</summary>
    public IReadOnlyList<string>? ComputeInstances { get; init; }
}
