using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Core.Settings;

namespace VgpuPS.Host.Operations.Inventory;

/// <summary>Reads the VMs of the node, and what their vGPU entries mean on its GPUs.</summary>
/// <param name="host">The host.</param>
/// <param name="gpus">Its GPUs, for the names of types.</param>
internal sealed class VmReportReader(HostPorts host, IReadOnlyList<GpuReport> gpus)
{
    private readonly Lazy<IReadOnlyList<PhysicalFunction>> _devices = new(host.Devices.GetGpus);
    private readonly Lazy<HookSettings> _settings = new(() => LoadSettings(host));
    private readonly Lazy<StorageConfig> _storages = new(() => StorageConfig.Read(host.Proxmox.ReadStorages() ?? []));
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
                Hook = ReadHook(vm, config),
                Vgpus = [.. ReadVgpus(vm, config)],
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

    private VmHookReport ReadHook(VmId vm, VmConfig config)
    {
        if (config.HookScript is not { } volume)
        {
            return new VmHookReport(null, false, null, null, null);
        }

        var chained = _settings.Value.Chain.GetValueOrDefault(vm.ToString());
        return new VmHookReport(
            volume, HookVolume.IsOurs(volume), SnippetVolumes.Resolve(volume, _storages.Value).Path, chained?.Path,
            chained is null ? null : chained.Order == ChainOrder.Before ? "before" : "after");
    }

    private IEnumerable<VmVgpuReport> ReadVgpus(VmId vm, VmConfig config)
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

    private VmVgpuReport? ReadVgpu(VmId vm, HostPciEntry entry, string state)
    {
        if (!VgpuEntries.TryGetType(entry, vm, _settings.Value, out var id))
        {
            return null;
        }

        var function = entry.Hosts.Count > 0 ? entry.Hosts[0] : null;
        var address = PciAddress.TryParse(function, out var parsed) ? parsed : (PciAddress?)null;
        var gpu = address is { } known
            ? _devices.Value.FirstOrDefault(g => g.Address == known || g.IndexOf(known) is not null) : null;
        var type = gpus.Where(g => gpu is null || g.Address == gpu.Address.ToString()).SelectMany(g => g.Types)
            .FirstOrDefault(t => t.Id == id?.Value);
        return new VmVgpuReport(
            entry.Key, entry.Value, address?.ToString() ?? function, entry.Mapping, gpu?.Address.ToString(), id?.Value,
            type?.Name, type?.FramebufferMiB, type?.Profile, entry.IsPrimaryDisplay, entry.IsPcie, state);
    }

    /// <summary>A wrong configuration of ours is reported and does not prevent reading the VMs.</summary>
    private static HookSettings LoadSettings(HostPorts host)
    {
        try
        {
            return host.Settings.Load();
        }
        catch (UnreadableDataException e)
        {
            host.Warn($"{e.Message}; chained scripts and kept types are not shown");
            return new HookSettings();
        }
    }
}

/// <summary>A VM's hookscript as configured; whether its file is right is another question (Test-VgpuHook).</summary>
/// <param name="Volume">Volume id, such as <c>local:snippets/vgpu-hook</c>; null without one.</param>
/// <param name="IsVgpuHook">Whether its file name is that of our hook.</param>
/// <param name="Path">Where the volume id leads; null without one, or where it leads nowhere.</param>
/// <param name="ChainedPath">The other hookscript that ours runs for this VM; null for none.</param>
/// <param name="ChainOrder"><c>before</c> or <c>after</c> our own part; null for none.</param>
public sealed record VmHookReport(
    string? Volume, bool IsVgpuHook, string? Path, string? ChainedPath, string? ChainOrder);
