using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Layout;

internal sealed partial class LayoutPlanner
{
    /// <summary>
    /// Plans MIG mode and functions. Either rebinds the driver, which destroys all that is on the GPU: with functions
    /// enabled
    /// they are disabled first, as MIG before functions is the only order that works everywhere.
    /// </summary>
    /// <returns>Whether the GPU is rebound, so that the rest can be planned only then.</returns>
    private bool PlanRebind()
    {
        var mode = _gpu.Mig;
        var switches = mode is not null && _migAfter != mode.Current;
        var disables = HasFunctions && (switches || !_functionsAfter);
        var enables = CanHaveFunctions && _functionsAfter
            && (disables || _gpu.Gpu.EnabledFunctions < _gpu.Gpu.TotalFunctions);
        if (!switches && !disables && !enables)
        {
            if (_want.Mig is { } wanted && mode is not null && mode.Pending != wanted)
            {
                _steps.Add(SwitchMig(wanted));
            }

            return false;
        }

        CheckIdle(switches, mode);
        Clear();
        if (disables)
        {
            _steps.Add(new DisableFunctionsStep(_gpu.Address, _gpu.Gpu.EnabledFunctions));
        }

        if (switches)
        {
            _steps.Add(SwitchMig(_migAfter));
        }

        if (enables)
        {
            _steps.Add(new EnableFunctionsStep(_gpu.Address, _gpu.Gpu.TotalFunctions));
        }

        return true;
    }

    private PlanStep SwitchMig(bool on) => on
        ? new EnableMigModeStep(_gpu.Address) { MayReset = _options.Reset }
        : new DisableMigModeStep(_gpu.Address) { MayReset = _options.Reset };

    private void CheckIdle(bool switches, MigMode? mode)
    {
        var what = switches ? "MIG mode" : "the functions";
        var (vms, programs) = _options.FindUsers(_gpu);
        if (vms.Count > 0)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"{what} of {_gpu.Text} cannot be changed: {VmNotes.Join(vms)} {(vms.Count == 1 ? "has" : "have")} a "
                    + "vGPU of it",
                $"stop {VmNotes.Join(vms)}: {VmNotes.Shutdown(vms)}", Target);
        }

        if (_gpu.Vgpus.FirstOrDefault(v => v.IsRunning) is { } running)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"{what} of {_gpu.Text} cannot be changed: {running.TypeName} on {running.Function} is running",
                "find its VM: qm list; nvidia-smi vgpu", Target);
        }

        if (programs.Count > 0)
        {
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"{what} of {_gpu.Text} cannot be changed: it is in use by "
                    + $"{string.Join(", ", programs.Select(c => c.Text))}",
                $"stop it: {string.Join("; ", programs.Select(c => c.StopCommand).Distinct())}", Target);
        }

        if (switches && mode!.Pending == _migAfter && !_options.Reset)
        {
            throw new HostNotReadyException(
                ErrorIds.ResetRequired,
                $"MIG mode of {_gpu.Text} is {(mode.Current ? "on" : "off")}, and {(mode.Pending ? "on" : "off")} is "
                    + "pending until a GPU reset",
                $"reset the GPU: {(_migAfter ? "Enable" : "Disable")}-MigMode -Gpu {_gpu.Address} -Reset; or reboot; "
                    + $"or on the host: nvidia-smi --gpu-reset -i {_gpu.Address}",
                Target);
        }
    }

    /// <summary>
    /// Takes off the GPU what the new binding would destroy, in steps that can be rolled back. What the layout wants
    /// comes
    /// again; what it does not is lost; what it says nothing about is refused unless forced.
    /// </summary>
    private void Clear()
    {
        var unasked = new List<string>();
        foreach (var vgpu in _gpu.Vgpus)
        {
            var owner = vgpu.Vm is { } vm ? $" of VM {vm}" : "";
            unasked.Add($"{vgpu.TypeName} on function {vgpu.Function}{owner}");
            _steps.Add(vgpu.ToRemoval(_gpu.Address));
        }

        var matched = _requests is null ? [] : InstanceMatch.Find(_gpu, _requests).Select(m => m.Instance).ToHashSet();
        foreach (var instance in _gpu.Instances)
        {
            if (!matched.Contains(instance))
            {
                (_want.Instances is null ? unasked : _destroyed).Add(_gpu.Describe(instance));
            }

            _steps.Add(new DestroyInstanceStep(_gpu.Address, instance, _gpu.NameOf(instance)));
        }

        if (_gpu.MixedSizes && _want.MixedSizes is null)
        {
            unasked.Add("mixed sizes of vGPUs");
        }

        if (_want.Scheduler is null && _gpu.Scheduler is { Policy: { } policy and not SchedulerPolicy.BestEffort })
        {
            unasked.Add($"the scheduler setting {new SchedulerLayout(policy).Describe()}");
        }

        if (unasked.Count > 0 && !_options.Force)
        {
            throw new ResourceBusyException(
                ErrorIds.WouldDestroy, $"this would destroy objects on {_gpu.Text}: {string.Join(", ", unasked)}",
                "if they are not needed, add -Force; see the GPU: Show-Gpu", Target);
        }

        _destroyed.AddRange(unasked);
    }
}
