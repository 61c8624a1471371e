using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private Task CreateInstanceAsync(CreateInstanceStep step)
    {
        var made = new MadeInstance(step.Gpu, step.Profile.Id, step.Placement, null, IsOurs: true, null);
        if (Driver.GetInstances(step.Gpu).FirstOrDefault(i => i.Placement.Overlaps(step.Placement)) is { } other)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"GPU instance {other.Id} appeared at {other.Placement} of GPU {step.Gpu} just now, where {step.Profile.Name} was to go",
                "Somebody else changes the GPU; look at it: vgpu-hook show", step.Gpu.ToString());
        }

        if (step.IsForGuest)
        {
            _book.Put(made);
        }

        _executor.OnUndo(_ => DestroyAsync(made));
        var told = Driver.CreateInstance(step.Gpu, step.Profile.Id, step.Placement);
        if (FindInstance(made) is not { } instance)
        {
            throw NotDone(
                $"no GPU instance {step.Profile.Name} is at {step.Placement} of GPU {step.Gpu} (it named {(told is { } id ? $"id {id}" : "none")})",
                "nvmlDeviceCreateGpuInstanceWithPlacement", $"Look at it: nvidia-smi mig -i {step.Gpu} -lgi",
                step.Gpu.ToString());
        }

        if (step.IsForGuest)
        {
            _book.Put(made with { Instance = instance.Id });
        }

        _executor.Log("createGpuInstance", $"{step.Gpu} GI {instance.Id}", "", $"{step.Profile.Name} at {step.Placement}; {step.Reason}");
        if (step.WithComputeInstance)
        {
            var compute = MakeComputeInstance(step.Gpu, instance, null);
            if (step.IsForGuest)
            {
                _book.Put(made with { Instance = instance.Id, ComputeInstance = compute });
            }
        }

        foreach (var profile in step.ComputeInstances)
        {
            MakeComputeInstance(step.Gpu, FindInstance(made) ?? instance, profile);
        }

        return Task.CompletedTask;
    }

    private GpuInstance? FindInstance(MadeInstance made) => Driver.GetInstances(made.Gpu)
        .FirstOrDefault(i => i.Profile == made.Profile && i.Placement == made.Placement);

    /// <summary>Takes back what a step made, found by its placement: the call that made it may not have told its id.</summary>
    private Task DestroyAsync(MadeInstance made)
    {
        if (FindInstance(made) is { } instance)
        {
            foreach (var compute in instance.ComputeInstances)
            {
                if (!Driver.TryDestroyComputeInstance(made.Gpu, instance.Id, compute.Id))
                {
                    throw StillInUse(made, instance);
                }
            }

            if (FindInstance(made) is { ComputeInstances.Count: > 0 })
            {
                throw StillInUse(made, instance);
            }

            if (made.IsOurs && (!Driver.TryDestroyInstance(made.Gpu, instance.Id) || FindInstance(made) is not null))
            {
                throw StillInUse(made, instance);
            }

            _executor.Log("destroyGpuInstance", $"{made.Gpu} GI {instance.Id}", $"profile {made.Profile} at {made.Placement}", "");
        }

        if (_book.File.Instances.Any(i => i.Gpu == made.Gpu && i.Placement == made.Placement))
        {
            _book.Drop(made);
        }

        return Task.CompletedTask;
    }

    private static ResourceBusyException StillInUse(MadeInstance made, GpuInstance instance) => new(
        ErrorIds.ResourceBusy, $"GPU instance {instance.Id} of GPU {made.Gpu} is still in use",
        "The next sweep tries again: vgpu-hook sweep", made.Gpu.ToString());

    private Task DestroyInstanceAsync(DestroyInstanceStep step)
    {
        var made = _book.File.Instances.FirstOrDefault(
            i => i.Gpu == step.Gpu && i.Placement == step.Instance.Placement && i.Instance == step.Instance.Id);
        _executor.OnUndo(_ => RemakeInstance(step, made));
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
                $"Look at it: nvidia-smi mig -i {step.Gpu} -lgi", step.Gpu.ToString());
        }

        if (made is not null)
        {
            _book.Drop(made);
        }

        _executor.Log("destroyGpuInstance", $"{step.Gpu} GI {step.Instance.Id}", $"{step.Profile} at {step.Instance.Placement}", "");
        return Task.CompletedTask;
    }

    /// <summary>Makes again what is missing of a destroyed instance; what the hook made is the hook's again.</summary>
    private Task RemakeInstance(DestroyInstanceStep step, MadeInstance? made)
    {
        var old = step.Instance;
        var now = FindAt(step.Gpu, old.Placement);
        if (now is null)
        {
            Driver.CreateInstance(step.Gpu, old.Profile, old.Placement);
            now = FindAt(step.Gpu, old.Placement) ?? throw NotDone(
                $"no GPU instance is at {old.Placement} of GPU {step.Gpu}", "nvmlDeviceCreateGpuInstanceWithPlacement",
                $"Look at it: nvidia-smi mig -i {step.Gpu} -lgi", step.Gpu.ToString());
            _executor.Log("createGpuInstance", $"{step.Gpu} GI {now.Id}", "", $"{step.Profile} at {old.Placement}; taken back");
        }

        foreach (var profiles in old.ComputeInstances.GroupBy(c => c.Profile).OrderByDescending(g => g.Key))
        {
            for (var n = now.ComputeInstances.Count(c => c.Profile == profiles.Key); n < profiles.Count(); n++)
            {
                Driver.CreateComputeInstance(step.Gpu, now.Id, profiles.Key);
            }
        }

        if (made is not null)
        {
            var first = FindAt(step.Gpu, old.Placement)?.ComputeInstances.FirstOrDefault()?.Id;
            _book.Put(made with { Instance = now.Id, ComputeInstance = made.ComputeInstance is null ? null : first });
        }

        return Task.CompletedTask;
    }

    private GpuInstance? FindAt(PciAddress gpu, Placement placement) =>
        Driver.GetInstances(gpu).FirstOrDefault(i => i.Placement == placement);

    private static ResourceBusyException InUse(string what, PciAddress gpu) => new(
        ErrorIds.ResourceBusy, $"{what} of GPU {gpu} is in use",
        $"See who uses it: nvidia-smi -i {gpu}; nvidia-smi vgpu -i {gpu} -q", gpu.ToString());
}
