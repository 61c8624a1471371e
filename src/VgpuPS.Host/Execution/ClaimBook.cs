using VgpuPS.Core.Claims;
using VgpuPS.Host.State;

namespace VgpuPS.Host.Execution;

/// <summary>The claims file while the host lock is held: every change is written at once, before hardware is
/// touched.</summary>
internal sealed class ClaimBook
{
    private readonly ClaimStoreFile _store;

    private ClaimBook(ClaimStoreFile store, ClaimFile file)
    {
        _store = store;
        File = file;
    }

    /// <summary>What the file says now.</summary>
    public ClaimFile File { get; private set; }

    /// <summary>
    /// Opens the file. A corrupt one is set aside: what lives is read from the host itself, and counts as foreign. One
    /// that the storage does not give may be right, and is no such case.
    /// </summary>
    public static ClaimBook Open(HostPorts host)
    {
        try
        {
            return new ClaimBook(host.Claims, host.Claims.Load());
        }
        catch (UnreadableDataException e) when (e.ErrorId == ErrorIds.UnreadableData)
        {
            var aside = host.Claims.SetAside();
            host.Warn($"{e.Message}; set aside as {aside}, and what is on the GPUs now is not managed by the hook");
            return new ClaimBook(host.Claims, ClaimFile.Empty);
        }
    }

    /// <summary>Whether the file is known to say what <see cref="File"/> says: no write of it has failed.</summary>
    public bool IsWritten { get; private set; } = true;

    /// <summary>Replaces all claims of a VM.</summary>
    public void Put(VmId vm, IEnumerable<VgpuClaim> claims) => Save(File with
    {
        Claims = [.. File.Claims.Where(c => c.Vm != vm).Concat(claims).OrderBy(c => c.Vm).ThenBy(c => c.Entry)],
    });

    /// <summary>
    /// Replaces all claims of a VM by where Proxmox put it; a function that it had from a VM that has ended is not that
    /// VM's any more.
    /// </summary>
    public void Move(VmId vm, IReadOnlyList<VgpuClaim> claims)
    {
        var taken = claims.Where(c => c.Reserved).Select(c => c.Function).OfType<PciAddress>().ToHashSet();
        Save(File with
        {
            Claims =
            [
                .. File.Claims.Where(c => c.Vm != vm)
                    .Select(c => c.Function is { } own && taken.Contains(own) ? c with { Function = null } : c)
                    .Concat(claims).OrderBy(c => c.Vm).ThenBy(c => c.Entry),
            ],
        });
    }

    /// <summary>Says of all claims of a VM that it runs.</summary>
    public void MarkLive(VmId vm) => Put(
        vm, [.. File.Claims.Where(c => c.Vm == vm).Select(c => c with { State = ClaimState.Live, HeldUntil = 0 })]);

    public void Drop(VmId vm)
    {
        if (File.Claims.Any(c => c.Vm == vm))
        {
            Put(vm, []);
        }
    }

    /// <summary>Adds a hook-managed instance, or replaces what is known of it.</summary>
    public void Put(ManagedInstance instance) => Save(File with
    {
        Instances = [.. Others(instance.Gpu, instance).Append(instance).OrderBy(i => i.Gpu).ThenBy(i => i.Placement)],
    });

    /// <summary>Forgets a hook-managed instance.</summary>
    public void Drop(ManagedInstance instance) => Save(File with { Instances = [.. Others(instance.Gpu, instance)] });

    /// <summary>Keeps the demand that was seen, to be written with the next change.</summary>
    public void KeepDemand(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> demand) =>
        File = File with { Demand = demand };

    private IEnumerable<ManagedInstance> Others(PciAddress gpu, ManagedInstance instance) =>
        File.Instances.Where(i => i.Gpu != gpu || i.Placement != instance.Placement);

    private void Save(ClaimFile file)
    {
        IsWritten = false;
        _store.Save(file);
        File = file;
        IsWritten = true;
    }
}
