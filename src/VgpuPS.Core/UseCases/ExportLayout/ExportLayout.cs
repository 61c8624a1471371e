using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Mig;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Changes;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.ExportLayout;

/// <summary>Reads the GPUs into a layout that would make them what they are; changes nothing.</summary>
public sealed class ExportLayout(HostPorts host)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Reads it.</summary>
    /// <exception cref="VgpuException">The driver cannot be asked, or has no such GPU.</exception>
    public HostLayout Run(ExportLayoutRequest request)
    {
        using var driver = host.Driver.Open();
        var claims = host.Claims.Load();
        var reader = new ManagedGpuReader(host, driver, host.Settings.Load(), claims);
        var gpus = request.Gpus ?? [.. reader.Addresses.Select(a => a.ToString())];
        return new HostLayout(HostLayout.CurrentVersion, [.. gpus.Select(reader.Read).Select(g => Describe(g, claims))]);
    }

    /// <summary>What the hook made for VMs comes and goes with them, and is no part of a layout.</summary>
    private static GpuLayout Describe(ManagedGpu gpu, ClaimFile claims) => new()
    {
        Gpu = gpu.Address.ToString(),
        Sriov = gpu.State.Gpu.TotalFunctions > 0 ? gpu.State.Gpu.EnabledFunctions > 0 : null,
        Mig = gpu.State.Mig?.Current,
        Instances = gpu.State.MigIsOn
            ? [.. gpu.State.Instances.Where(i => !IsMade(gpu, i, claims)).OrderBy(i => i.Placement).Select(i => Describe(gpu, i))]
            : null,
        MixedSizes = gpu.State.MigIsOn || gpu.CanMixSizes != true || !IsReady(gpu) ? null : gpu.State.MixedSizes,
        Scheduler = gpu.State.MigIsOn || !IsReady(gpu) ? null : Describe(gpu.Scheduler),
    };

    /// <summary>Whether what is set on the GPU lasts: enabling functions later would reset it.</summary>
    private static bool IsReady(ManagedGpu gpu) =>
        gpu.State.Gpu.TotalFunctions == 0 || gpu.State.Gpu.EnabledFunctions > 0;

    private static bool IsMade(ManagedGpu gpu, GpuInstance instance, ClaimFile claims) => claims.Instances.Any(
        m => m.IsOurs && m.Gpu == gpu.Address && m.Placement == instance.Placement && m.Profile == instance.Profile);

    private static InstanceLayout Describe(ManagedGpu gpu, GpuInstance instance)
    {
        var name = gpu.NameOf(instance);
        var compute = instance.ComputeInstances.Select(c => gpu.NameOf(instance, c)).ToList();
        return new InstanceLayout(name, instance.Placement.ToString(), compute is [var only] && only == name ? null : compute);
    }

    private static SchedulerLayout? Describe(VgpuScheduler? scheduler) => scheduler?.Policy is not { } policy ? null
        : new SchedulerLayout(
            policy, policy != SchedulerPolicy.BestEffort && scheduler.IsAdaptive == false
                ? (int)(scheduler.TimesliceNanoseconds / NanosecondsPerMillisecond)
                : null);
}
