using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Mig;

/// <summary>Splits a GPU instance that no VM runs in.</summary>
internal sealed class CreateMigComputeInstances(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">It cannot be done; nothing is left of what was begun.</exception>
    public Task<ChangeResult> RunAsync(
        CreateMigComputeInstancesRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var there = new HashSet<ComputeInstanceId>();
        return new GpuChange(host, request, progress).RunAsync(
            reader => reader.Find(request.Gpu),
            (reader, gpu) =>
            {
                var instance = VgpuPS.Host.Operations.Mig.RemoveMigInstances.Find(gpu, request.GpuInstanceId);
                there = [.. instance.ComputeInstances.Select(c => c.Id)];
                return Plan(reader, gpu, instance, request);
            },
            (reader, gpu) => reader.ReadInstances(gpu).Where(i => i.Id.Value == request.GpuInstanceId)
                .SelectMany(i => i.ComputeInstances).Where(c => !there.Contains(c.Id)).Select(c => new ChangedObject
                {
                    GpuAddress = gpu.Address.ToString(),
                    GpuInstanceId = request.GpuInstanceId,
                    ComputeInstanceId = c.Id.Value,
                }),
            cancellationToken);
    }

    private static HostChange Plan(
        GpuReader reader, ManagedGpu gpu, GpuInstance instance, CreateMigComputeInstancesRequest request)
    {
        if (request.Count < 1)
        {
            throw new InvalidRequestException(
                ErrorIds.CountOutOfRange, $"the count is {request.Count}; it must be at least 1", "request one or more",
                gpu.Address.ToString());
        }

        CheckIdle(reader, gpu, instance);
        var profiles = gpu.ComputeProfiles[instance.Id];
        var remaining = (gpu.FindProfile(instance.Profile)?.ComputeSlices ?? profiles.Max(p => p.ComputeSlices))
            - instance.ComputeInstances.Sum(c => profiles.FirstOrDefault(p => p.Id == c.Profile)?.ComputeSlices ?? 0);
        var profile = request.Profile is null
            ? profiles.Where(p => p.ComputeSlices * request.Count <= remaining).MaxBy(p => p.ComputeSlices)
            : profiles.FirstOrDefault(
                p => string.Equals(p.Name, request.Profile.Trim(), StringComparison.OrdinalIgnoreCase))
                ?? profiles.FirstOrDefault(p => p.Id.ToString() == request.Profile.Trim())
                ?? throw new ObjectNotFoundException(
                    ErrorIds.ProfileNotFound,
                    $"{gpu.Describe(instance)} of {gpu.Text} has no compute instance profile {request.Profile}; it has "
                        + $"{string.Join(", ", profiles.Select(p => p.Name))}",
                    "choose one of them", request.Profile);
        return profile is not null && profile.ComputeSlices * request.Count <= remaining
            ? HostChange.Of(gpu, [.. Enumerable.Range(0, request.Count).Select(_ =>
                new CreateComputeInstanceStep(
                    gpu.Address, instance) { Profile = profile.Name, IsForGuestCreation = false })])
            : throw new CapacityException(
                ErrorIds.NoFreePlacement,
                $"{gpu.Describe(instance)} of {gpu.Text} has {remaining} free compute slices: "
                    + $"{request.Count} x {profile?.Name ?? "a compute instance"} do not fit",
                $"remove others first: Get-MigComputeInstance -Gpu {gpu.Address} -GpuInstanceId {instance.Id}",
                gpu.Address.ToString());
    }

    /// <remarks>Source: facts/host-behaviour.md 3: none must be made or destroyed in the GPU instance of a running
    /// VM.</remarks>
    internal static void CheckIdle(GpuReader reader, ManagedGpu gpu, GpuInstance instance)
    {
        var running = gpu.VgpusOn(instance).Where(v => reader.IsBusy(gpu, v)).ToList();
        if (running.Count == 0)
        {
            return;
        }

        var vms = running.Select(v => v.Vm).OfType<VmId>().Distinct().Order().ToList();
        throw new ResourceBusyException(
            ErrorIds.ResourceBusy,
            $"{gpu.Describe(instance)} of {gpu.Text} is used by "
                + $"{string.Join(", ", running.Select(v => v.Owner).Distinct())}",
            vms.Count > 0 ? $"stop {VmNotes.Join(vms)}: {VmNotes.Shutdown(vms)}" : "find its VM: qm list; "
                + "nvidia-smi vgpu",
            gpu.Address.ToString());
    }
}

/// <summary>Requests compute instances in a GPU instance, all or none.</summary>
public sealed record CreateMigComputeInstancesRequest : ChangeRequest
{
    /// <summary>The GPU, by index, UUID, address or model.</summary>
    public required string Gpu { get; init; }

    /// <summary>Id of the GPU instance.</summary>
    public required uint GpuInstanceId { get; init; }

    /// <summary>Their profile, by name or number; null for the largest that fits into what is left.</summary>
    public string? Profile { get; init; }

    /// <summary>How many.</summary>
    public int Count { get; set; } = 1;
}
