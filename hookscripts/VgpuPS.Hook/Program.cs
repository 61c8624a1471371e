using VgpuPS.Core.Ports;
using VgpuPS.Hook.Hook;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Nvml;
using VgpuPS.Host.Proxmox;
using VgpuPS.Host.State;
using VgpuPS.Host.Sysfs;

namespace VgpuPS.Hook;

/// <summary>The native face on a Proxmox host; the one place where its objects are wired.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var files = new LinuxHostFiles();
        if (arguments is [WriteAttributeCommand.Name, var path, var value])
        {
            return WriteAttributeCommand.Run(files, path, value, Console.Out);
        }

        var clock = TimeProvider.System;
        var processes = new LinuxProcessRunner(clock, Environment.ProcessPath ?? "/usr/lib/vgpups/vgpu-hook");
        var text = new HookText(Console.Out, Console.Error);
        var hostLock = new HostLockFile(files, clock, Environment.ProcessId);
        var ports = new HostPorts
        {
            Driver = new NvmlGpuDriver(new NativeNvmlApi()),
            Devices = new SysfsPciDevices(files, processes),
            Sriov = new SriovManage(files, processes, clock, () => hostLock.Held),
            Guests = new ProxmoxGuestHost(files, clock),
            Lock = hostLock,
            Claims = new ClaimStoreFile(files),
            Settings = new SettingsFile(files),
            Layout = new LayoutFile(files),
            Events = new EventLogFile(files, clock, text.Warn),
            Clock = clock,
            Warn = text.Warn,
        };
        using var stop = new CancellationTokenSource();
        using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                stop.Cancel();
            });
        var commands = new HookCommands(ports, processes, text, Environment.GetEnvironmentVariable("PVE_MIGRATED_FROM"));
        return await commands.RunAsync(arguments, stop.Token).ConfigureAwait(false);
    }
}
