using VgpuPS.Core.Settings;
using VgpuPS.Core.Steps;
using VgpuPS.Host.Operations.Simulation;

namespace VgpuPS.Host.Operations.Capacity;

/// <summary>Reads VMs with vGPUs as another host would have to start them.</summary>
internal sealed class ReadMovableVms(HostPorts host)
{
    // What decides about vGPUs, memory and CPUs; passwords and disks stay where they are.
    private static readonly string[] s_keys =
        ["args", "cores", "hugepages", "machine", "memory", "name", "numa", "sockets"];

    /// <summary>Reads them, ascending; those that cannot be read, and templates, are left out.</summary>
    public IReadOnlyList<MovableVm> Run(ReadMovableVmsRequest request)
    {
        var settings = host.Settings.Load();
        var own = request.Node is null || string.Equals(request.Node, host.Proxmox.Node, StringComparison.Ordinal);
        var vms = own ? host.Proxmox.GetVms()
            : host.Proxmox.GetVmsElsewhere().Where(v => v.Node == request.Node).Select(v => v.Vm);
        return [.. vms.Order().Select(v => Read(v, own ? null : request.Node, settings)).OfType<MovableVm>()];
    }

    private MovableVm? Read(VmId vm, string? node, HookSettings settings)
    {
        try
        {
            var config = VmConfigReader.Read(
                host.Proxmox.ReadConfig(vm, node),
                PveGeneration.FromVersion(host.Proxmox.QemuServerVersion) ?? PveGeneration.Pve9).AtNextStart;
            var types = config.HostPci.Where(e => VgpuEntries.TryGetType(e, vm, settings, out _)).ToList();
            var keys = s_keys.Concat(Enumerable.Range(0, 8).Select(n => $"numa{n}"));
            var lines = keys.Where(k => config.Main[k] is not null).Select(k => $"{k}: {config.Main[k]}")
                .Concat(config.HostPci.Select(e => $"{e.Key}: {e.Value}"));
            return config.IsTemplate || types.Count == 0 ? null : new MovableVm(
                vm.Value, config.Name, node is null ? host.Proxmox.IsRunning(vm) : null,
                [.. types.Select(t => t.VgpuType?.MdevName ?? t.Key)],
                StartSimulation.NeedsOf(config).MemoryMiB, [.. lines]);
        }
        catch (VgpuException)
        {
            // A VM that cannot be read starts nowhere; its own host's commands say why.
            return null;
        }
    }
}

/// <summary>Says which VMs of another host would start here, one after the other; changes nothing.</summary>
internal sealed class FitVms(HostPorts host)
{
    private const int LastVmId = 999_999_999;

    /// <summary>Plays their starts beside all that run here.</summary>
    /// <returns>One answer for each, in their order.</returns>
    /// <exception cref="VgpuException">The driver does not answer.</exception>
    public IReadOnlyList<VmFit> Run(FitVmsRequest request)
    {
        using var driver = host.Driver.Open();
        var at = StartSimulation.Read(host, driver);
        var here = host.Proxmox.GetVms().ToHashSet();
        return [.. request.Vms.Select((vm, i) => Fit(
            at, vm, here.Contains(new VmId(vm.VmId)) ? new VmId(LastVmId - i) : new VmId(vm.VmId)))];
    }

    private static VmFit Fit(StartSimulation at, MovableVm vm, VmId id)
    {
        try
        {
            var requests = at.ReadRequests(id, string.Join('\n', vm.Configuration));
            var plan = at.Start(id, requests, StartSimulation.NeedsOf(requests.Config));
            var attached = plan.Steps.OfType<AttachDeviceStep>().ToList();
            return new VmFit(
                vm.VmId, true, [.. attached.Select(a => a.Gpu.ToString()).Distinct()],
                [.. attached.Select(a => a.Type.ShortName)], null);
        }
        catch (VgpuException e)
        {
            return new VmFit(
                vm.VmId, false, [], [.. vm.Types.Select(NameOf)],
                e.Message.Replace(
                    id.ToString(), vm.VmId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        }

        string NameOf(string mdev) => at.Gpus.SelectMany(g => g.Types.Values)
            .FirstOrDefault(t => t.Id.MdevName == mdev)?.ShortName ?? mdev;
    }
}

/// <summary>Asks for the VMs with vGPUs of a node.</summary>
/// <param name="Node">Another node of the cluster; null for the host itself.</param>
public sealed record ReadMovableVmsRequest(string? Node = null);

/// <summary>A VM as another host would have to start it.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="VmName">Its name; null without one.</param>
/// <param name="IsRunning">Whether it runs; null where its node cannot be asked.</param>
/// <param name="Types">Types of its vGPUs, <c>nvidia-690</c>.</param>
/// <param name="MemoryMiB">Its memory in MiB.</param>
/// <param name="Configuration">Lines of its configuration that decide where it can start.</param>
public sealed record MovableVm(
    int VmId, string? VmName, bool? IsRunning, IReadOnlyList<string> Types, long MemoryMiB,
    IReadOnlyList<string> Configuration);

/// <summary>Asks which VMs would start here.</summary>
/// <param name="Vms">The VMs, in the order in which they start.</param>
public sealed record FitVmsRequest(IReadOnlyList<MovableVm> Vms);

/// <summary>Whether a VM would start.</summary>
/// <param name="VmId">The VM.</param>
/// <param name="Fits">Whether it would.</param>
/// <param name="Gpus">Addresses of the GPUs that it would have vGPUs on.</param>
/// <param name="Types">Short names of its types, <c>nvidia-690</c> where the host does not know one.</param>
/// <param name="Reason">Why it would not; null where it would.</param>
public sealed record VmFit(
    int VmId, bool Fits, IReadOnlyList<string> Gpus, IReadOnlyList<string> Types, string? Reason);
