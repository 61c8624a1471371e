using VgpuPS.Core.Claims;

namespace VgpuPS.Host.Operations;

/// <summary>Keeps instances from being destroyed that are in use or reserved.</summary>
internal static class InstanceGuard
{
    /// <summary>Refuses when one of the instances is needed.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="instances">The instances that shall go.</param>
    /// <param name="why">Who wants that, for display.</param>
    /// <exception cref="ResourceBusyException">A VM uses one, or a pending start would lose out.</exception>
    public static void Check(ManagedGpu gpu, IReadOnlyList<GpuInstance> instances, string why)
    {
        foreach (var instance in instances.Where(gpu.IsUsed))
        {
            var vms = gpu.VgpusOn(instance).Select(v => v.Vm).OfType<VmId>().Distinct().Order().ToList();
            var idle = gpu.VgpusOn(instance).FirstOrDefault(v => v.Vm is null);
            throw new ResourceBusyException(
                ErrorIds.ResourceBusy,
                $"{gpu.Describe(instance)} of {gpu.Text}, which {why}, is used by {gpu.DescribeUsers(instance)}",
                vms.Count > 0 ? $"stop {VmNotes.Join(vms)}: {VmNotes.Shutdown(vms)}"
                    : $"remove the vGPU: Remove-Vgpu -FunctionAddress {idle!.Function}",
                gpu.Address.ToString());
        }

        foreach (var profile in instances.GroupBy(i => i.Profile))
        {
            var pending = gpu.Pending.Where(c => gpu.FindType(c.Type)?.Profile == profile.Key).ToList();
            var free = gpu.Instances.Count(i => i.Profile == profile.Key && !gpu.IsUsed(i));
            if (pending.Count > 0 && free - profile.Count() < pending.Count)
            {
                throw RefusePending(gpu, profile.First(), pending);
            }
        }
    }

    private static ResourceBusyException RefusePending(
        ManagedGpu gpu, GpuInstance instance, IReadOnlyList<VgpuClaim> pending)
    {
        var vms = pending.Select(c => c.Vm).Distinct().Order().ToList();
        return new ResourceBusyException(
            ErrorIds.ResourceBusy,
            $"{gpu.Describe(instance)} of {gpu.Text} is reserved for the pending start of {VmNotes.Join(vms)}",
            "wait until the VM runs, or has failed and is swept: vgpu-hook sweep", gpu.Address.ToString());
    }
}
