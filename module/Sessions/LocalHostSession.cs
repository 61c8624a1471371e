using VgpuPS.Core.Proxmox;
using VgpuPS.Host;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Nvml;

namespace VgpuPS.Sessions;

/// <summary>The machine that PowerShell runs on, where that is a Proxmox host.</summary>
/// <param name="name">The session's name.</param>
/// <param name="proxmoxFolder">What only a Proxmox host has.</param>
internal sealed class LocalHostSession(string name, string proxmoxFolder = "/etc/pve") : IHostSession
{
    public string Name => name;

    public string Kind => "local";

    /// <summary>Whether this machine is a Proxmox host.</summary>
    public bool IsHost => OperatingSystem.IsLinux() && Directory.Exists(proxmoxFolder);

    public async Task<TResult> RunAsync<TRequest, TResult>(
        UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
        CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull
    {
        if (!IsHost)
        {
            throw new HostNotReadyException(
                ErrorIds.NotAProxmoxHost,
                $"no host session is open, and this machine ({Environment.MachineName}) is not a Proxmox host: "
                    + $"it has no {proxmoxFolder}",
                "connect a host: Connect-VgpuHost root@pve1; or rehearse on a simulated one: "
                    + "Connect-VgpuHost -Lab A30,A30",
                Environment.MachineName);
        }

        // The installed hook also executes writes that may block.
        var clock = TimeProvider.System;
        var host = HostWiring.Connect(
            new NativeNvmlApi(), new LinuxHostFiles(), new LinuxProcessRunner(clock, HookVolume.InstalledPath), clock,
            Environment.ProcessId, observer.Warn);
        return useCase.Show(
            await useCase.RunAsync(host, request, observer, cancellationToken).ConfigureAwait(false), name);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
