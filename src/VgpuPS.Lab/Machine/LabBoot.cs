using VgpuPS.Lab.Platform;

namespace VgpuPS.Lab.Machine;

/// <summary>What happens on the machine by itself as its time goes on: the driver loads, GPUs are bound, units start
/// and end.</summary>
internal static class LabBoot
{
    private const long NsPerMs = 1_000_000;

    /// <summary>Begins a boot; what is due at once has happened when it returns.</summary>
    public static void Begin(LabState state, LabBootSetup setup)
    {
        var now = state.MonotonicNs;
        state.Coming.Clear();
        state.Units.Clear();
        if (setup.DriverAfterMs > 0)
        {
            state.Coming.Add(new LabComing { AtNs = now + (setup.DriverAfterMs * NsPerMs), LoadsDriver = true });
        }

        foreach (var gpu in state.Gpus)
        {
            gpu.HasTypes = false;
            var after = Math.Max(setup.DriverAfterMs, setup.GpusAfterMs.GetValueOrDefault(gpu.Address));
            gpu.Driver = after > 0 ? null : LabKernelStart.OwnDriver(state, gpu);
            if (after > 0)
            {
                state.Coming.Add(new LabComing { AtNs = now + (after * NsPerMs), BindsGpu = gpu.Address });
            }
        }

        foreach (var unit in setup.Units.Where(u => IsInstalled(state, u.Name)))
        {
            state.Units.Add(new LabUnit { Name = unit.Name });
            if (unit.StartAfterMs is { } after)
            {
                state.Coming.Add(new LabComing { AtNs = now + (after * NsPerMs), StartsUnit = unit.Name });
            }
        }

        Converge(state);
    }

    /// <summary>Adds units that were installed since the boot, not started.</summary>
    public static void AddUnits(LabState state)
    {
        state.Units.RemoveAll(u => IsNvidias(u.Name));
        foreach (var unit in state.Setup.Boot.Units.Where(u => IsNvidias(u.Name) && IsInstalled(state, u.Name)))
        {
            state.Units.Add(new LabUnit { Name = unit.Name });
        }
    }

    /// <summary>Lets happen what is due by now.</summary>
    public static void Converge(LabState state)
    {
        while (state.Coming.Where(c => c.AtNs <= state.MonotonicNs).MinBy(c => c.AtNs) is { } next)
        {
            state.Coming.Remove(next);
            if (next.BindsGpu is { } address && state.Gpus.Find(g => g.Address == address) is { Driver: null } gpu)
            {
                gpu.Driver = LabKernelStart.OwnDriver(state, gpu);
            }

            if (next.StartsUnit is { } starts)
            {
                Start(state, starts);
            }

            if (next.EndsUnit is { } ends)
            {
                End(state, ends, next.AtNs);
            }
        }
    }

    /// <summary>Starts a unit; false when there is none of that name.</summary>
    public static bool Start(LabState state, string name)
    {
        if (state.Units.Find(u => u.Name == name) is not { } unit)
        {
            return false;
        }

        var plan = PlanOf(state, name);
        if (unit.ActiveState is "active" or "activating")
        {
            return true;
        }

        if (IsNvidias(name) && state.Setup.DriverIsUnloaded)
        {
            (unit.ActiveState, unit.SubState, unit.Result) = ("failed", "failed", "exit-code");
            return true;
        }

        (unit.ActiveState, unit.SubState, unit.Result) = plan.IsOneshot
            ? ("activating", "start", "success") : ("active", "running", "success");
        if (plan.RunsForMs is { } time)
        {
            state.Coming.Add(new LabComing { AtNs = state.MonotonicNs + (time * NsPerMs), EndsUnit = name });
            if (time == 0)
            {
                Converge(state);
            }
        }

        return true;
    }

    /// <summary>Stops a unit; false when there is none of that name.</summary>
    public static bool Stop(LabState state, string name)
    {
        if (state.Units.Find(u => u.Name == name) is not { } unit)
        {
            return false;
        }

        state.Coming.RemoveAll(c => c.EndsUnit == name);
        if (unit.ActiveState is "active" or "activating")
        {
            (unit.ActiveState, unit.SubState, unit.InactiveSinceNs) = ("inactive", "dead", state.MonotonicNs);
        }

        return true;
    }

    /// <remarks>
    /// Source: facts/host-behaviour.md 7: without the daemon's success there are no types. Assumed: a unit that enables
    /// functions fails where a program has the GPU open, as <c>sriov-manage</c> does (2).
    /// </remarks>
    private static void End(LabState state, string name, long now)
    {
        var unit = state.Units.Find(u => u.Name == name)!;
        var plan = PlanOf(state, name);
        var succeeds = plan.Result == "success" && EnableFunctions(state, plan.Functions);
        unit.Result = succeeds ? "success" : plan.Result == "success" ? "exit-code" : plan.Result;
        (unit.ActiveState, unit.SubState) = !succeeds ? ("failed", "failed")
            : plan.IsOneshot ? ("active", "exited") : ("inactive", "dead");
        unit.InactiveSinceNs = unit.ActiveState == "active" ? unit.InactiveSinceNs : now;
        if (succeeds && name == LabBootSetup.TypesUnit)
        {
            state.Gpus.ForEach(gpu => gpu.HasTypes = true);
        }
    }

    private static bool EnableFunctions(LabState state, string? target)
    {
        var gpus = state.Gpus.Where(g => target is not null && (target == "ALL" || g.Address == target))
            .Where(g => g.FunctionCount < g.TotalFunctions).ToList();
        if (gpus.Exists(g => g.Driver != "nvidia" || LabGpuRules.FindUser(state, g, exceptOwner: null) is not null))
        {
            return false;
        }

        foreach (var gpu in gpus)
        {
            LabGpuRules.Rebind(gpu);
            gpu.FunctionCount = gpu.TotalFunctions;
        }

        return true;
    }

    private static bool IsNvidias(string name) => name is LabBootSetup.TypesUnit or LabBootSetup.ManagerUnit;

    /// <remarks>Source: facts/host-behaviour.md 7 and 8: NVIDIA's units come with the vGPU host driver, and no
    /// other.</remarks>
    private static bool IsInstalled(LabState state, string name) =>
        !IsNvidias(name) || state.Platform.Driver == LabDriverFlavour.VgpuKvm;

    private static LabBootUnit PlanOf(LabState state, string name) =>
        state.Setup.Boot.Units.Find(u => u.Name == name) ?? new LabBootUnit { Name = name };
}
