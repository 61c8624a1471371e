using VgpuPS.Core.Errors;
using VgpuPS.Core.Mig;
using VgpuPS.Core.Mig.Plans;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;

namespace VgpuPS.Core.UseCases.CreateComputeInstances;

/// <summary>Splits a GPU instance that no VM runs in.</summary>
public sealed class CreateComputeInstances(HostPorts host)
{
    /// <summary>Plans it, or carries it out.</summary>
    /// <exception cref="VgpuException">It cannot be done; nothing is left of what was begun.</exception>
    public Task<ChangeResult> RunAsync(
        CreateComputeInstancesRequest request, IProgress<StepProgress> progress, CancellationToken cancellationToken)
    {
        var there = new HashSet<ComputeInstanceId>();
        return new ChangeCarrier(host, request, progress).RunAsync(
            reader =>
            {
                var gpu = reader.Read(request.Gpu);
                var instance = RemoveInstances.RemoveInstances.Find(gpu, request.GpuInstanceId);
                there = [.. instance.ComputeInstances.Select(c => c.Id)];
                return Plan(gpu, instance, request);
            },
            reader => RemoveInstances.RemoveInstances.Find(reader.Read(request.Gpu), request.GpuInstanceId).ComputeInstances
                .Where(c => !there.Contains(c.Id)).Select(c => new ChangedObject
                {
                    GpuAddress = request.Gpu,
                    GpuInstanceId = request.GpuInstanceId,
                    ComputeInstanceId = c.Id.Value,
                }),
            cancellationToken);
    }

    private static HostChange Plan(ManagedGpu gpu, GpuInstance instance, CreateComputeInstancesRequest request)
    {
        if (request.Count < 1)
        {
            throw new InvalidRequestException(
                ErrorIds.InvalidRequest, $"a count of {request.Count} is none", "Ask for one or more", gpu.Address.ToString());
        }

        CheckIdle(gpu, instance);
        var profiles = gpu.ComputeProfiles[instance.Id];
        var left = (gpu.State.FindProfile(instance.Profile)?.ComputeSlices ?? profiles.Max(p => p.ComputeSlices))
            - instance.ComputeInstances.Sum(c => profiles.FirstOrDefault(p => p.Id == c.Profile)?.ComputeSlices ?? 0);
        var profile = request.Profile is null
            ? profiles.Where(p => p.ComputeSlices * request.Count <= left).MaxBy(p => p.ComputeSlices)
            : profiles.FirstOrDefault(p => string.Equals(p.Name, request.Profile.Trim(), StringComparison.OrdinalIgnoreCase))
                ?? profiles.FirstOrDefault(p => p.Id.ToString() == request.Profile.Trim())
                ?? throw new ObjectNotFoundException(
                    ErrorIds.ProfileNotFound,
                    $"{gpu.Describe(instance)} of {gpu.Text} has no compute instance profile {request.Profile}; it has {string.Join(", ", profiles.Select(p => p.Name))}",
                    "Choose one of them", request.Profile);
        return profile is not null && profile.ComputeSlices * request.Count <= left
            ? HostChange.Of(gpu, [.. Enumerable.Range(0, request.Count).Select(_ =>
                new CreateComputeInstanceStep(gpu.Address, instance) { Profile = profile.Name, IsForGuest = false })])
            : throw new CapacityException(
                ErrorIds.NoFreePlacement,
                $"{gpu.Describe(instance)} of {gpu.Text} has {left} compute slices left: {request.Count} x {profile?.Name ?? "a compute instance"} do not fit",
                $"Remove others first: Get-MigComputeInstance -Gpu {gpu.Address} -GpuInstanceId {instance.Id}", gpu.Address.ToString());
    }

    /// <remarks>Source: facts/host-behaviour.md 3: none must be made or destroyed in the GPU instance of a running VM.</remarks>
    internal static void CheckIdle(ManagedGpu gpu, GpuInstance instance)
    {
        var running = gpu.VgpusOn(instance).Where(v => v.IsRunning || (v.VmId is { } vm && gpu.BusyVms.Contains(vm))).ToList();
        if (running.Count == 0)
        {
            return;
        }

        var vms = running.Select(v => v.VmId).OfType<int>().Distinct().Order().ToList();
        throw new ResourceBusyException(
            ErrorIds.ResourceBusy,
            $"{gpu.Describe(instance)} of {gpu.Text} is used by {string.Join(", ", running.Select(ManagedGpu.Describe).Distinct())}",
            vms.Count > 0 ? $"Stop {ManagedGpu.Join(vms)}: {ManagedGpu.Shutdown(vms)}" : "Find its VM: qm list; nvidia-smi vgpu",
            gpu.Address.ToString());
    }
}
