using VgpuPS.Core.Claims;
using VgpuPS.Core.Rows;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Operations.Hook;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Reads the VMs of the node, and what their vGPU entries mean on its GPUs.</summary>
/// <param name="host">The host.</param>
/// <param name="gpus">Its GPUs, for the names of types.</param>
/// <param name="claims">Claims, for what VMs have started with.</param>
/// <param name="settings">The hook's settings.</param>
internal sealed class VmReportReader(
    HostPorts host, IReadOnlyList<GpuInfo> gpus, ClaimFile claims, Lazy<HookSettings> settings)
{
    private readonly Lazy<IReadOnlyList<PhysicalFunction>> _devices = new(host.Devices.GetGpus);
    private readonly Lazy<IReadOnlyList<PciAddress>> _addresses = new(host.Devices.GetAddresses);
    private readonly HashSet<string> _functions =
        [.. gpus.SelectMany(g => g.Functions).Select(f => f.FunctionAddress)];
    private readonly Lazy<SnippetStorages> _storages = new(() => new SnippetStorages(host));
    private readonly PveGeneration _generation =
        PveGeneration.FromVersion(host.Proxmox.QemuServerVersion) ?? PveGeneration.Pve9;

    /// <summary>Reads all, ascending; one that cannot be read has its number and status alone.</summary>
    public IReadOnlyList<VmReport> Read() => [.. host.Proxmox.GetVms().Order().Select(Read)];

    private VmReport Read(VmId vm)
    {
        var status = host.Proxmox.IsRunning(vm) ? "running" : "stopped";
        try
        {
            var config = VmConfigReader.Read(host.Proxmox.ReadConfig(vm, null), _generation);
            return new VmReport(
                vm.Value, config.Name, status,
                config.HostPci.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal))
            {
                IsTemplate = config.IsTemplate,
                Lock = config.Lock,
                Machine = config.Machine,
                Affinity = config.NextValue("affinity"),
                Hook = ReadHook(vm, config),
                Vgpus = [.. ReadVgpus(vm, config)],
                NamedFunctions =
                [
                    .. config.Main.HostPci.Concat(config.Pending.HostPci)
                        .SelectMany(e => HostPciChoices.Named(e, _addresses)).Distinct().Order()
                        .Select(a => a.ToString()).Where(_functions.Contains),
                ],
            };
        }
        catch (Exception e) when (e is not AccessDeniedException)
        {
            if (e is not (ObjectNotFoundException or UnreadableDataException))
            {
                host.Warn($"{ProgramFaultException.Explain(e, $"VM {vm}").Message}; its configuration is not shown");
            }

            return new VmReport(vm.Value, null, status, new Dictionary<string, string>(StringComparer.Ordinal));
        }
    }

    private VgpuHookInfo ReadHook(VmId vm, VmConfig config)
    {
        if (config.HookScript is not { } volume)
        {
            return VgpuHookInfo.None;
        }

        var chained = settings.Value.Chain.GetValueOrDefault(vm.ToString());
        return new VgpuHookInfo
        {
            Volume = volume,
            IsRegistered = _storages.Value.HoldsHook(volume),
            Path = _storages.Value.Resolve(volume),
            ChainedPath = chained?.Path,
            ChainOrder = chained is null ? null : chained.Order == ChainOrder.Before ? "before" : "after",
        };
    }

    private IEnumerable<VmVgpuInfo> ReadVgpus(VmId vm, VmConfig config)
    {
        for (var index = 0; index < HostPciGrammar.EntryCount; index++)
        {
            var main = config.Main.HostPciAt(index);
            var next = config.NextHostPciAt(index);
            if (main is not null && ReadVgpu(vm, main, next?.Value == main.Value ? "current" : "removing") is { } now)
            {
                yield return now;
            }

            if (next is not null && next.Value != main?.Value && ReadVgpu(vm, next, "pending") is { } waiting)
            {
                yield return waiting;
            }
        }
    }

    private VmVgpuInfo? ReadVgpu(VmId vm, HostPciEntry entry, string state)
    {
        if (!VgpuEntries.TryGetType(entry, vm, settings.Value, out var id))
        {
            return null;
        }

        var function = entry.Hosts.Count > 0 ? entry.Hosts[0] : null;
        var address = PciAddress.TryParse(function, out var parsed) ? parsed : (PciAddress?)null;
        var gpu = address is { } known
            ? _devices.Value.FirstOrDefault(g => g.Address == known || g.IndexOf(known) is not null) : null;
        var type = gpus.Where(g => gpu is null || g.GpuAddress == gpu.Address.ToString()).SelectMany(g => g.Types)
            .FirstOrDefault(t => t.VgpuTypeId == id?.Value);
        return new VmVgpuInfo
        {
            Entry = entry.Key,
            Value = entry.Value,
            FunctionAddress = address?.ToString() ?? function,
            Mapping = entry.Mapping,
            GpuAddress = gpu?.Address.ToString(),
            VgpuTypeId = id?.Value,
            VgpuType = type?.VgpuType,
            FramebufferMiB = type?.FramebufferMiB,
            Profile = type?.Profile,
            Parameters = state != "removing" && settings.Value.ParametersOf(vm, entry.Key) is { Length: > 0 } text
                ? text : null,
            ActiveParameters = state != "pending" && host.Proxmox.IsRunning(vm)
                ? claims.Claims.FirstOrDefault(c => c.Vm == vm && c.Entry == entry.Index)?.StartedWith : null,
            PrimaryGpu = entry.IsPrimaryDisplay,
            PciExpress = entry.IsPcie,
            State = state,
        };
    }
}
