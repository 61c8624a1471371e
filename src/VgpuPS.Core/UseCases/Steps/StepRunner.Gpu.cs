using VgpuPS.Core.Errors;
using VgpuPS.Core.Mig;
using VgpuPS.Core.Mig.Plans;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.Steps;

internal sealed partial class StepRunner
{
    private Task EnableMigModeAsync(EnableMigModeStep step)
    {
        var change = Driver.SetMigMode(step.Gpu, enabled: true);
        var mode = Driver.GetMigMode(step.Gpu);
        if (mode is { Current: true })
        {
            Log("enableMigMode", step.Gpu.ToString(), "off", "on");
            Done(step, _ => TurnMigOffAsync(step.Gpu));
            return Task.CompletedTask;
        }

        var isBack = PutPendingModeBack(step.Gpu);
        var pending = isBack ? "" : "; its pending mode could not be put back and is still on";
        throw change switch
        {
            MigModeChange.InUse => new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"MIG mode of GPU {step.Gpu} cannot be switched on: the GPU is in use by another client{pending}",
                $"Stop what uses it (fuser -v /dev/nvidia*; systemctl stop nvidia-persistenced nvidia-dcgm), then: nvidia-smi -i {step.Gpu} -mig 1",
                step.Gpu.ToString()),
            MigModeChange.ResetRequired => new HostNotReadyException(
                ErrorIds.ResetRequired,
                $"MIG mode of GPU {step.Gpu} needs a GPU reset to be switched on{pending}",
                $"With no VM on it: nvidia-smi -i {step.Gpu} -mig 1; nvidia-smi --gpu-reset -i {step.Gpu} (or reboot)",
                step.Gpu.ToString()),
            _ => NotDone(
                $"MIG mode of GPU {step.Gpu} is still off{pending}", "nvmlDeviceSetMigMode",
                $"Look at it: nvidia-smi -i {step.Gpu} -q -d MIG; journalctl -k -g NVRM", step.Gpu.ToString()),
        };
    }

    private bool PutPendingModeBack(PciAddress gpu)
    {
        if (Driver.GetMigMode(gpu) is { Pending: true })
        {
            Driver.SetMigMode(gpu, enabled: false);
        }

        return Driver.GetMigMode(gpu) is { Pending: false };
    }

    private Task TurnMigOffAsync(PciAddress gpu)
    {
        Driver.SetMigMode(gpu, enabled: false);
        if (Driver.GetMigMode(gpu) is { Current: true })
        {
            throw new HostNotReadyException(
                ErrorIds.MigModeMismatch, $"MIG mode of GPU {gpu} stays on",
                $"With no VM on it: nvidia-smi -i {gpu} -mig 0", gpu.ToString());
        }

        Log("disableMigMode", gpu.ToString(), "on", "off");
        return Task.CompletedTask;
    }

    private async Task EnableFunctionsAsync(EnableFunctionsStep step, CancellationToken cancellationToken)
    {
        try
        {
            await SwitchFunctionsAsync(step.Gpu, () => _host.Sriov.EnableAsync(step.Gpu, TimeLeft, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (VgpuException e) when (e is not HostTimeoutException)
        {
            // The tool has ended, and may have done its part all the same; one that still runs is left alone.
            Done(step, ct => DisableFunctionsAsync(step, ct));
            throw;
        }

        Log("enableFunctions", step.Gpu.ToString(), "0", $"{step.Count}");
        Done(step, ct => DisableFunctionsAsync(step, ct));
    }

    private async Task DisableFunctionsAsync(EnableFunctionsStep step, CancellationToken cancellationToken)
    {
        var gpu = _host.Devices.GetGpus().FirstOrDefault(g => g.Address == step.Gpu);
        if (gpu is { EnabledFunctions: 0 })
        {
            return;
        }

        if (gpu is not null && _host.Devices.GetFunctions(gpu).Any(f => f.IsOccupied))
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy, $"a function of GPU {step.Gpu} is in use by now", "Leave it: vgpu-hook show");
        }

        await SwitchFunctionsAsync(
            step.Gpu, () => _host.Sriov.DisableAsync(step.Gpu, TimeSpan.FromSeconds(30), cancellationToken))
            .ConfigureAwait(false);
        Log("disableFunctions", step.Gpu.ToString(), $"{step.Count}", "0");
    }

    /// <summary>
    /// A tool that is left to finish works on the GPU without us: nothing under it is taken back, and no session of the
    /// driver is opened that would keep the GPU from it.
    /// </summary>
    private async Task SwitchFunctionsAsync(PciAddress gpu, Func<Task> switchAsync)
    {
        CloseDriver();
        try
        {
            await switchAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HostTimeoutException or OperationCanceledException)
        {
            Keep(gpu);
            throw;
        }
    }

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

        _book.Put(made);
        Done(step, _ => DestroyAsync(made));
        var told = Driver.CreateInstance(step.Gpu, step.Profile.Id, step.Placement);
        if (FindInstance(made) is not { } instance)
        {
            throw NotDone(
                $"no GPU instance {step.Profile.Name} is at {step.Placement} of GPU {step.Gpu} (it named {(told is { } id ? $"id {id}" : "none")})",
                "nvmlDeviceCreateGpuInstanceWithPlacement", $"Look at it: nvidia-smi mig -i {step.Gpu} -lgi",
                step.Gpu.ToString());
        }

        _book.Put(made with { Instance = instance.Id });
        Log("createGpuInstance", $"{step.Gpu} GI {instance.Id}", "", $"{step.Profile.Name} at {step.Placement}; {step.Reason}");
        if (step.WithComputeInstance)
        {
            var compute = FillWithComputeInstance(step.Gpu, instance);
            _book.Put(made with { Instance = instance.Id, ComputeInstance = compute });
        }

        return Task.CompletedTask;
    }

    private Task CreateComputeInstanceAsync(CreateComputeInstanceStep step)
    {
        var known = _book.File.Instances.FirstOrDefault(
            i => i.Gpu == step.Gpu && i.Placement == step.Instance.Placement && i.Instance == step.Instance.Id);
        var made = known ?? new MadeInstance(
            step.Gpu, step.Instance.Profile, step.Instance.Placement, step.Instance.Id, IsOurs: false, null);
        _book.Put(made);
        Done(step, _ => known is null ? DestroyAsync(made) : Task.CompletedTask);
        _book.Put(made with { ComputeInstance = FillWithComputeInstance(step.Gpu, step.Instance) });
        return Task.CompletedTask;
    }

    private ComputeInstanceId FillWithComputeInstance(PciAddress gpu, GpuInstance instance)
    {
        var profile = Driver.GetComputeProfiles(gpu, instance.Id).MaxBy(p => p.ComputeSlices)
            ?? throw new NativeCallException(
                ErrorIds.NativeCallFailed, $"GPU instance {instance.Id} of GPU {gpu} offers no compute instance profile",
                $"Look at it: nvidia-smi mig -i {gpu} -gi {instance.Id} -lcip",
                "nvmlGpuInstanceGetComputeInstanceProfileInfo", 0, gpu.ToString());
        var told = Driver.CreateComputeInstance(gpu, instance.Id, profile.Id);
        var found = Driver.GetInstances(gpu).FirstOrDefault(i => i.Id == instance.Id)?.ComputeInstances ?? [];
        if (found.FirstOrDefault(c => c.Profile == profile.Id) is not { } compute)
        {
            throw NotDone(
                $"GPU instance {instance.Id} of GPU {gpu} has no compute instance {profile.Name} (it named {(told is { } id ? $"id {id}" : "none")})",
                "nvmlGpuInstanceCreateComputeInstance", $"Look at it: nvidia-smi mig -i {gpu} -lci", gpu.ToString());
        }

        Log("createComputeInstance", $"{gpu} GI {instance.Id} CI {compute.Id}", "", profile.Name);
        return compute.Id;
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

            Log("destroyGpuInstance", $"{made.Gpu} GI {instance.Id}", $"profile {made.Profile} at {made.Placement}", "");
        }

        _book.Drop(made);
        return Task.CompletedTask;
    }

    private static ResourceBusyException StillInUse(MadeInstance made, GpuInstance instance) => new(
        ErrorIds.ResourceBusy, $"GPU instance {instance.Id} of GPU {made.Gpu} is still in use",
        "The next sweep tries again: vgpu-hook sweep", made.Gpu.ToString());
}
