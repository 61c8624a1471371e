using System.Text.Json.Nodes;

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
    /// What the activation of a VM's volumes takes, between pre-start and the choice of devices; null for no time at
    /// all. A test that steers lets others act in it.
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

    /// <summary>Changes a VM's configuration (<c>qm set</c>); devices of a running VM wait for its next cold
    /// start.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="values">New values by key.</param>
    /// <param name="deletions">Keys to delete.</param>
    /// <param name="digest">The file's digest as the caller saw it, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>
    /// Source: facts/proxmox.md (a): hookscript is a fast-plug option, checked when it is set; (b): hostpci of a
    /// running VM is pending; recordings for the texts about the lock. Assumed: the texts about the digest, a key that
    /// is not set, and values; that all keys but hookscript are pending on a running VM, where some are plugged at
    /// once.
    /// </remarks>
    public async Task<LabTaskResult> SetAsync(
        VmId vm, IReadOnlyDictionary<string, string> values, IReadOnlyList<string> deletions, string? digest,
        CancellationToken cancellationToken = default)
    {
        var output = new List<string>();
        var result = await RunStepAsync(vm, "set", [], async () =>
        {
            if (values.TryGetValue("hookscript", out var script)
                && _hooks.Check(script) is { Path: null, Error: var error })
            {
                throw new ProxmoxFailure(error!);
            }

            using var held = await LockConfigAsync(vm, cancellationToken).ConfigureAwait(false);
            var config = _configs.Load(vm);
            if (digest is not null && digest != _configs.Digest(vm))
            {
                throw new ProxmoxFailure("detected modified configuration - file changed by other user? Try again.");
            }

            CheckLock(config);
            foreach (var key in deletions.Where(d => config.NextValue(d) is null))
            {
                output.Add($"cannot delete '{key}' - not set in current configuration!");
            }

            output.Add($"update VM {vm}: {string.Join(' ', values.Select(v => $"-{v.Key} {v.Value}")
                .Concat(deletions.Count == 0 ? [] : (string[])[$"-delete {string.Join(',', deletions)}"]))}");
            _configs.Change(vm, config, values, deletions, IsRunning(vm));
        }).ConfigureAwait(false);
        return result with { Output = output };
    }
}

/// <summary>Which Proxmox is played, and where.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Generation">Version of qemu-server; its oddities follow from it.</param>
/// <param name="LegacyCleanup">
/// True: post-stop is called by <c>qm cleanup</c> alone, although the version knows better; as if
/// <c>/run/qemu-server/force-legacy-cleanup</c> existed. Older versions do so always.
/// </param>
/// <remarks>Source: facts/proxmox.md, table of features, and (a) Order inside a stop.</remarks>
public sealed record LabProxmoxOptions(string Node, PveGeneration Generation, bool LegacyCleanup = false);

/// <summary>How a task of Proxmox ended.</summary>
/// <param name="Error">Proxmox's text, as in the task log; null when the task was OK.</param>
public sealed record LabTaskResult(string? Error)
{
    /// <summary>Whether the task was OK.</summary>
    public bool Succeeded => Error is null;

    /// <summary>What the task printed as its result, such as a command line; empty where it has none.</summary>
    public IReadOnlyList<string> Output { get; init; } = [];
}

/// <summary>A <c>die</c> of Proxmox: caught, warned about or reported where Proxmox does so.</summary>
internal sealed class ProxmoxFailure(string message) : Exception(message);
