using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.KernelBed.Guest;

/// <summary>The guest as the machine below Proxmox's part: real files, real processes, real flocks.</summary>
internal sealed class KernelMachine : ILabMachine
{
    private const string Qemu = "/usr/bin/kvm";

    internal const string KillAt = "/usr/bin/kill-at";
    internal const string Moments = "/run/kill-at.moments";

    // Proxmox sleeps whole seconds, up to ten a stop; nothing here depends on their length. What it polls locks by is
    // waited for in full, so that its limits stay what they are.
    private const int WaitDivisor = 50;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<VmId, Process> _guests = new();
    private readonly NativeNvmlApi _nvml = new();
    private readonly Lock _nvmlGate = new();

    public IHostFiles Files { get; } = new LinuxHostFiles();

    public TimeProvider Clock => TimeProvider.System;

    /// <summary>Variables that hookscripts get besides Proxmox's.</summary>
    internal Dictionary<string, string> HookEnvironment { get; } = [];

    /// <summary>What hookscripts printed, by VM.</summary>
    internal ConcurrentDictionary<VmId, string> HookOutput { get; } = new();

    /// <summary>How many moments to be killed at the last counted hook of each phase had.</summary>
    internal ConcurrentDictionary<string, int> HookMoments { get; } = new(StringComparer.Ordinal);

    /// <summary>Hooks that a kill ended; one that came too late does not count.</summary>
    internal int KilledHooks { get; private set; }

    /// <summary>At which of its moments the next hook of a phase is killed: 0 to count them, null to leave it
    /// alone.</summary>
    internal Func<string, int?>? KillHook { get; set; }

    public Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) =>
        Task.Delay(time > s_poll ? time / WaitDivisor : time, cancellationToken);

    public IReadOnlyList<VgpuTypeId>? GetCreatableTypes(PciAddress physicalFunction)
    {
        lock (_nvmlGate)
        {
            if (_nvml.Init() != NvmlStatus.Success)
            {
                return null;
            }

            try
            {
                return _nvml.DeviceGetHandleByPciBusId(physicalFunction.NvmlText, out var device) == NvmlStatus.Success
                    && _nvml.DeviceGetCreatableVgpus(device, out var types) == NvmlStatus.Success
                    ? [.. types.Select(type => new VgpuTypeId(type))]
                    : null;
            }
            finally
            {
                _nvml.Shutdown();
            }
        }
    }

    public LabQemuStart StartQemu(VmId vm, IReadOnlyList<string> arguments)
    {
        var process = Programs.Start(Qemu, arguments, null);
        if (process.StandardOutput.ReadLine() == "running")
        {
            _guests[vm] = process;
            return new LabQemuStart(process.Id, 0, "");
        }

        var message = process.StandardError.ReadToEnd();
        process.WaitForExit();
        HookOutput[vm] = HookOutput.GetValueOrDefault(vm, "") + message;
        return new LabQemuStart(null, process.ExitCode, message);
    }

    public void EndQemu(VmId vm, LabQemuEnd how)
    {
        if (_guests.TryRemove(vm, out var process))
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    public int? GetQemuPid(VmId vm) =>
        _guests.TryGetValue(vm, out var process) && !process.HasExited ? process.Id : null;

    public async Task<LabHookResult> RunHookAsync(
        string path, VmId vm, string phase, string? migratedFrom, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(HookEnvironment) { ["LC_ALL"] = "C" };
        if (migratedFrom is not null)
        {
            environment["PVE_MIGRATED_FROM"] = migratedFrom;
        }

        var moment = KillHook?.Invoke(phase);
        var result = moment is { } at
            ? await Programs.RunAsync(
                KillAt, [at.ToString(CultureInfo.InvariantCulture), Moments, path, vm.ToString(), phase], environment)
            : await Programs.RunAsync(path, [vm.ToString(), phase], environment);
        KilledHooks += result.Signal is null ? 0 : 1;
        if (moment is 0)
        {
            HookMoments[phase] = int.Parse(
                await File.ReadAllTextAsync(Moments, cancellationToken), CultureInfo.InvariantCulture);
        }

        HookOutput[vm] = result.Output + result.Error;
        return result;
    }

    /// <summary>Ends every QEMU at once, as a power failure of the guests would.</summary>
    internal void EndAll()
    {
        foreach (var vm in _guests.Keys)
        {
            EndQemu(vm, LabQemuEnd.Kill);
        }
    }
}
