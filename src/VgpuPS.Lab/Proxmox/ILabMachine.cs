using VgpuPS.Core.Guests;
using VgpuPS.Core.Pci;
using VgpuPS.Core.Vgpu;
using VgpuPS.Host.Seams;

namespace VgpuPS.Lab.Proxmox;

/// <summary>What the simulated Proxmox needs of the machine below it: kernel and files, driver, clock, QEMU.</summary>
public interface ILabMachine
{
    /// <summary>Kernel files and ordinary files.</summary>
    IHostFiles Files { get; }

    /// <summary>Wall clock; it moves only when told, see <see cref="WaitAsync"/>.</summary>
    TimeProvider Clock { get; }

    /// <summary>Lets simulated time pass; other work on the machine may go on meanwhile.</summary>
    Task WaitAsync(TimeSpan time, CancellationToken cancellationToken);

    /// <summary>Types that the driver lets be created on a physical function; null when NVML does not know it.</summary>
    IReadOnlyList<VgpuTypeId>? GetCreatableTypes(PciAddress physicalFunction);

    /// <summary>Starts QEMU with the devices of its command line; a pid file is the caller's work.</summary>
    /// <returns>The process id, or the exit code of a QEMU that gave up.</returns>
    LabQemuStart StartQemu(VmId vm, IReadOnlyList<string> arguments);

    /// <summary>Ends the QEMU of a VM, however it is asked.</summary>
    void EndQemu(VmId vm);

    /// <summary>Process id of the VM's live QEMU, or null.</summary>
    int? GetQemuPid(VmId vm);

    /// <summary>Runs a hookscript as Proxmox does: its arguments, its environment, its output captured.</summary>
    Task<LabHookResult> RunHookAsync(
        string path, VmId vm, string phase, string? migratedFrom, CancellationToken cancellationToken);
}
