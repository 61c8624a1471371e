using System.Text.Json.Nodes;

namespace VgpuPS.Lab.Proxmox;

/// <content>Start: PVE::QemuServer::vm_start and vm_start_nolock.</content>
public sealed partial class LabProxmox
{
    /// <summary>Starts a VM (<c>qm start</c>).</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="migratedFrom">Source node of a live migration to here; null for an ordinary start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LabTaskResult> StartAsync(
        VmId vm, string? migratedFrom = null, CancellationToken cancellationToken = default)
    {
        (string, JsonNode?)[] arguments = migratedFrom is null ? [] : [("migratedFrom", migratedFrom)];
        return RunStepAsync(
            vm, "start", arguments,
            () => StartLockedAsync(vm, migratedFrom, migratedFrom is not null, false, cancellationToken));
    }

    private async Task StartLockedAsync(
        VmId vm, string? migratedFrom, bool skipsLock, bool isPaused, CancellationToken cancellationToken)
    {
        using var held = await LockConfigAsync(vm, cancellationToken).ConfigureAwait(false);
        var config = _configs.Load(vm, migratedFrom);
        if (config.IsTemplate)
        {
            throw new ProxmoxFailure("you can't start a vm if it's a template");
        }

        if (!skipsLock && config.Lock != "suspended")
        {
            CheckLock(config);
        }

        if (IsRunning(vm))
        {
            throw new ProxmoxFailure($"VM {vm} already running");
        }

        _host.Files.Delete(PvePaths.RebootRequest(vm));

        // An incoming migration takes the configuration as it is.
        config = migratedFrom is null ? _configs.ApplyPending(vm, config) : config;
        var variable = migratedFrom ?? "";
        await _hooks.CallAsync(vm, config, "pre-start", variable, cancellationToken).ConfigureAwait(false);
        if (VolumeActivation is { } activate)
        {
            await activate(vm, cancellationToken).ConfigureAwait(false);
        }

        await StartQemuAsync(vm, config, migratedFrom is not null, isPaused, cancellationToken).ConfigureAwait(false);
        await _hooks.CallAsync(vm, config, "post-start", variable, cancellationToken).ConfigureAwait(false);
    }

    private async Task StartQemuAsync(
        VmId vm, VmConfig config, bool isIncoming, bool isPaused, CancellationToken cancellationToken)
    {
        IReadOnlyList<ChosenDevice> devices;
        try
        {
            devices = await _choice.ChooseAsync(vm, config, false, cancellationToken).ConfigureAwait(false);
        }
        catch (ProxmoxFailure) when (_host.Options.Generation.CleansUpAfterFailedChoice)
        {
            await CleanUpDevicesAsync(vm, config, cancellationToken).ConfigureAwait(false);
            throw;
        }

        try
        {
            await StartQemuAsync(vm, config, devices, isIncoming, isPaused, cancellationToken).ConfigureAwait(false);
        }
        catch (ProxmoxFailure)
        {
            await CleanUpDevicesAsync(vm, config, cancellationToken).ConfigureAwait(false);
            throw;
        }

        if (_host.Options.Generation.RunsPostStopInStop)
        {
            _host.WriteFile(PvePaths.CleanupFlag(vm), "", PvePaths.FileMode);
        }

        if (isIncoming)
        {
            _host.Print($"migration listens on unix:{PvePaths.MigrationSocket(vm)}");
        }
    }

    private async Task StartQemuAsync(
        VmId vm,
        VmConfig config,
        IReadOnlyList<ChosenDevice> devices,
        bool isIncoming,
        bool isPaused,
        CancellationToken cancellationToken)
    {
        var reserved = devices.Where(device => !device.IsClassicMdev).SelectMany(device => device.Functions).ToList();
        if (reserved.Count > 0)
        {
            await _reservations.ReserveAsync(reserved, vm, StartTimeout.Seconds(config), cancellationToken)
                .ConfigureAwait(false);
        }

        var uuid = Prepare(vm, config, devices);
        List<string> recorded =
        [
            .. DeviceArguments.For(vm, devices),
            .. isIncoming ? ["-incoming", $"unix:{PvePaths.MigrationSocket(vm)}"] : (string[])[],
            .. uuid is null ? [] : (string[])["-uuid", uuid],
        ];
        Timeline.Record("qemu", ("args", LabTimeline.List(recorded)));
        var start = Machine.StartQemu(
            vm,
            [
                .. CpuPlacement.Prefix(config), .. Identity(vm), .. recorded,
                .. isPaused || isIncoming ? (string[])["-S"] : [], .. CpuPlacement.Arguments(Machine, config),
            ]);
        if (start.Pid is not { } pid)
        {
            var code = start.ExitCode.ToString(CultureInfo.InvariantCulture);
            Timeline.Record("qemu-exit", ("code", code));
            throw new ProxmoxFailure($"start failed: QEMU exited with code {code}");
        }

        _host.Files.CreateDirectory(PvePaths.Run, PvePaths.RunFolderMode);
        _host.WriteFile(
            PvePaths.PidFile(vm), string.Create(CultureInfo.InvariantCulture, $"{pid}\n"), PvePaths.FileMode);
        if (reserved.Count > 0)
        {
            await _reservations.ReserveForPidAsync(reserved, vm, pid, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string[] Identity(VmId vm) => ["-id", vm.ToString(), "-pidfile", PvePaths.PidFile(vm)];

    // The uuid that QEMU gets with -uuid, which NVIDIA's mediated devices need.
    private string? Prepare(VmId vm, VmConfig config, IReadOnlyList<ChosenDevice> devices)
    {
        string? uuid = null;
        foreach (var device in devices)
        {
            if (_host.Files.List(PvePaths.Iommus) is null or { Count: 0 })
            {
                throw new ProxmoxFailure("cannot prepare PCI pass-through, IOMMU not present");
            }

            var used = device.IsClassicMdev ? CreateFirstPossible(vm, device) : device.Functions[0];
            if (device is { IsClassicMdev: false, VendorVfioType: null, Entry.KeepsDriver: false })
            {
                foreach (var function in device.Functions)
                {
                    _passthrough.Bind(function);
                }
            }

            if (device.Entry.Mdev is not null && _choice.IsNvidia(used))
            {
                uuid ??= config.SmbiosUuid ?? MdevUuid.ForVm(vm, device.Entry.Index).ToString();
            }
        }

        return uuid;
    }

    private PciAddress CreateFirstPossible(VmId vm, ChosenDevice device)
    {
        foreach (var functions in device.Alternatives)
        {
            try
            {
                _mdevs.Create(functions[0], MdevUuid.ForVm(vm, device.Entry.Index), device.Entry.Mdev!);
                return functions[0];
            }
            catch (ProxmoxFailure failure)
            {
                _host.Warn(failure.Message);
            }
        }

        throw new ProxmoxFailure("could not create mediated device");
    }

    private async Task CleanUpDevicesAsync(VmId vm, VmConfig config, CancellationToken cancellationToken)
    {
        try
        {
            await _cleanup.RunAsync(vm, config, cancellationToken).ConfigureAwait(false);
        }
        catch (ProxmoxFailure failure)
        {
            _host.Warn(failure.Message);
        }
    }
}

/// <summary>How long Proxmox gives QEMU to start.</summary>
/// <remarks>Source: facts/proxmox.md (d), config_aware_timeout.</remarks>
internal static class StartTimeout
{
    private const int DefaultSeconds = 30;
    private const long SlowMiB = 30 * 1024;

    /// <summary>Seconds for this configuration.</summary>
    public static int Seconds(VmConfig config)
    {
        var seconds = config.MemoryMiB is > SlowMiB and var mib ? (int)(mib / 1024) : DefaultSeconds;
        seconds *= config.HostPci.Count > 0 ? 4 : 1;
        seconds = config.Lock == "suspended" ? Math.Max(seconds, 300) : seconds;
        seconds = config.Main["hugepages"] is null ? seconds : Math.Max(seconds, 150);
        return seconds + (5 * config.Main.Values.Keys.Count(IsNetwork));
    }

    private static bool IsNetwork(string key) =>
        key.StartsWith("net", StringComparison.Ordinal) && key.Length > 3
        && key.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0;
}
