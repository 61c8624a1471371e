using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Mig;

/// <summary>Destroys GPU instances that no VM uses and no pending start needs.</summary>
internal sealed class RemoveMigInstances(HostPorts host)
{
    /// <summary>Plans it, or executes it.</summary>
    /// <exception cref="VgpuException">It cannot be done; what was destroyed is made again.</exception>
    public Task<ChangeResult> RunAsync(
        RemoveMigInstancesRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken) =>
        new GpuChange(host, request, progress).RunAsync(
            reader => reader.Find(request.Gpu), (_, gpu) => Plan(gpu, request),
            (_, gpu) => request.GpuInstanceIds.Distinct().Order().Select(id => new ChangedObject
            {
                GpuAddress = gpu.Address.ToString(),
                GpuInstanceId = id,
            }),
            cancellationToken);

    private static HostChange Plan(ManagedGpu gpu, RemoveMigInstancesRequest request)
    {
        var instances = request.GpuInstanceIds.Distinct().Order().Select(id => Find(gpu, id)).ToList();
        InstanceGuard.Check(gpu, instances, "is to be removed");
        return HostChange.Of(
            gpu, [.. instances.Select(i => new DestroyInstanceStep(gpu.Address, i, gpu.NameOf(i)))]);
    }

    /// <summary>An instance by id.</summary>
    /// <exception cref="ObjectNotFoundException">The GPU has none of that id.</exception>
    internal static GpuInstance Find(ManagedGpu gpu, uint id) =>
        gpu.Instances.FirstOrDefault(i => i.Id.Value == id) ?? throw new ObjectNotFoundException(
            ErrorIds.InstanceNotFound,
            $"{gpu.Text} has no GPU instance "
                + $"{id}{(gpu.Instances.Count == 0
                    ? "" : $"; it has {string.Join(", ", gpu.Instances.Select(i => i.Id))}")}",
            $"see its instances: Get-MigInstance -Gpu {gpu.Address}", gpu.Address.ToString());
}

/// <summary>Requests GPU instances to be destroyed with their compute instances.</summary>
public sealed record RemoveMigInstancesRequest : ChangeRequest
{
    /// <summary>The GPU, by index, UUID, address or model.</summary>
    public required string Gpu { get; init; }

    /// <summary>Ids of the GPU instances.</summary>
    public required IReadOnlyList<uint> GpuInstanceIds { get; init; }
}
