using VgpuPS.Core.Errors;
using VgpuPS.Core.Guests;
using VgpuPS.Core.Ports;
using VgpuPS.Core.UseCases;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.LabHook;

/// <summary>What only a simulated host can be asked for: Proxmox's own part of a VM's life.</summary>
public static class LabUseCases
{
    /// <summary>Starts a VM as Proxmox does, hook included.</summary>
    public static UseCase<LabVmRequest, LabVmResult> StartVm { get; } = Make(
        "startLabVm", (node, vm, token) => node.Proxmox.StartAsync(vm, null, token));

    /// <summary>Stops a VM as Proxmox does; once QEMU has gone, qmeventd runs <c>qm cleanup</c>.</summary>
    public static UseCase<LabVmRequest, LabVmResult> StopVm { get; } = Make(
        "stopLabVm", (node, vm, token) => node.EndVmAsync(vm, node.Proxmox.StopAsync, isGuest: false, token));

    /// <summary>All that a simulated host can be asked for, the use cases of every host included.</summary>
    public static IReadOnlyList<UseCase> All { get; } = [.. HostUseCases.All, StartVm, StopVm];

    private static UseCase<LabVmRequest, LabVmResult> Make(
        string name, Func<LabNode, VmId, CancellationToken, Task<LabTaskResult>> task) => new(
        name, LabJsonContext.Default.LabVmRequest, LabJsonContext.Default.LabVmResult,
        (host, request, _, token) => RunAsync(host, new VmId(request.VmId), task, token));

    private static async Task<LabVmResult> RunAsync(
        HostPorts host, VmId vm, Func<LabNode, VmId, CancellationToken, Task<LabTaskResult>> task,
        CancellationToken cancellationToken)
    {
        var node = (host as LabPorts)?.Node ?? throw new InvalidRequestException(
            ErrorIds.InvalidRequest, $"node {host.Guests.Node} is no simulated host",
            $"Start the VM with Proxmox itself: qm start {vm}", host.Guests.Node);
        var log = new List<string>();
        node.HookOutput = (text, error) => log.AddRange((text + error).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        try
        {
            var result = await task(node, vm, cancellationToken).ConfigureAwait(false);
            return new LabVmResult(result.Error, log);
        }
        finally
        {
            node.HookOutput = null;
        }
    }
}
