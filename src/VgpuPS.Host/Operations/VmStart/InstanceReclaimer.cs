using System.Runtime.ExceptionServices;
using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Events;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Execution;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// Destroys hook-made instances that carry no vGPU and that no promised start needs; finishes what a killed run left half
/// made. What the layout or a person made is never touched.
/// </summary>
internal sealed partial class InstanceReclaimer(HostPorts host, ClaimBook book, HookSettings settings, string source)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>GPUs with hook-made instances, in the order of the file.</summary>
    public IReadOnlyList<PciAddress> Gpus => [.. book.File.Instances.Select(i => i.Gpu).Distinct()];

    /// <summary>Destroys what is idle; a GPU that cannot be asked does not keep the others from it.</summary>
    /// <param name="driver">The driver's session.</param>
    /// <param name="gpus">The GPUs to look at; no other is touched.</param>
    /// <param name="isSpared">Instances to leave alone, by GPU and profile; null for none.</param>
    /// <param name="patience">How long to wait for an instance that is still in use.</param>
    /// <param name="cancellationToken">Ends the work between two instances.</param>
    /// <exception cref="VgpuException">The first failure, when all GPUs are done.</exception>
    public async Task ReclaimAsync(
        IGpuDriverSession driver, IReadOnlyList<PciAddress> gpus, Func<PciAddress, ProfileId, bool>? isSpared,
        TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = host.Clock.GetTimestamp();
        var states = new GpuStates(new GpuReader(host, driver, book.File), () => book.File.Claims.Select(c => c.Type));
        ExceptionDispatchInfo? failure = null;
        foreach (var gpu in gpus)
        {
            try
            {
                foreach (var made in Settle(driver, gpu).Where(m => isSpared?.Invoke(gpu, m.Profile) != true))
                {
                    var left = patience - host.Clock.GetElapsedTime(started);
                    await ReclaimAsync(driver, states, made, left, cancellationToken).ConfigureAwait(false);
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
        IGpuDriverSession driver, GpuStates states, MadeInstance made, TimeSpan patience,
        CancellationToken cancellationToken)
    {
        var started = host.Clock.GetTimestamp();
        while (IsIdle(states, made))
        {
            states.Forget(made.Gpu);
            if (TryDestroy(driver, made))
            {
                return;
            }

            if (host.Clock.GetElapsedTime(started) + s_pause > patience)
            {
                if (patience > TimeSpan.Zero)
                {
                    host.Warn($"GPU instance {made.Instance} of GPU {made.Gpu} is still in use; the next sweep tries again");
                }

                return;
            }

            await Task.Delay(s_pause, host.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Whether the instance carries nothing and nobody was promised it. A device whose instance the driver does not tell
    /// yet (its VM is starting) may sit on any instance of its profile: then none of them is idle.
    /// </summary>
    private bool IsIdle(GpuStates states, MadeInstance made) =>
        states.Find(made.Gpu) is { } state
        && state.Instances.Any(i => i.Id == made.Instance)
        && !state.Active.Any(a => a.GpuInstance == made.Instance)
        && !GpuRoom.Occupants(state).Any(o => o.Type.Profile == made.Profile && o.Instance is null)
        && !IsPromised(states, state, made);

    /// <summary>Whether a promised start could lose out without the instance.</summary>
    private bool IsPromised(GpuStates states, GpuState state, MadeInstance made)
    {
        var claims = book.File.Claims.Where(c => c.State != ClaimState.Live).ToList();
        if (claims.Count == 0)
        {
            return false;
        }

        var others = states.Gpus
            .Where(g => g.Address != made.Gpu && claims.Any(c => c.Candidates.Any(a => g.IndexOf(a) is not null)))
            .Select(g => states.Find(g.Address)).OfType<GpuState>();
        List<GpuState> gpus = [state, .. others];
        var reservations = host.Guests.GetReservations();
        var starts = PromisedStarts.Find(gpus, claims);
        var held = reservations.Where(r => r.IsHeld).Select(r => r.Function)
            .Except(starts.SelectMany(s => s.Candidates)).ToHashSet();
        var room = PromisedStarts.Room(gpus, held, new Dictionary<PciAddress, PciAddress>());
        var before = StartOrders.FindLosers(room, starts);
        return !room[made.Gpu].RemoveInstance(made.Instance!.Value)
            || !StartOrders.FindLosers(room, starts).IsSubsetOf(before);
    }

    private bool TryDestroy(IGpuDriverSession driver, MadeInstance made)
    {
        var instance = driver.GetInstances(made.Gpu).FirstOrDefault(i => i.Id == made.Instance);
        if (instance is null)
        {
            book.Drop(made);
            return true;
        }

        foreach (var compute in instance.ComputeInstances.Where(c => c.Id == made.ComputeInstance))
        {
            if (!driver.TryDestroyComputeInstance(made.Gpu, instance.Id, compute.Id))
            {
                return false;
            }
        }

        var rest = driver.GetInstances(made.Gpu).FirstOrDefault(i => i.Id == made.Instance);
        if (made.ComputeInstance is { } own && rest?.ComputeInstances.Any(c => c.Id == own) == true)
        {
            throw StillThere($"compute instance {own} of GPU instance {made.Instance}", made, "nvmlComputeInstanceDestroy");
        }

        if (made.IsOurs && rest is { ComputeInstances.Count: > 0 })
        {
            // A compute instance that the hook did not make stays, and its GPU instance with it until that is gone.
            book.Put(made with { ComputeInstance = null });
            return true;
        }

        if (made.IsOurs && rest is not null && !driver.TryDestroyInstance(made.Gpu, instance.Id))
        {
            PutComputeInstanceBack(driver, made, instance);
            return false;
        }

        if (made.IsOurs && driver.GetInstances(made.Gpu).Any(i => i.Id == made.Instance))
        {
            throw StillThere($"GPU instance {made.Instance}", made, "nvmlGpuInstanceDestroy");
        }

        book.Drop(made);
        host.Events.Write(new HostEvent(
            source, null, made.IsOurs ? "destroyGpuInstance" : "destroyComputeInstance",
            $"{made.Gpu} GI {made.Instance}", $"profile {made.Profile} at {made.Placement}", ""));
        return true;
    }

    /// <summary>
    /// Somebody got a vGPU on the instance just now. Its compute instance comes back only while no vGPU runs there: beside one
    /// the guest makes its own.
    /// </summary>
    /// <remarks>
    /// Source: facts/host-behaviour.md 3: the host must not create a compute instance in a GPU instance that a running VM uses.
    /// </remarks>
    private void PutComputeInstanceBack(IGpuDriverSession driver, MadeInstance made, GpuInstance before)
    {
        if (before.ComputeInstances.FirstOrDefault(c => c.Id == made.ComputeInstance) is not { } compute)
        {
            return;
        }

        var isInUse = driver.GetActiveVgpus(made.Gpu).Any(a => a.GpuInstance == before.Id);
        var id = isInUse ? null : driver.CreateComputeInstance(made.Gpu, before.Id, compute.Profile);
        var now = driver.GetInstances(made.Gpu).FirstOrDefault(i => i.Id == before.Id);
        book.Put(made with { ComputeInstance = now?.ComputeInstances.FirstOrDefault(c => c.Id == (id ?? c.Id))?.Id });
        if (!isInUse)
        {
            host.Events.Write(new HostEvent(
                source, null, "createComputeInstance", $"{made.Gpu} GI {made.Instance}", "", $"profile {compute.Profile}; put back"));
        }
    }

    private static NativeCallException StillThere(string what, MadeInstance made, string call) => new(
        ErrorIds.ReadBackMismatch,
        $"the driver reported {what} of GPU {made.Gpu} as destroyed, and it is still there",
        $"Look at it: nvidia-smi mig -i {made.Gpu} -lgi; nvidia-smi mig -i {made.Gpu} -lci; the next sweep tries again: vgpu-hook sweep",
        call, 0, made.Gpu.ToString());
}

/// <summary>States of GPUs under the host lock: each is read once, and again only after something on it was changed.</summary>
/// <param name="reader">Reads them.</param>
/// <param name="wanted">Types that every state must tell, beside those on the GPU.</param>
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
