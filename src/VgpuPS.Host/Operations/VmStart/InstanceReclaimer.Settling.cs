using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.VmStart;

internal sealed partial class InstanceReclaimer
{
    /// <summary>Settles several GPUs; what one refuses is said and looked at again by the next run.</summary>
    public void SettleAll(IGpuDriverSession driver, IReadOnlyList<PciAddress> gpus)
    {
        foreach (var gpu in gpus)
        {
            try
            {
                Settle(driver, gpu);
            }
            catch (VgpuException e)
            {
                host.Warn($"hook-made instances of GPU {gpu} cannot be looked at: {e.Message}");
            }
        }
    }

    /// <summary>Gives half-made records their instance, and drops those whose instance is gone.</summary>
    private List<MadeInstance> Settle(IGpuDriverSession driver, PciAddress gpu)
    {
        var instances = ReadInstances(driver, gpu);
        var settled = new List<MadeInstance>();
        foreach (var made in book.File.Instances.Where(i => i.Gpu == gpu).ToList())
        {
            var instance = instances.FirstOrDefault(i => i.Profile == made.Profile && i.Placement == made.Placement
                && (made.Instance is null || i.Id == made.Instance));
            if (instance is null || (!made.IsOurs && instance.ComputeInstances.Count == 0))
            {
                book.Drop(made);
                continue;
            }

            var known = made with
            {
                Instance = instance.Id,
                ComputeInstance = made.ComputeInstance ?? FindLeftByKill(instance),
            };
            if (known != made)
            {
                book.Put(known);
            }

            settled.Add(known);
        }

        return settled;
    }

    /// <summary>
    /// The compute instance that a killed run made and could not record any more; one that the guest or a person made, where
    /// the hook makes none, is theirs.
    /// </summary>
    private ComputeInstanceId? FindLeftByKill(GpuInstance instance) =>
        settings.ComputeInstance == ComputeInstancePolicy.Full && instance.ComputeInstances is [var only] ? only.Id : null;

    private static IReadOnlyList<GpuInstance> ReadInstances(IGpuDriverSession driver, PciAddress gpu) =>
        driver.GetMigMode(gpu) is { Current: true } ? driver.GetInstances(gpu) : [];
}
