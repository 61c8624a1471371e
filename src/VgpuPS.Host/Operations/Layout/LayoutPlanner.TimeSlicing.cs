using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Layout;

internal sealed partial class LayoutPlanner
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    private bool MixedAfter => _want.MixedSizes ?? _gpu.MixedSizes;

    /// <summary>Refuses what mode, model or driver do not allow, whatever is on the GPU now.</summary>
    private void CheckTimeSlicing()
    {
        if (_want.MixedSizes == true)
        {
            CheckMode(ErrorIds.MixedSizesNotReady, "mixed sizes of vGPUs", $"Enable-VgpuMixedSize -Gpu {_gpu.Address}");
            if (_gpu.CanMixSizes == false)
            {
                throw new HostNotReadyException(
                    ErrorIds.MixedSizesNotReady, $"{_gpu.Text} cannot mix sizes of vGPUs",
                    "use vGPU types of one size on it: Get-VgpuType", Target);
            }
        }

        if (_want.Scheduler is { } scheduler)
        {
            CheckMode(ErrorIds.SchedulerNotReady, "a vGPU scheduler", $"Set-VgpuScheduler -Gpu {_gpu.Address}");
            CheckScheduler(scheduler);
        }
        else if (_options.Persist)
        {
            throw new InvalidRequestException(
                ErrorIds.MissingParameter, "a scheduler is to be persisted across reboots, and none is specified",
                "name one: Set-VgpuScheduler -Policy EqualShare -Persist", Target);
        }
    }

    private void CheckMode(string errorId, string what, string then)
    {
        if (_migAfter)
        {
            throw new HostNotReadyException(
                errorId, $"{_gpu.Text} cannot have {what} in MIG mode",
                $"disable MIG mode first: Disable-MigMode -Gpu {_gpu.Address}; then: {then}", Target);
        }

        // What is set before functions are enabled is lost by enabling them.
        if (CanHaveFunctions && !_functionsAfter)
        {
            throw new HostNotReadyException(
                errorId, $"{_gpu.Text} has no virtual functions enabled, and enabling them would reset {what}",
                $"enable them first: Enable-Sriov -Gpu {_gpu.Address}; then: {then}", Target);
        }
    }

    private void CheckScheduler(SchedulerLayout scheduler)
    {
        if (scheduler is { Policy: SchedulerPolicy.BestEffort, TimesliceMilliseconds: not null })
        {
            throw new InvalidRequestException(
                ErrorIds.ConflictingParameters, "best effort has no time slice",
                "omit the time slice, or choose EqualShare or FixedShare", Target);
        }

        if (MixedAfter && scheduler.Policy == SchedulerPolicy.FixedShare)
        {
            throw new HostNotReadyException(
                ErrorIds.SchedulerNotReady, $"{_gpu.Text} has mixed sizes of vGPUs, which exclude fixed shares",
                "choose BestEffort or EqualShare", Target);
        }

        if (_gpu.SchedulerLimits is not { } limits)
        {
            return;
        }

        if (!limits.Policies.Contains(scheduler.Policy))
        {
            throw new HostNotReadyException(
                ErrorIds.SchedulerNotReady,
                $"{_gpu.Text} has no scheduler {scheduler.Describe()}; it has {string.Join(", ", limits.Policies)}",
                $"choose one of them: Get-VgpuScheduler -Gpu {_gpu.Address}", Target);
        }

        var slice = scheduler.TimesliceMilliseconds * NanosecondsPerMillisecond;
        if (slice < limits.MinTimesliceNanoseconds || slice > limits.MaxTimesliceNanoseconds)
        {
            throw new InvalidRequestException(
                ErrorIds.TimeOutOfRange,
                $"a time slice of {scheduler.TimesliceMilliseconds} ms is not possible on {_gpu.Text}: "
                    + $"the range is {limits.MinTimesliceNanoseconds / NanosecondsPerMillisecond} to "
                    + $"{limits.MaxTimesliceNanoseconds / NanosecondsPerMillisecond} ms",
                "choose one within this range", Target);
        }
    }

    private void PlanMixedSizes()
    {
        if (_want.MixedSizes is { } mixed && mixed != _gpu.MixedSizes && !_gpu.MigIsOn)
        {
            CheckNoVgpus("mixed sizes can be changed");
            _steps.Add(new SetMixedSizesStep(_gpu.Address, mixed));
        }
    }

    private void PlanScheduler()
    {
        if (_want.Scheduler is not { } scheduler || _gpu.Scheduler?.Is(scheduler) == true)
        {
            return;
        }

        if (_gpu.Scheduler is null)
        {
            throw new HostNotReadyException(
                ErrorIds.SchedulerNotReady, $"the driver offers no vGPU scheduler for {_gpu.Text}",
                "install NVIDIA's vGPU host driver (the vgpu-kvm package) and look: nvidia-smi vgpu -ss", Target);
        }

        CheckNoVgpus("the scheduler can be set");
        _steps.Add(new SetSchedulerStep(_gpu.Address, scheduler));
    }

    /// <remarks>Source: facts/host-behaviour.md 3: both only before any vGPU exists.</remarks>
    private void CheckNoVgpus(string what)
    {
        if (_gpu.Vgpus.Count == 0)
        {
            return;
        }

        var users = _gpu.Vgpus.Select(v => v.Owner).Distinct().ToList();
        var vms = _gpu.Vgpus.Select(v => v.Vm).OfType<VmId>().Distinct().Order().ToList();
        var idle = _gpu.Vgpus.Where(v => v.Vm is null).Select(v => $"Remove-Vgpu -FunctionAddress {v.Function}");
        throw new ResourceBusyException(
            ErrorIds.ResourceBusy, $"{what} only while there is no vGPU on {_gpu.Text}; "
                + $"there are those of {string.Join(", ", users)}",
            vms.Count > 0 ? $"stop {VmNotes.Join(vms)}: {VmNotes.Shutdown(vms)}" : "remove them: "
                + $"{string.Join("; ", idle)}",
            Target);
    }

    private void PlanPersistence()
    {
        if (!_options.Persist || _want.Scheduler is not { } scheduler)
        {
            return;
        }

        var files = _options.OptionFiles();
        var holders = files.Where(f => SchedulerOption.IsIn(f.Text)).ToList();
        if (holders.Count > 1)
        {
            throw new InvalidRequestException(
                ErrorIds.SchedulerAmbiguous,
                $"{string.Join(" and ", holders.Select(h => h.Path))} both set {SchedulerOption.Name}: "
                    + "it is ambiguous which one takes effect",
                $"keep it in one of them: grep -n {SchedulerOption.Name} /etc/modprobe.d/*.conf", holders[0].Path);
        }

        var path = holders.Count == 1 ? holders[0].Path : _options.DefaultOptionFile;
        var before = files.Where(f => f.Path == path).Select(f => f.Text).FirstOrDefault();
        var after = SchedulerOption.Set(before ?? "", _gpu.Address, scheduler);
        if (after != before)
        {
            _steps.Add(new PersistSchedulerStep(_gpu.Address, scheduler, path, before, after));
        }
    }
}
