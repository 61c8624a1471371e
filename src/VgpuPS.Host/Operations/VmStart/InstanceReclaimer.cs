using System.Runtime.ExceptionServices;
using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Events;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// Destroys hook-managed instances that have no vGPU and that no pending start needs; finishes what a killed run left
/// half
/// made. What the layout or a user made is never touched.
/// </summary>
internal sealed partial class InstanceReclaimer(HostPorts host, ClaimBook book, HookSettings settings, string source)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>GPUs with hook-managed instances, in the order of the file.</summary>
    public IReadOnlyList<PciAddress> Gpus => [.. book.File.Instances.Select(i => i.Gpu).Distinct()];

    /// <summary>Destroys what is idle; a GPU that cannot be asked does not keep the others from it.</summary>
    /// <param name="driver">The driver's session.</param>
    /// <param name="gpus">The GPUs to look at; no other is touched.</param>
    /// <param name="isSpared">Instances to leave alone, by GPU and profile; null for none.</param>
    /// <param name="timeout">How long to wait for an instance that is still in use.</param>
    /// <param name="cancellationToken">Ends the work between two instances.</param>
    /// <exception cref="VgpuException">The first failure, when all GPUs are done.</exception>
    public async Task ReclaimAsync(
        IGpuDriverSession driver, IReadOnlyList<PciAddress> gpus, Func<PciAddress, ProfileId, bool>? isSpared,
        TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = host.Clock.GetTimestamp();
        var states = new GpuStates(new GpuReader(host, driver, book.File), () => book.File.Claims.Select(c => c.Type));
        ExceptionDispatchInfo? failure = null;
        foreach (var gpu in gpus)
        {
            try
            {
                foreach (var managed in Converge(driver, gpu).Where(m => isSpared?.Invoke(gpu, m.Profile) != true))
                {
                    var remaining = timeout - host.Clock.GetElapsedTime(started);
                    await ReclaimAsync(driver, states, managed, remaining, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (VgpuException e)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        failure?.Throw();
    }

    private async Task ReclaimAsync(
        IGpuDriverSession driver, GpuStates states, ManagedInstance managed, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var started = host.Clock.GetTimestamp();
        while (IsIdle(states, managed))
        {
            states.Forget(managed.Gpu);
            if (TryDestroy(driver, managed))
            {
                return;
            }

            if (host.Clock.GetElapsedTime(started) + s_pause > timeout)
            {
                if (timeout > TimeSpan.Zero)
                {
                    host.Warn(
                        $"GPU instance {managed.Instance} of GPU {managed.Gpu} is still in use; the next sweep tries "
                            + "again");
                }

                return;
            }

            await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Whether the instance has no vGPU and it is not reserved. A device whose instance the driver does not report it
    /// yet (its VM is starting) may sit on any instance of its profile: then none of them is idle.
    /// </summary>
    private bool IsIdle(GpuStates states, ManagedInstance managed) =>
        states.Find(managed.Gpu) is { } state
        && state.Instances.Any(i => i.Id == managed.Instance)
        && !state.Active.Any(a => a.GpuInstance == managed.Instance)
        && !GpuCapacity.Occupants(state).Any(o => o.Type.Profile == managed.Profile && o.Instance is null)
        && !IsPending(states, state, managed);

    /// <summary>Whether a pending start could lose out without the instance.</summary>
    private bool IsPending(GpuStates states, GpuState state, ManagedInstance managed)
    {
        var claims = book.File.Claims.Where(c => c.State != ClaimState.Live).ToList();
        if (claims.Count == 0)
        {
            return false;
        }

        var others = states.Gpus
            .Where(g => g.Address != managed.Gpu && claims.Any(c => c.Candidates.Any(a => g.IndexOf(a) is not null)))
            .Select(g => states.Find(g.Address)).OfType<GpuState>();
        List<GpuState> gpus = [state, .. others];
        var reservations = host.Proxmox.GetReservations();
        var starts = PendingStarts.Find(gpus, claims);
        var held = reservations.Where(r => r.IsHeld).Select(r => r.Function)
            .Except(starts.SelectMany(s => s.Candidates)).ToHashSet();
        var capacity = PendingStarts.ReadCapacity(gpus, held, new Dictionary<PciAddress, PciAddress>());
        var before = StartInterleavings.FindStarved(capacity, starts);
        return !capacity[managed.Gpu].RemoveInstance(managed.Instance!.Value)
            || !StartInterleavings.FindStarved(capacity, starts).IsSubsetOf(before);
    }

    private bool TryDestroy(IGpuDriverSession driver, ManagedInstance managed)
    {
        var instance = driver.GetInstances(managed.Gpu).FirstOrDefault(i => i.Id == managed.Instance);
        if (instance is null)
        {
            book.Drop(managed);
            return true;
        }

        foreach (var compute in instance.ComputeInstances.Where(c => c.Id == managed.ComputeInstance))
        {
            if (!driver.TryDestroyComputeInstance(managed.Gpu, instance.Id, compute.Id))
            {
                return false;
            }
        }

        var rest = driver.GetInstances(managed.Gpu).FirstOrDefault(i => i.Id == managed.Instance);
        if (managed.ComputeInstance is { } own && rest?.ComputeInstances.Any(c => c.Id == own) == true)
        {
            throw StillThere(
                $"compute instance {own} of GPU instance {managed.Instance}", managed, "nvmlComputeInstanceDestroy");
        }

        if (managed.IsOurs && rest is { ComputeInstances.Count: > 0 })
        {
            // A compute instance that the hook did not make stays, and its GPU instance with it until that is gone.
            book.Put(managed with { ComputeInstance = null });
            return true;
        }

        if (managed.IsOurs && rest is not null && !driver.TryDestroyInstance(managed.Gpu, instance.Id))
        {
            RestoreComputeInstance(driver, managed, instance);
            return false;
        }

        if (managed.IsOurs && driver.GetInstances(managed.Gpu).Any(i => i.Id == managed.Instance))
        {
            throw StillThere($"GPU instance {managed.Instance}", managed, "nvmlGpuInstanceDestroy");
        }

        book.Drop(managed);
        host.Events.Write(new HostEvent(
            source, null, managed.IsOurs ? "destroyGpuInstance" : "destroyComputeInstance",
            $"{managed.Gpu} GI {managed.Instance}", $"profile {managed.Profile} at {managed.Placement}", ""));
        return true;
    }

    /// <summary>
    /// A VM got a vGPU on the instance just now. Its compute instance comes back only while no vGPU runs there: beside
    /// one
    /// the guest makes its own.
    /// </summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 3: the host must not create a compute instance in a GPU instance that a running
    /// VM uses.
    /// </remarks>
    private void RestoreComputeInstance(IGpuDriverSession driver, ManagedInstance managed, GpuInstance before)
    {
        if (before.ComputeInstances.FirstOrDefault(c => c.Id == managed.ComputeInstance) is not { } compute)
        {
            return;
        }

        var isInUse = driver.GetActiveVgpus(managed.Gpu).Any(a => a.GpuInstance == before.Id);
        var id = isInUse ? null : driver.CreateComputeInstance(managed.Gpu, before.Id, compute.Profile);
        var now = driver.GetInstances(managed.Gpu).FirstOrDefault(i => i.Id == before.Id);
        book.Put(
            managed with { ComputeInstance = now?.ComputeInstances.FirstOrDefault(c => c.Id == (id ?? c.Id))?.Id });
        if (!isInUse)
        {
            host.Events.Write(new HostEvent(
                source, null, "createComputeInstance", $"{managed.Gpu} GI {managed.Instance}", "",
                $"profile {compute.Profile}; put back"));
        }
    }

    private static NativeCallException StillThere(string what, ManagedInstance managed, string call) => new(
        ErrorIds.ReadBackMismatch,
        $"the driver reported {what} of GPU {managed.Gpu} as destroyed, and it still exists",
        $"look at it: nvidia-smi mig -i {managed.Gpu} -lgi; nvidia-smi mig -i {managed.Gpu} -lci; "
            + "the next sweep tries again: vgpu-hook sweep",
        call, 0, managed.Gpu.ToString());
}

/// <summary>States of GPUs under the host lock: each is read once, and again only after something on it was
/// changed.</summary>
/// <param name="reader">Reads them.</param>
/// <param name="wanted">Types that every state must report, beside those on the GPU.</param>
internal sealed class GpuStates(GpuReader reader, Func<IEnumerable<VgpuTypeId>> wanted)
{
    private readonly Dictionary<PciAddress, GpuState> _states = [];

    /// <summary>The host's GPUs as PCI shows them.</summary>
    public IReadOnlyList<PhysicalFunction> Gpus => reader.Present;

    /// <summary>State of a GPU; null when the host has none of that address.</summary>
    public GpuState? Find(PciAddress address)
    {
        if (!_states.TryGetValue(address, out var state)
            && Gpus.FirstOrDefault(g => g.Address == address) is { } gpu)
        {
            _states[address] = state = reader.Read(gpu, wanted());
        }

        return state;
    }

    /// <summary>Says that a GPU is not as it was read any more.</summary>
    public void Forget(PciAddress gpu) => _states.Remove(gpu);
}
