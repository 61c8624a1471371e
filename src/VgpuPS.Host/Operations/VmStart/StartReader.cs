using VgpuPS.Core.Capacity;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Host.Operations.VmStart;

/// <summary>
/// Reads everything that decides what a start needs, from the GPUs of the candidates and of the VM's own orphaned
/// objects.
/// </summary>
internal static class StartReader
{
    /// <summary>Reads it; nothing is changed.</summary>
    /// <param name="host">The host.</param>
    /// <param name="driver">The driver's session.</param>
    /// <param name="requests">What the VM requests.</param>
    /// <param name="settings">The hook's settings.</param>
    /// <param name="file">Claims that count.</param>
    public static AssignmentInput Read(
        HostPorts host, IGpuDriverSession driver, VmRequests requests, HookSettings settings, ClaimFile file)
    {
        var vm = requests.Requests[0].Vm;
        var own = VmDevices.Find(host, vm);
        var wanted = requests.Requests.Select(r => r.Type).Concat(file.Claims.Select(c => c.Type)).Distinct().ToList();
        var addresses = requests.Requests.SelectMany(r => r.Candidates).Select(c => c.Gpu).ToHashSet();
        var reservations = ReadReservations(host, vm);
        List<PciAddress> used =
        [
            .. own.Select(d => d.Parent), .. reservations.Where(r => r.Vm == vm).Select(r => r.Function),
            .. file.Claims.Where(c => c.Vm == vm).Select(c => c.Function).OfType<PciAddress>(),
        ];
        var reader = new GpuReader(host, driver, file, settings);
        var gpus = reader.Present
            .Where(g => addresses.Contains(g.Address) || used.Exists(u => u == g.Address || g.IndexOf(u) is not null))
            .Select(g => reader.Read(g, wanted)).ToList();
        return new AssignmentInput
        {
            Vm = vm,
            IsRunning = host.Proxmox.IsRunning(vm),
            Requests = requests.Requests,
            Gpus = gpus,
            Claims = file.Claims,
            Managed = file.Instances,
            Reservations = reservations,
            OwnDevices = own,
            Settings = settings,
            MigByLayout = FindMigByLayout(
                host, [.. gpus.Where(g => requests.Requests.Any(r => g.FindType(r.Type) is { IsMigBacked: true }))]),
            MappedBy = FindMappedBy(host, gpus, requests, vm),
            VmsByUuid = FindVmsByUuid(host, gpus),
            AdviseMapping = id => MappingRepair.Advise(host, requests.Mappings.First(m => m.Id == id)),
            RankPlacements = new PlacementRanking(settings, file).Rank,
        };
    }

    /// <summary>
    /// Reservations; one whose time or process is over counts while its VM runs, starts or stops: Proxmox may clear its
    /// type yet, whoever has the function by then.
    /// </summary>
    public static IReadOnlyList<FunctionReservation> ReadReservations(HostPorts host, VmId vm) =>
    [
        .. host.Proxmox.GetReservations()
            .Select(r => r.IsHeld || r.Vm == vm || !(host.Proxmox.IsRunning(r.Vm) || host.Proxmox.IsLocked(r.Vm))
            ? r : r with { IsHeld = true }),
    ];

    /// <summary>Of GPUs for MIG-backed types those that the layout wants in MIG mode, where one is not.</summary>
    public static HashSet<PciAddress> FindMigByLayout(HostPorts host, IReadOnlyList<GpuState> gpus) =>
        !gpus.Any(g => g.Mig is { Current: false }) || host.Layout.Load() is not { } layout ? []
        : [.. gpus.Where(g => layout.Gpus.Any(l => l.Mig == true && GpuMatch.Matches(l.Gpu, g)))
            .Select(g => g.Address)];

    /// <summary>Configurations of other VMs matter only where functions would have to go for MIG mode.</summary>
    private static Dictionary<PciAddress, IReadOnlyList<VmId>> FindMappedBy(
        HostPorts host, IReadOnlyList<GpuState> gpus, VmRequests requests, VmId vm)
    {
        var found = new Dictionary<PciAddress, IReadOnlyList<VmId>>();
        foreach (var gpu in gpus.Where(
            g => g is { Mig.Current: false, Gpu: { NeedsMigBeforeFunctions: true, EnabledFunctions: > 0 } }
            && requests.Requests.Any(r => g.Types.TryGetValue(r.Type, out var type) && type.IsMigBacked)))
        {
            var mappings = MappedFunctions.Find(host, gpu.Gpu).Select(m => m.Mapping).ToHashSet(StringComparer.Ordinal);
            found[gpu.Address] = mappings.Count == 0 ? [] :
            [
                .. host.Proxmox.GetVms().Where(v => v != vm && (host.Proxmox.IsRunning(v) || host.Proxmox.IsLocked(v))
                    && Names(host, v, requests.Generation, mappings)),
            ];
        }

        return found;
    }

    private static bool Names(HostPorts host, VmId vm, PveGeneration generation, HashSet<string> mappings)
    {
        try
        {
            return VmConfigReader.Read(host.Proxmox.ReadConfig(vm, null), generation).HostPci
                .Any(e => e.Mapping is { } id && mappings.Contains(id));
        }
        catch (VgpuException)
        {
            // Moved or destroyed meanwhile, or unreadable, in which case Proxmox cannot start or stop it either.
            return false;
        }
    }

    /// <summary>Only a vGPU whose QEMU has a UUID of its own (smbios1) needs its VM's configuration to be looked
    /// up.</summary>
    public static Dictionary<string, VmId> FindVmsByUuid(HostPorts host, IReadOnlyList<GpuState> gpus) =>
        gpus.SelectMany(g => g.Active).Any(
            a => a.MdevUuid is null && MdevUuid.TryParse(a.VmUuid, out var uuid) && uuid.Guest is null)
            ? VmUuids.Find(host.Proxmox)
            : new Dictionary<string, VmId>(StringComparer.OrdinalIgnoreCase);
}
