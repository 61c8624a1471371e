using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using VgpuPS.Host;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Proxmox;

namespace VgpuPS.LabHook;

/// <summary>What only a simulated host can do: Proxmox's own part of a VM's life.</summary>
public static class LabUseCases
{
    /// <summary>Starts a VM as Proxmox does, hook included.</summary>
    public static UseCase<LabVmRequest, LabVmResult> StartVm { get; } = Make(
        "startLabVm", (node, vm, token) => node.Proxmox.StartAsync(vm, null, token));

    /// <summary>Stops a VM as Proxmox does; once QEMU has gone, qmeventd runs <c>qm cleanup</c>.</summary>
    public static UseCase<LabVmRequest, LabVmResult> StopVm { get; } = Make(
        "stopLabVm", (node, vm, token) => node.Proxmox.EndAsync(vm, node.Proxmox.StopAsync, isGuest: false, token));

    /// <summary>All that a simulated host can do, the use cases of every host included.</summary>
    public static IReadOnlyList<UseCase> All { get; } = [.. HostUseCases.All, StartVm, StopVm];

    private static UseCase<LabVmRequest, LabVmResult> Make(
        string name, Func<LabHostNode, VmId, CancellationToken, Task<LabTaskResult>> task) => new(
        name, LabJsonContext.Default.LabVmRequest, LabJsonContext.Default.LabVmResult,
        (host, request, _, token) => RunAsync(host, new VmId(request.VmId), task, token));

    private static async Task<LabVmResult> RunAsync(
        HostPorts host, VmId vm, Func<LabHostNode, VmId, CancellationToken, Task<LabTaskResult>> task,
        CancellationToken cancellationToken)
    {
        var node = (host as LabPorts)?.Node ?? throw new InvalidRequestException(
            ErrorIds.NotALab, $"node {host.Proxmox.Node} is not a simulated host",
            $"start the VM with Proxmox itself: qm start {vm}", host.Proxmox.Node);
        var log = new List<string>();
        node.HookOutput = (text, error) =>
            log.AddRange((text + error).Split('\n', StringSplitOptions.RemoveEmptyEntries));
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

/// <summary>How what only a simulated host can do travels.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LabVmRequest))]
[JsonSerializable(typeof(LabVmResult))]
internal sealed partial class LabJsonContext : JsonSerializerContext;

/// <summary>Requests a task of Proxmox on a simulated host.</summary>
/// <param name="VmId">The VM.</param>
public sealed record LabVmRequest(int VmId);

/// <summary>How a task of Proxmox on a simulated host ended.</summary>
/// <param name="Error">Proxmox's text; null when the task was OK.</param>
/// <param name="Log">What hookscripts printed, line by line.</param>
public sealed record LabVmResult(string? Error, IReadOnlyList<string> Log);

/// <summary>A simulated host as use cases see it, and the host itself for those that only a simulated one can
/// run.</summary>
internal sealed record LabPorts : HostPorts
{
    /// <summary>Adds the host to its ports.</summary>
    [SetsRequiredMembers]
    public LabPorts(HostPorts ports, LabHostNode node)
        : base(ports) => Node = node;

    /// <summary>The simulated host.</summary>
    public LabHostNode Node { get; }
}
