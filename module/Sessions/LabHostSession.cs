using System.Text;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using VgpuPS.Lab.Guests;
using VgpuPS.Lab.Machine;
using VgpuPS.LabHook;

namespace VgpuPS.Sessions;

/// <summary>A simulated host, in memory or in a file.</summary>
/// <param name="name">The session's name.</param>
/// <param name="node">The host.</param>
internal sealed class LabHostSession(string name, LabHostNode node) : IHostSession
{
    public string Name => name;

    public string Kind => "lab";

    /// <summary>The cluster that the host is a node of; null for none.</summary>
    public string? Cluster { get; init; }

    /// <summary>The host.</summary>
    public LabHost Host => node.Host;

    public async Task<TResult> RunAsync<TRequest, TResult>(
        UseCase<TRequest, TResult> useCase, TRequest request, ISessionObserver observer,
        CancellationToken cancellationToken)
        where TRequest : notnull
        where TResult : notnull =>
        useCase.Show(await node.RunAsync(
            useCase.Name, observer,
            host => useCase.RunAsync(host, request, observer, cancellationToken)).ConfigureAwait(false), name);

    /// <summary>The inside of a VM, to look at.</summary>
    /// <exception cref="ObjectNotFoundException">The lab has none for it.</exception>
    public LabGuest FindGuest(VmId vm) => Find(node.Host.State, vm);

    /// <summary>Changes the inside of a VM.</summary>
    /// <exception cref="ObjectNotFoundException">The lab has none for it.</exception>
    public void ChangeGuest(VmId vm, Action<LabGuest> change) => node.Host.Edit(state => change(Find(state, vm)));

    /// <summary>Makes sure that no VM of the host has a number.</summary>
    /// <exception cref="InvalidRequestException">One has.</exception>
    public void RequireFree(VmId vm)
    {
        // Numbers are a cluster's.
        var nodes = node.Host.Files.List("/etc/pve/nodes") ?? [];
        if (nodes.Any(n => node.Host.Files.GetInfo($"/etc/pve/nodes/{n}/qemu-server/{vm}.conf") is not null))
        {
            throw new InvalidRequestException(
                ErrorIds.VmExists, $"the simulated host has a VM {vm} already", "take another number: Get-VgpuVm",
                vm.ToString());
        }
    }

    /// <summary>Adds a VM with a Linux guest.</summary>
    public void AddVm(VmId vm, string vmName, int cores, int memoryMiB) =>
        node.Host.Edit(state => LabVms.Add(state, vm, vmName, cores, memoryMiB));

    /// <summary>Works while a program is the one that runs there, as over SSH the one that came along is.</summary>
    /// <param name="program">The program; null for the lab's own, which is brought only to a host that has
    /// none.</param>
    /// <param name="work">The work.</param>
    public async Task RunWithAsync(byte[]? program, Func<Task> work)
    {
        await node.Host.WaitAsync(node.UploadTime, CancellationToken.None).ConfigureAwait(false);
        if (program is null && node.Host.Files.GetInfo(HookVolume.InstalledPath) is not null)
        {
            await work().ConfigureAwait(false);
            return;
        }

        node.Host.Edit(state => LabVms.Stage(state, program ?? Encoding.ASCII.GetBytes(LabVms.HookMark)));
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            node.Host.Edit(state => LabVms.Stage(state, null));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static LabGuest Find(LabState state, VmId vm) =>
        state.Guests.Find(g => g.Vm == vm.Value) ?? throw new ObjectNotFoundException(
            ErrorIds.VmNotFound, $"the simulated host has no guest in VM {vm}",
            "use one that has a guest: 101, 102, 103, 104, or one of New-LabVm",
            vm.ToString());
}
