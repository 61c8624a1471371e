using VgpuPS.Core.Claims;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private Task CreateInstanceAsync(CreateInstanceStep step)
    {
        var managed = new ManagedInstance(step.Gpu, step.Profile.Id, step.Placement, null, IsOurs: true, null);
        if (Driver.GetInstances(step.Gpu).FirstOrDefault(i => i.Placement.Overlaps(step.Placement)) is { } other)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"GPU instance {other.Id} appeared at {other.Placement} of GPU {step.Gpu} meanwhile, "
                    + $"where {step.Profile.Name} was to be placed",
                "another program changes the GPU; see its state: vgpu-hook show", step.Gpu.ToString());
        }

        if (step.IsForGuestCreation)
        {
            _book.Put(managed);
        }

        _executor.OnUndo(_ => DestroyAsync(managed));
        var reported = Driver.CreateInstance(step.Gpu, step.Profile.Id, step.Placement);
        if (FindInstance(managed) is not { } instance)
        {
            throw NotDone(
                $"no GPU instance {step.Profile.Name} is at {step.Placement} of GPU {step.Gpu} (it reported "
                    + $"{(reported is { } id ? $"id {id}" : "none")})",
                "nvmlDeviceCreateGpuInstanceWithPlacement", $"look at it: nvidia-smi mig -i {step.Gpu} -lgi",
                step.Gpu.ToString());
        }

        if (step.IsForGuestCreation)
        {
            _book.Put(managed with { Instance = instance.Id });
        }

        _executor.Log("createGpuInstance", $"{step.Gpu} GI {instance.Id}", "",
            $"{step.Profile.Name} at {step.Placement}; {step.Reason}");
        if (step.WithComputeInstance)
        {
            var compute = MakeComputeInstance(step.Gpu, instance, null);
            if (step.IsForGuestCreation)
            {
                _book.Put(managed with { Instance = instance.Id, ComputeInstance = compute });
            }
        }

        foreach (var profile in step.ComputeInstances)
        {
            MakeComputeInstance(step.Gpu, FindInstance(managed) ?? instance, profile);
        }

        return Task.CompletedTask;
    }

    private GpuInstance? FindInstance(ManagedInstance managed) => Driver.GetInstances(managed.Gpu)
        .FirstOrDefault(i => i.Profile == managed.Profile && i.Placement == managed.Placement);

    /// <summary>
    /// Rolls back what a step made, found by its placement: the call that made it may not have reported its id.
    /// </summary>
    private Task DestroyAsync(ManagedInstance managed)
    {
        if (FindInstance(managed) is { } instance)
        {
            foreach (var compute in instance.ComputeInstances)
            {
                if (!Driver.TryDestroyComputeInstance(managed.Gpu, instance.Id, compute.Id))
                {
                    throw StillInUse(managed, instance);
                }
            }

            if (FindInstance(managed) is { ComputeInstances.Count: > 0 })
            {
                throw StillInUse(managed, instance);
            }

            if (managed.IsOurs
                && (!Driver.TryDestroyInstance(managed.Gpu, instance.Id) || FindInstance(managed) is not null))
            {
                throw StillInUse(managed, instance);
            }

            _executor.Log("destroyGpuInstance", $"{managed.Gpu} GI {instance.Id}",
                $"profile {managed.Profile} at {managed.Placement}", "");
        }

        if (_book.File.Instances.Any(i => i.Gpu == managed.Gpu && i.Placement == managed.Placement))
        {
            _book.Drop(managed);
        }

        return Task.CompletedTask;
    }

    private static ResourceBusyException StillInUse(ManagedInstance managed, GpuInstance instance) => new(
        ErrorIds.ResourceBusy, $"GPU instance {instance.Id} of GPU {managed.Gpu} is still in use",
        "the next sweep tries again: vgpu-hook sweep", managed.Gpu.ToString());

    private Task DestroyInstanceAsync(DestroyInstanceStep step)
    {
        var managed = _book.File.Instances.FirstOrDefault(
            i => i.Gpu == step.Gpu && i.Placement == step.Instance.Placement && i.Instance == step.Instance.Id);
        _executor.OnUndo(_ => RemakeInstance(step, managed));
        foreach (var compute in step.Instance.ComputeInstances)
        {
            DestroyCompute(step.Gpu, step.Instance.Id, compute.Id);
        }

        if (!Driver.TryDestroyInstance(step.Gpu, step.Instance.Id))
        {
            throw InUse($"GPU instance {step.Instance.Id}", step.Gpu);
        }

        if (Driver.GetInstances(step.Gpu).Any(i => i.Id == step.Instance.Id && i.Placement == step.Instance.Placement))
        {
            throw NotDone(
                $"GPU instance {step.Instance.Id} of GPU {step.Gpu} is still there", "nvmlGpuInstanceDestroy",
                $"look at it: nvidia-smi mig -i {step.Gpu} -lgi", step.Gpu.ToString());
        }

        if (managed is not null)
        {
            _book.Drop(managed);
        }

        _executor.Log("destroyGpuInstance", $"{step.Gpu} GI {step.Instance.Id}",
            $"{step.Profile} at {step.Instance.Placement}", "");
        return Task.CompletedTask;
    }

    /// <summary>Makes again what is missing of a destroyed instance; what the hook made is the hook's again.</summary>
    private Task RemakeInstance(DestroyInstanceStep step, ManagedInstance? managed)
    {
        var old = step.Instance;
        var now = FindAt(step.Gpu, old.Placement);
        if (now is null)
        {
            Driver.CreateInstance(step.Gpu, old.Profile, old.Placement);
            now = FindAt(step.Gpu, old.Placement) ?? throw NotDone(
                $"no GPU instance is at {old.Placement} of GPU {step.Gpu}", "nvmlDeviceCreateGpuInstanceWithPlacement",
                $"look at it: nvidia-smi mig -i {step.Gpu} -lgi", step.Gpu.ToString());
            _executor.Log(
                "createGpuInstance", $"{step.Gpu} GI {now.Id}", "", $"{step.Profile} at {old.Placement}; taken back");
        }

        foreach (var profiles in old.ComputeInstances.GroupBy(c => c.Profile).OrderByDescending(g => g.Key))
        {
            for (var n = now.ComputeInstances.Count(c => c.Profile == profiles.Key); n < profiles.Count(); n++)
            {
                Driver.CreateComputeInstance(step.Gpu, now.Id, profiles.Key);
            }
        }

        if (managed is not null)
        {
            var first = FindAt(step.Gpu, old.Placement)?.ComputeInstances.FirstOrDefault()?.Id;
            _book.Put(
                managed with { Instance = now.Id, ComputeInstance = managed.ComputeInstance is null ? null : first });
        }

        return Task.CompletedTask;
    }

    private GpuInstance? FindAt(PciAddress gpu, Placement placement) =>
        Driver.GetInstances(gpu).FirstOrDefault(i => i.Placement == placement);

    private static ResourceBusyException InUse(string what, PciAddress gpu) => new(
        ErrorIds.ResourceBusy, $"{what} of GPU {gpu} is in use",
        $"see who uses it: nvidia-smi -i {gpu}; nvidia-smi vgpu -i {gpu} -q", gpu.ToString());
}
