using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.VmStart;

internal sealed partial class InstanceReclaimer
{
    /// <summary>Reconciles several GPUs; what one refuses is said and looked at again by the next run.</summary>
    public void ConvergeAll(IGpuDriverSession driver, IReadOnlyList<PciAddress> gpus)
    {
        foreach (var gpu in gpus)
        {
            try
            {
                Converge(driver, gpu);
            }
            catch (VgpuException e)
            {
                host.Warn($"hook-managed instances of GPU {gpu} cannot be read: {e.Message}");
            }
        }
    }

    /// <summary>Gives half-made records their instance, and drops those whose instance is gone.</summary>
    private List<ManagedInstance> Converge(IGpuDriverSession driver, PciAddress gpu)
    {
        var instances = ReadInstances(driver, gpu);
        var converged = new List<ManagedInstance>();
        foreach (var managed in book.File.Instances.Where(i => i.Gpu == gpu).ToList())
        {
            var instance = instances.FirstOrDefault(
                i => i.Profile == managed.Profile && i.Placement == managed.Placement
                && (managed.Instance is null || i.Id == managed.Instance));
            if (instance is null || (!managed.IsOurs && instance.ComputeInstances.Count == 0))
            {
                book.Drop(managed);
                continue;
            }

            var known = managed with
            {
                Instance = instance.Id,
                ComputeInstance = managed.ComputeInstance ?? FindOrphanedByKill(instance),
            };
            if (known != managed)
            {
                book.Put(known);
            }

            converged.Add(known);
        }

        return converged;
    }

    /// <summary>
    /// The compute instance that a killed run made and could not record any more; one that the guest or a user made,
    /// where
    /// the hook makes none, is theirs.
    /// </summary>
    private ComputeInstanceId? FindOrphanedByKill(GpuInstance instance) =>
        settings.ComputeInstance == ComputeInstancePolicy.Full && instance.ComputeInstances is [var only]
            ? only.Id : null;

    private static IReadOnlyList<GpuInstance> ReadInstances(IGpuDriverSession driver, PciAddress gpu) =>
        driver.GetMigMode(gpu) is { Current: true } ? driver.GetInstances(gpu) : [];
}
