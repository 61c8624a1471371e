using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Mig;

/// <summary>Destroys compute instances of a GPU instance that no VM runs in.</summary>
internal sealed class RemoveMigComputeInstances(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">It cannot be done; what was destroyed is made again.</exception>
    public Task<ChangeResult> RunAsync(
        RemoveMigComputeInstancesRequest request, IProgress<StepProgress> progress,
        CancellationToken cancellationToken) =>
        new GpuChange(host, request, progress).RunAsync(
            reader => reader.Find(request.Gpu), (reader, gpu) => Plan(reader, gpu, request),
            (_, gpu) => request.ComputeInstanceIds.Distinct().Order().Select(id => new ChangedObject
            {
                GpuAddress = gpu.Address.ToString(),
                GpuInstanceId = request.GpuInstanceId,
                ComputeInstanceId = id,
            }),
            cancellationToken);

    private static HostChange Plan(GpuReader reader, ManagedGpu gpu, RemoveMigComputeInstancesRequest request)
    {
        var instance = VgpuPS.Host.Operations.Mig.RemoveMigInstances.Find(gpu, request.GpuInstanceId);
        var found = request.ComputeInstanceIds.Distinct().Order().Select(id => Find(gpu, instance, id)).ToList();
        VgpuPS.Host.Operations.Mig.CreateMigComputeInstances.CheckIdle(reader, gpu, instance);
        return HostChange.Of(gpu, [.. found.Select(c =>
            new DestroyComputeInstanceStep(gpu.Address, instance, c, gpu.NameOf(instance, c)))]);
    }

    private static ComputeInstance Find(ManagedGpu gpu, GpuInstance instance, uint id) =>
        instance.ComputeInstances.FirstOrDefault(c => c.Id.Value == id) ?? throw new ObjectNotFoundException(
            ErrorIds.InstanceNotFound, $"{gpu.Describe(instance)} of {gpu.Text} has no compute instance {id}",
            $"see them: Get-MigComputeInstance -Gpu {gpu.Address} -GpuInstanceId {instance.Id}",
            gpu.Address.ToString());
}

/// <summary>Requests compute instances to be destroyed.</summary>
public sealed record RemoveMigComputeInstancesRequest : ChangeRequest
{
    /// <summary>The GPU, by index, UUID, address or model.</summary>
    public required string Gpu { get; init; }

    /// <summary>Id of the GPU instance.</summary>
    public required uint GpuInstanceId { get; init; }

    /// <summary>Ids of the compute instances in it.</summary>
    public required IReadOnlyList<uint> ComputeInstanceIds { get; init; }
}
