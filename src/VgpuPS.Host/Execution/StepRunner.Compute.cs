using VgpuPS.Core.Claims;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Execution;

internal sealed partial class StepRunner
{
    private Task CreateComputeInstanceAsync(CreateComputeInstanceStep step) => step.IsForGuestCreation
        ? FillForVm(step)
        : AddComputeInstance(step);

    private Task FillForVm(CreateComputeInstanceStep step)
    {
        var known = _book.File.Instances.FirstOrDefault(
            i => i.Gpu == step.Gpu && i.Placement == step.Instance.Placement && i.Instance == step.Instance.Id);
        var managed = known ?? new ManagedInstance(
            step.Gpu, step.Instance.Profile, step.Instance.Placement, step.Instance.Id, IsOurs: false, null);
        _book.Put(managed);
        _executor.OnUndo(_ => known is null ? DestroyAsync(managed) : Task.CompletedTask);
        _book.Put(managed with { ComputeInstance = MakeComputeInstance(step.Gpu, step.Instance, null) });
        return Task.CompletedTask;
    }

    private Task AddComputeInstance(CreateComputeInstanceStep step)
    {
        var before = FindAt(step.Gpu, step.Instance.Placement) ?? throw new ObjectNotFoundException(
            ErrorIds.InstanceNotFound, $"GPU instance {step.Instance.Id} of GPU {step.Gpu} no longer exists",
            "another program changes the GPU; see its state: vgpu-hook show", step.Gpu.ToString());
        _executor.OnUndo(_ =>
        {
            var now = FindAt(step.Gpu, step.Instance.Placement)?.ComputeInstances ?? [];
            foreach (var compute in now.Where(c => !before.ComputeInstances.Contains(c)))
            {
                DestroyCompute(step.Gpu, before.Id, compute.Id);
            }

            return Task.CompletedTask;
        });
        MakeComputeInstance(step.Gpu, before, step.Profile);
        return Task.CompletedTask;
    }

    private Task DestroyComputeInstanceAsync(DestroyComputeInstanceStep step)
    {
        _executor.OnUndo(_ =>
        {
            var now = FindAt(step.Gpu, step.Instance.Placement)?.ComputeInstances ?? [];
            if (now.All(c => c.Id != step.Compute.Id))
            {
                Driver.CreateComputeInstance(step.Gpu, step.Instance.Id, step.Compute.Profile);
                _executor.Log(
                    "createComputeInstance", $"{step.Gpu} GI {step.Instance.Id}", "", $"{step.Profile}; taken back");
            }

            return Task.CompletedTask;
        });
        DestroyCompute(step.Gpu, step.Instance.Id, step.Compute.Id);
        return Task.CompletedTask;
    }

    private void DestroyCompute(PciAddress gpu, GpuInstanceId instance, ComputeInstanceId compute)
    {
        var what = $"compute instance {compute} of GPU instance {instance}";
        var before = NameOf(gpu, instance, compute);
        if (!Driver.TryDestroyComputeInstance(gpu, instance, compute))
        {
            throw InUse(what, gpu);
        }

        var rest = Driver.GetInstances(gpu).FirstOrDefault(i => i.Id == instance)?.ComputeInstances ?? [];
        if (rest.Any(c => c.Id == compute))
        {
            throw NotDone(
                $"{what} of GPU {gpu} is still there", "nvmlComputeInstanceDestroy",
                $"look at it: nvidia-smi mig -i {gpu} -lci", gpu.ToString());
        }

        _executor.Log("destroyComputeInstance", $"{gpu} GI {instance} CI {compute}", before, "");
    }

    private string NameOf(PciAddress gpu, GpuInstanceId instance, ComputeInstanceId compute)
    {
        var profile = Driver.GetInstances(gpu).FirstOrDefault(i => i.Id == instance)?
            .ComputeInstances.FirstOrDefault(c => c.Id == compute)?.Profile;
        return profile is null ? ""
            : Driver.GetComputeProfiles(gpu, instance).FirstOrDefault(p => p.Id == profile)?.Name
                ?? $"profile {profile}";
    }

    /// <summary>Creates one in an instance as it was read, of a profile by name, or of the one that fills the
    /// instance.</summary>
    private ComputeInstanceId MakeComputeInstance(PciAddress gpu, GpuInstance instance, string? name)
    {
        var profiles = Driver.GetComputeProfiles(gpu, instance.Id);
        var profile = name is null
            ? profiles.MaxBy(p => p.ComputeSlices)
            : profiles.FirstOrDefault(p => p.Name == name);
        if (profile is null)
        {
            throw name is not null && profiles.Count > 0
                ? UnknownComputeProfile(gpu, instance, name, profiles) : new NativeCallException(
                ErrorIds.NativeCallFailed,
                $"GPU instance {instance.Id} of GPU {gpu} offers no compute instance profile",
                $"look at it: nvidia-smi mig -i {gpu} -gi {instance.Id} -lcip",
                "nvmlGpuInstanceGetComputeInstanceProfileInfo", 0, gpu.ToString());
        }

        var reported = Driver.CreateComputeInstance(gpu, instance.Id, profile.Id);
        var found = Driver.GetInstances(gpu).FirstOrDefault(i => i.Id == instance.Id)?.ComputeInstances ?? [];
        if (found.Except(instance.ComputeInstances).FirstOrDefault(c => c.Profile == profile.Id) is not { } compute)
        {
            throw NotDone(
                $"GPU instance {instance.Id} of GPU {gpu} has no compute instance {profile.Name} (it reported "
                    + $"{(reported is { } id ? $"id {id}" : "none")})",
                "nvmlGpuInstanceCreateComputeInstance", $"look at it: nvidia-smi mig -i {gpu} -lci", gpu.ToString());
        }

        _executor.Log("createComputeInstance", $"{gpu} GI {instance.Id} CI {compute.Id}", "", profile.Name);
        return compute.Id;
    }

    private static InvalidRequestException UnknownComputeProfile(
        PciAddress gpu, GpuInstance instance, string name, IReadOnlyList<ComputeInstanceProfile> profiles) => new(
        ErrorIds.ComputeProfileNotFound,
        $"GPU instance {instance.Id} of GPU {gpu} has no compute instance profile {name}; it has "
            + $"{string.Join(", ", profiles.Select(p => p.Name))}",
        $"choose one of them: nvidia-smi mig -i {gpu} -gi {instance.Id} -lcip", gpu.ToString());
}
