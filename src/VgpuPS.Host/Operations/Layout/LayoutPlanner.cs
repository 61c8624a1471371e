using VgpuPS.Core.Layout;
using VgpuPS.Core.Steps;

namespace VgpuPS.Host.Operations.Layout;

/// <summary>
/// Plans the way from a GPU as it is to what is requested on it: MIG mode, functions, instances, mixed sizes,
/// scheduler, in the
/// order that works on every generation. What matches is left alone, what a VM uses is never touched.
/// </summary>
/// <remarks>Source: facts/host-behaviour.md 2 (what a rebind destroys), 3 (order).</remarks>
internal sealed partial class LayoutPlanner
{
    private readonly InstancePlacer _placer;
    private readonly ManagedGpu _gpu;
    private readonly GpuLayout _want;
    private readonly LayoutOptions _options;
    private readonly List<PlanStep> _steps = [];
    private readonly List<string> _destroyed = [];
    private readonly bool _migAfter;
    private readonly bool _functionsAfter;
    private readonly IReadOnlyList<InstanceRequest>? _requests;

    private LayoutPlanner(InstancePlacer placer, ManagedGpu gpu, GpuLayout want, LayoutOptions options)
    {
        _placer = placer;
        _gpu = gpu;
        _want = want;
        _options = options;
        _migAfter = want.Mig ?? gpu.MigIsOn;
        _functionsAfter = want.Sriov ?? HasFunctions;
        CheckModes();
        CheckTimeSlicing();
        _requests = ReadRequests();
    }

    private bool HasFunctions => _gpu.Gpu.EnabledFunctions > 0;

    private bool CanHaveFunctions => _gpu.Gpu.TotalFunctions > 0;

    private string Target => _gpu.Address.ToString();

    /// <summary>Plans it; nothing is changed.</summary>
    /// <exception cref="VgpuException">It cannot be, or must not be now.</exception>
    public static GpuChangePlan Plan(
        InstancePlacer placer, ManagedGpu gpu, GpuLayout want, LayoutOptions options)
    {
        var planner = new LayoutPlanner(placer, gpu, want, options);
        if (planner.PlanRebind())
        {
            planner.Foresee();
        }
        else
        {
            planner.PlanInstances();
            planner.PlanMixedSizes();
            planner.PlanScheduler();
        }

        planner.PlanPersistence();
        return new GpuChangePlan(planner._steps, planner._destroyed);
    }

    private void CheckModes()
    {
        if (_want.Mig == true && _gpu.Mig is null)
        {
            throw HasNoMig(_gpu);
        }

        if (_want.Sriov == true && !CanHaveFunctions)
        {
            var why = GpuBoard.WhyWithoutFunctions(_gpu.Gpu);
            throw new HostNotReadyException(
                ErrorIds.SriovNotSupported,
                $"{_gpu.Text} has no virtual functions (SR-IOV){(why is { } w ? $": {w.Cause}" : "")}",
                why?.Fix ?? $"create its vGPUs on the GPU itself: New-Vgpu -Gpu {_gpu.Address} -Type <type>", Target);
        }

        if (_want.Instances is not { Count: > 0 } || _migAfter)
        {
            return;
        }

        throw _want.Mig == false
            ? new InvalidRequestException(
                ErrorIds.LayoutConflict, $"GPU instances are requested on {_gpu.Text} together with MIG mode off",
                "request one of them: \"mig\": true", Target)
            : MigIsOff(_gpu);
    }

    /// <summary>The refusal of instances where MIG mode is off.</summary>
    internal static VgpuException MigIsOff(ManagedGpu gpu) => gpu.Mig is null
        ? HasNoMig(gpu)
        : new HostNotReadyException(
            ErrorIds.MigModeMismatch, $"MIG mode of {gpu.Text} is off",
            $"enable it: Enable-MigMode -Gpu {gpu.Address}", gpu.Address.ToString());

    private static HostNotReadyException HasNoMig(ManagedGpu gpu)
    {
        var why = GpuBoard.Of(gpu.Gpu.DeviceId).HidesMig ? GpuBoard.WhyWithoutFunctions(gpu.Gpu) : null;
        return new HostNotReadyException(
            ErrorIds.MigNotSupported, $"{gpu.Text} {(why is { } w ? $"offers no MIG: {w.Cause}" : "has no MIG")}",
            why?.Fix ?? "use time-sliced vGPU types on it: Get-VgpuType", gpu.Address.ToString());
    }

    /// <summary>What will be done once MIG mode and functions are as they shall be.</summary>
    private void Foresee()
    {
        foreach (var request in _requests ?? [])
        {
            _steps.Add(new DeferredStep(
                _gpu.Address,
                $"create GPU instance {request.Text}, GPU "
                    + $"{_gpu.Address}{(request.Placement is null ? " (where it fits then)" : "")}"));
        }

        if (_want.MixedSizes == true)
        {
            _steps.Add(new DeferredStep(_gpu.Address, new SetMixedSizesStep(_gpu.Address, true).Text));
        }

        if (_want.Scheduler is { } scheduler && !IsDefault(scheduler))
        {
            _steps.Add(new DeferredStep(_gpu.Address, new SetSchedulerStep(_gpu.Address, scheduler).Text));
        }
    }

    private static bool IsDefault(SchedulerLayout scheduler) => scheduler.Policy == SchedulerPolicy.BestEffort;
}

/// <summary>What a change of a GPU's layout may do beside it.</summary>
/// <param name="Force">Whether what was not named may be destroyed, where no VM runs.</param>
/// <param name="Reset">Whether the GPU may be reset where a change of its MIG mode requires it.</param>
/// <param name="Persist">Whether the scheduler is written into the driver's module options as well.</param>
/// <param name="OptionFiles">Files of module options, path and text; read only where they matter.</param>
/// <param name="FindUsers">Finds who keeps a GPU from being changed; asked only where that matters.</param>
/// <param name="DefaultOptionFile">Where options go that are in no file yet.</param>
internal sealed record LayoutOptions(
    bool Force, bool Reset, bool Persist, Func<IReadOnlyList<(string Path, string Text)>> OptionFiles,
    Func<ManagedGpu, GpuUsers> FindUsers, string DefaultOptionFile);
