using VgpuPS.Core.Contracts;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Mig;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Reading;
using VgpuPS.Core.Vgpu;
using VgpuPS.Core.Vgpu.Capacity;

namespace VgpuPS.Core.UseCases.ShowHost;

/// <summary>Joins one GPU's instances, functions and vGPUs with the VMs that they belong to.</summary>
internal sealed class GpuReportReader(
    HostPorts host, IGpuDriverSession driver, ClaimFile file, IReadOnlyList<FunctionReservation> reservations)
{
    private readonly Lazy<Dictionary<string, VmId>> _vmsByUuid = new(() => GuestUuids.Find(host.Guests));
    private int _index;

    /// <summary>Reads a GPU; the next call's GPU gets the next index.</summary>
    public GpuReport Read(PhysicalFunction gpu) => Read(GpuReader.Read(host, driver, gpu, []));

    /// <summary>Joins a GPU that was read already; the next call's GPU gets the next index.</summary>
    public GpuReport Read(GpuState state)
    {
        var gpu = state.Gpu;
        var types = driver.GetTypes(gpu.Address).ToDictionary(t => t.Id);
        var creatable = driver.GetCreatableTypes(gpu.Address).ToHashSet();
        var vgpus = ReadVgpus(state, types);
        return new GpuReport
        {
            Index = _index++,
            Address = gpu.Address.ToString(),
            Uuid = state.Uuid.Value,
            Model = state.Model,
            MemoryMiB = driver.GetIdentity(gpu.Address).MemoryMiB,
            NumaNode = gpu.NumaNode,
            Mig = state.Mig is { } mig ? new MigReport(mig.Current, mig.Pending) : null,
            MemorySlices = state.Profiles.SelectMany(p => p.Placements).Select(p => p.Start + p.Size)
                .DefaultIfEmpty(0).Max(),
            Backend = NameBackend(state),
            TotalFunctions = gpu.TotalFunctions,
            EnabledFunctions = gpu.EnabledFunctions,
            MixedSizes = state.MixedSizes,
            CanMixSizes = driver.CanMixSizes(gpu.Address) ?? driver.GetMixedSizeMode(gpu.Address) is not null,
            Scheduler = ReadScheduler(gpu.Address),
            Profiles = [.. state.Profiles.Select(p => new ProfileReport(
                p.Id.Value, p.Name, p.ComputeSlices, p.MemoryMiB, p.Multiprocessors, p.MaxInstances, p.Engines,
                p.TakesMediaEngines, [.. p.Placements.Select(w => new PlacementReport(w.Start, w.Size))]))],
            Instances = [.. state.Instances.OrderBy(i => i.Placement).Select(i => new InstanceReport(
                i.Id.Value, state.FindProfile(i.Profile)?.Name ?? $"profile {i.Profile}", i.Profile.Value,
                new PlacementReport(i.Placement.Start, i.Placement.Size), state.FindProfile(i.Profile)?.MemoryMiB ?? 0,
                ReadComputeInstances(gpu.Address, i),
                [.. vgpus.Where(v => v.GpuInstanceId == i.Id.Value).Select(v => v.VmId).OfType<int>().Distinct().Order()],
                file.Instances.Any(m => m.Gpu == gpu.Address && m.IsOurs && m.Instance == i.Id)))],
            Functions = [.. state.Functions.Select(f => new FunctionReport(
                f.Address.ToString(), f.Index, f.Driver, f.IommuGroup,
                (f.CurrentType ?? f.Devices.Select(d => d.Type).FirstOrDefault())?.Value))],
            Vgpus = vgpus,
            Types = [.. types.Values.OrderBy(t => t.Id).Select(t => new VgpuTypeReport(
                t.Id.Value, t.ShortName, t.FramebufferMiB,
                t.Profile is { } p ? state.FindProfile(p)?.Name ?? $"profile {p}" : null, creatable.Contains(t.Id),
                t.Class, t.MaxPerGpu, t.MaxPerGpuInstance, t.MaxPerVm, t.IsExclusiveInVm, t.License))],
        };
    }

    private List<ComputeInstanceReport> ReadComputeInstances(PciAddress gpu, GpuInstance instance)
    {
        if (instance.ComputeInstances.Count == 0)
        {
            return [];
        }

        var profiles = driver.GetComputeProfiles(gpu, instance.Id).ToLookup(p => p.Id);
        return [.. instance.ComputeInstances.Select(c => profiles[c.Profile].FirstOrDefault() is { } profile
            ? new ComputeInstanceReport(c.Id.Value, profile.Name, profile.ComputeSlices, profile.Multiprocessors)
            : new ComputeInstanceReport(c.Id.Value, $"profile {c.Profile}", 0, 0))];
    }

    private SchedulerReport? ReadScheduler(PciAddress gpu)
    {
        if (driver.GetScheduler(gpu) is not { } scheduler)
        {
            return null;
        }

        var limits = driver.GetSchedulerLimits(gpu);
        return new SchedulerReport(
            scheduler.Policy?.ToString(),
            scheduler.Policy is null or SchedulerPolicy.BestEffort ? null : Milliseconds(scheduler.TimesliceNanoseconds),
            [.. limits?.Policies.Select(p => p.ToString()) ?? []],
            limits is null ? null : Milliseconds(limits.MinTimesliceNanoseconds),
            limits is null ? null : Milliseconds(limits.MaxTimesliceNanoseconds));
    }

    private static double Milliseconds(long nanoseconds) => nanoseconds / 1e6;

    private VgpuGuestReport? ReadGuest(PciAddress gpu, ActiveVgpu vgpu) =>
        driver.FindGuestState(gpu, vgpu) is not { } guest ? null : new VgpuGuestReport(
            guest.FramebufferUsedMiB, guest.DriverVersion, guest.License is { } license ? Name(license) : null,
            guest.License?.Expiry);

    /// <remarks>Source: facts/host-behaviour.md 9: the words of nvidia-smi.</remarks>
    private static string Name(VgpuLicense license) => license.State switch
    {
        VgpuLicenseState.Licensed => license.IsPermanent ? "Licensed (Permanent)" : "Licensed",
        VgpuLicenseState.UnlicensedUnrestricted => "Unlicensed (Unrestricted)",
        VgpuLicenseState.UnlicensedRestricted => "Unlicensed (Restricted)",
        VgpuLicenseState.Unlicensed => "Unlicensed",
        VgpuLicenseState.Uninitialized => "Uninitialized",
        _ => "Unknown",
    };

    private List<VgpuReport> ReadVgpus(GpuState state, Dictionary<VgpuTypeId, VgpuType> types)
    {
        var active = state.Active.ToList();
        var found = new List<VgpuReport>();
        foreach (var function in state.Functions)
        {
            if (function.CurrentType is { } set)
            {
                var vm = FindVm(function.Address);
                found.Add(Report(function, set, vm, null, Take(active, a => a.Type == set && FindVm(a) == vm)));
            }

            foreach (var device in function.Devices)
            {
                var vgpu = Take(active, a => a.MdevUuid == device.Uuid);
                var vm = device.Uuid.Guest?.Vm ?? (vgpu is null ? null : FindVm(vgpu));
                found.Add(Report(function, device.Type, vm, device.Uuid, vgpu));
            }
        }

        return found;

        VgpuReport Report(VirtualFunction function, VgpuTypeId? id, VmId? vm, MdevUuid? uuid, ActiveVgpu? vgpu)
        {
            var type = id is { } known ? types.GetValueOrDefault(known) : null;
            return new VgpuReport(
                vm?.Value, id?.Value ?? 0, type?.ShortName ?? $"type {id}", type?.FramebufferMiB ?? 0,
                function.Address.ToString(), uuid?.Value, vgpu?.GpuInstance?.Value, vgpu is not null,
                vgpu is null ? null : ReadGuest(state.Address, vgpu));
        }
    }

    private static ActiveVgpu? Take(List<ActiveVgpu> active, Predicate<ActiveVgpu> isIt)
    {
        var index = active.FindIndex(isIt);
        if (index < 0)
        {
            return null;
        }

        var found = active[index];
        active.RemoveAt(index);
        return found;
    }

    /// <summary>The VM of a set type: by Proxmox's reservation, else by the hook's claim.</summary>
    private VmId? FindVm(PciAddress function) =>
        (reservations.FirstOrDefault(r => r.Function == function && r.IsHeld)
            ?? reservations.FirstOrDefault(r => r.Function == function))?.Vm
        ?? file.Claims.FirstOrDefault(c => c.Function == function)?.Vm;

    private VmId? FindVm(ActiveVgpu vgpu) =>
        vgpu.Vm ?? (_vmsByUuid.Value.TryGetValue(vgpu.VmUuid, out var vm) ? vm : null);

    private static string NameBackend(GpuState state) =>
        state.Functions.Any(f => f.Backend == VgpuBackend.VendorVfio) ? "vendorVfio"
        : state.Functions.Any(f => f.Backend == VgpuBackend.Mdev) ? "mdev"
        : "none";
}
