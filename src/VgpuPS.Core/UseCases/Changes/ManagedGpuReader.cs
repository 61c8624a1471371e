using VgpuPS.Core.Contracts;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases.Reading;
using VgpuPS.Core.UseCases.ShowHost;
using VgpuPS.Core.Vgpu;

namespace VgpuPS.Core.UseCases.Changes;

/// <summary>Reads GPUs for a change; changes nothing.</summary>
internal sealed class ManagedGpuReader
{
    private readonly HostPorts _host;
    private readonly IGpuDriverSession _driver;
    private readonly ClaimFile _file;
    private readonly PlacementRanking _ranking;
    private readonly IReadOnlyList<PhysicalFunction> _gpus;

    public ManagedGpuReader(HostPorts host, IGpuDriverSession driver, HookSettings settings, ClaimFile file)
    {
        _host = host;
        _driver = driver;
        _file = file;
        _ranking = new PlacementRanking(settings, file);
        _gpus = [.. host.Devices.GetGpus().Where(g => g.Driver == "nvidia")];
    }

    /// <summary>Addresses of all GPUs that the driver has, ascending.</summary>
    public IReadOnlyList<PciAddress> Addresses => [.. _gpus.Select(g => g.Address)];

    /// <summary>UUID and model of a GPU.</summary>
    public (GpuUuid Uuid, string Model) Identify(PciAddress gpu)
    {
        var (uuid, model, _) = _driver.GetIdentity(gpu);
        return (uuid, model);
    }

    /// <summary>Reads a GPU.</summary>
    /// <exception cref="ObjectNotFoundException">The host has none of that address, or the driver has not got it.</exception>
    public ManagedGpu Read(string address)
    {
        var index = PciAddress.TryParse(address, out var parsed) ? Addresses.ToList().IndexOf(parsed) : -1;
        if (index < 0)
        {
            throw new ObjectNotFoundException(
                ErrorIds.DeviceNotFound, $"the driver has no GPU {address}", "See the GPUs: Get-Gpu", address);
        }

        var gpu = _gpus[index];
        var reservations = _host.Guests.GetReservations();
        var claims = _file.Claims.Where(c => c.State != ClaimState.Live && IsOn(c, gpu)).ToList();
        var state = GpuReader.Read(_host, _driver, gpu, claims.Select(c => c.Type));
        var report = new GpuReportReader(_host, _driver, _file, reservations).Read(state) with { Index = index };
        var promised = claims.Where(c => !report.Vgpus.Any(v => v.IsRunning && v.VmId == c.Vm.Value)).ToList();
        return new ManagedGpu
        {
            State = state,
            Report = report,
            Scheduler = _driver.GetScheduler(gpu.Address),
            SchedulerLimits = _driver.GetSchedulerLimits(gpu.Address),
            CanMixSizes = _driver.CanMixSizes(gpu.Address)
                ?? (state.MigIsOn ? null : _driver.GetMixedSizeMode(gpu.Address) is not null),
            ComputeProfiles = state.Instances.ToDictionary(
                i => i.Id, i => _driver.GetComputeProfiles(gpu.Address, i.Id)),
            BusyVms = [.. FindBusyVms(report).Concat(promised.Select(c => c.Vm.Value)).Distinct().Order()],
            Promised = promised,
            Computing = _driver.GetProcesses(gpu.Address) is { Count: > 0 } processes
                ? [.. _host.Clients.Find(gpu.Address, processes).Where(c => processes.Contains(c.Pid))]
                : [],
            Rank = (profile, picture) => _ranking.Rank(profile, [picture]),
            FindOtherOwner = profile => FindOwner(profile, gpu.Address),
        };
    }

    /// <summary>VMs of vGPUs that run, and those that are starting: somebody holds their configuration's lock.</summary>
    private IEnumerable<int> FindBusyVms(GpuReport report) => report.Vgpus
        .Where(v => v.VmId is not null).Where(v => v.IsRunning || IsBusy(new VmId(v.VmId!.Value)))
        .Select(v => v.VmId!.Value);

    private bool IsBusy(VmId vm) => _host.Guests.IsRunning(vm) || _host.Guests.IsLocked(vm);

    private static bool IsOn(VgpuClaim claim, PhysicalFunction gpu) =>
        claim.Function is { } function
            ? function == gpu.Address || gpu.IndexOf(function) is not null
            : claim.Candidates.Any(c => c == gpu.Address || gpu.IndexOf(c) is not null);

    private string? FindOwner(string profile, PciAddress except)
    {
        foreach (var (gpu, index) in _gpus.Select((g, i) => (g, i)).Where(g => g.g.Address != except))
        {
            if (_driver.GetMigMode(gpu.Address) is not null
                && _driver.GetProfiles(gpu.Address).Any(p => string.Equals(p.Name, profile.Trim(), StringComparison.OrdinalIgnoreCase)))
            {
                return $"GPU {index} ({_driver.GetIdentity(gpu.Address).Model}, {gpu.Address})";
            }
        }

        return null;
    }
}
