using System.Text.Json.Nodes;
using VgpuPS.Core.Guests;
using VgpuPS.Host.Seams;

namespace VgpuPS.Lab.Proxmox;

/// <summary>
/// Proxmox's own part of a VM's life on one node. Where genuine Proxmox is odd, this is odd: it is held against
/// recordings of it. Each method is a process or task of its own on a real host.
/// </summary>
/// <remarks>Source: facts/proxmox.md (a)-(e); tests/data/pve-recordings.</remarks>
public sealed partial class LabProxmox
{
    private static readonly TimeSpan s_configLockWait = TimeSpan.FromSeconds(10);

    private readonly PveHost _host;
    private readonly ConfigFile _configs;
    private readonly HookCall _hooks;
    private readonly ReservationFile _reservations;
    private readonly MdevWork _mdevs;
    private readonly PassthroughWork _passthrough;
    private readonly DeviceChoice _choice;
    private readonly DeviceCleanup _cleanup;

    /// <summary>A Proxmox node on a machine.</summary>
    /// <param name="machine">The machine below it.</param>
    /// <param name="options">Which Proxmox.</param>
    /// <param name="timeline">Where events are noted; null for a new one.</param>
    public LabProxmox(ILabMachine machine, LabProxmoxOptions options, LabTimeline? timeline = null)
    {
        Timeline = timeline ?? new LabTimeline();
        _host = new PveHost(machine, options, Timeline);
        _configs = new ConfigFile(_host);
        _hooks = new HookCall(_host);
        _reservations = new ReservationFile(_host);
        _mdevs = new MdevWork(_host);
        _passthrough = new PassthroughWork(_host);
        var vendorVfio = new VendorVfioWork(_host);
        _choice = new DeviceChoice(_host, _reservations, vendorVfio);
        _cleanup = new DeviceCleanup(_reservations, vendorVfio, _mdevs, _choice);
    }

    /// <summary>What happened up to now.</summary>
    public LabTimeline Timeline { get; }

    /// <summary>
    /// What the activation of a VM's volumes takes, between pre-start and the choice of devices; null for no time at all.
    /// A test that steers lets others act in it.
    /// </summary>
    /// <remarks>Source: facts/proxmox-reservations.md, point 6: it lies between the two and has no limit.</remarks>
    public Func<VmId, CancellationToken, Task>? VolumeActivation { get; set; }

    private ILabMachine Machine => _host.Machine;

    // Before qemu-server 9.1.13 post-stop came from `qm cleanup` alone; the file is left by an upgrade until reboot.
    private bool IsLegacy => _host.Options.LegacyCleanup || !_host.Options.Generation.RunsPostStopInStop
        || _host.Exists(PvePaths.ForceLegacyCleanup);

    private async Task<LabTaskResult> RunStepAsync(
        VmId vm, string name, (string Name, JsonNode? Value)[] arguments, Func<Task> work)
    {
        Timeline.Record("step", [("do", name), .. arguments]);
        string? error = null;
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (ProxmoxFailure failure)
        {
            error = failure.Message;
            Timeline.RecordText("error", error);
        }

        var end = Timeline.Record("step-end", ("step", name), ("ok", error is null));
        if (Timeline.HasStates)
        {
            end["state"] = LabHostState.Read(Machine, vm);
        }

        return new LabTaskResult(error);
    }

    private Task<IHostFileLock> LockConfigAsync(VmId vm, CancellationToken cancellationToken) =>
        LockConfigAsync(vm, s_configLockWait, cancellationToken);

    private Task<IHostFileLock> LockConfigAsync(VmId vm, TimeSpan limit, CancellationToken cancellationToken) =>
        _host.LockAsync(
            PvePaths.ConfigLock(vm), $"/var/lock/qemu-server/lock-{vm}.conf", limit, cancellationToken);

    private static void CheckLock(VmConfig config)
    {
        if (config.Lock is { } value)
        {
            throw new ProxmoxFailure($"VM is locked ({value})");
        }
    }

    private bool IsRunning(VmId vm) => Machine.GetQemuPid(vm) is not null;
}
