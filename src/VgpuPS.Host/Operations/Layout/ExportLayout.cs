using VgpuPS.Core.Claims;
using VgpuPS.Core.Layout;

namespace VgpuPS.Host.Operations.Layout;

/// <summary>Reads the GPUs into a layout that would make them what they are; changes nothing.</summary>
internal sealed class ExportLayout(HostPorts host)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Reads it.</summary>
    /// <exception cref="VgpuException">The driver cannot be asked, or has no such GPU.</exception>
    public HostLayout Run(ExportLayoutRequest request)
    {
        using var driver = host.Driver.Open();
        var claims = host.Claims.Load();
        var reader = new GpuReader(host, driver, claims);
        var gpus = request.Gpus is { } names ? names.SelectMany(reader.Find).Distinct() : reader.Gpus;
        return new HostLayout([.. gpus.Select(reader.Read).Select(g => Describe(g, claims))]);
    }

    /// <summary>What the hook made for VMs comes and goes with them, and is not part of a layout.</summary>
    private static GpuLayout Describe(ManagedGpu gpu, ClaimFile claims) => new()
    {
        Gpu = gpu.Address.ToString(),
        Sriov = gpu.Gpu.TotalFunctions > 0 ? gpu.Gpu.EnabledFunctions > 0 : null,
        Mig = gpu.Mig?.Current,
        Instances = gpu.MigIsOn
            ? [.. gpu.Instances.Where(i => !IsHookManaged(gpu, i, claims)).OrderBy(i => i.Placement)
                .Select(i => Describe(gpu, i))]
            : null,
        MixedSizes = gpu.MigIsOn || gpu.CanMixSizes != true || !IsReady(gpu) ? null : gpu.MixedSizes,
        Scheduler = gpu.MigIsOn || !IsReady(gpu) ? null : Describe(gpu.Scheduler),
    };

    /// <summary>Whether what is set on the GPU lasts: enabling functions later would reset it.</summary>
    private static bool IsReady(ManagedGpu gpu) =>
        gpu.Gpu.TotalFunctions == 0 || gpu.Gpu.EnabledFunctions > 0;

    private static bool IsHookManaged(ManagedGpu gpu, GpuInstance instance, ClaimFile claims) => claims.Instances.Any(
        m => m.IsOurs && m.Gpu == gpu.Address && m.Placement == instance.Placement && m.Profile == instance.Profile);

    private static InstanceLayout Describe(ManagedGpu gpu, GpuInstance instance)
    {
        var name = gpu.NameOf(instance);
        var compute = instance.ComputeInstances.Select(c => gpu.NameOf(instance, c)).ToList();
        return new InstanceLayout(
            name, instance.Placement.ToString(), compute is [var only] && only == name ? null : compute);
    }

    private static SchedulerLayout? Describe(VgpuScheduler? scheduler) => scheduler?.Policy is not { } policy ? null
        : new SchedulerLayout(
            policy, policy != SchedulerPolicy.BestEffort && scheduler.IsAdaptive == false
                ? (int)(scheduler.TimesliceNanoseconds / NanosecondsPerMillisecond)
                : null);
}

/// <summary>Requests a layout that says what is on the GPUs now.</summary>
public sealed record ExportLayoutRequest
{
    /// <summary>The GPUs, by index, UUID, address or model, each once; null for all.</summary>
    public IReadOnlyList<string>? Gpus { get; init; }
}
